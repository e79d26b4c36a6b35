package dev.hatch.server;

import java.util.Locale;

/** What a {@link User} may do. */
public enum Role {
    /** Reading only. */
    READ_ONLY,
    /** Reading and changing. */
    READ_WRITE;

    /** As it is written for people: {@code read-only} or {@code read-write}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
