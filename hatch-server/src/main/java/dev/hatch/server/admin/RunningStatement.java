package dev.hatch.server.admin;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Something that a client has had begun and that is not over.
 *
 * @param kind what it is, such as a query or an update
 * @param sql the statement; null where the client sent none
 * @param peer the client's address; null if it is not known
 * @param thread the name of the thread that works for it; null before it has asked for a connection
 * @param age how long ago it began
 * @param waiting whether it waits for a connection
 */
public record RunningStatement(
        String kind,
        @Nullable String sql,
        @Nullable String peer,
        @Nullable String thread,
        Duration age,
        boolean waiting) {}
