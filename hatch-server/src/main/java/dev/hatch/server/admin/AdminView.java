package dev.hatch.server.admin;

import dev.hatch.arrow.RecordBuilderPool;
import dev.hatch.pool.jdbc.ConnectionPool;
import java.util.List;
import java.util.Optional;

/** What the admin address shows of a server. Asked from its threads while the server starts, works and is closed. */
public interface AdminView {
    /** Where a server is in its life. */
    enum Phase {
        /** The database is open; nobody is served yet. */
        STARTING,
        /** Calls are taken. */
        LISTENING,
        /** No new calls are taken. Those under way may end. */
        CLOSING
    }

    /** Hatch's own version. */
    String version();

    Phase phase();

    /** Where clients reach the server; empty before it listens. */
    Optional<String> uri();

    ConnectionPool pool();

    RecordBuilderPool builders();

    /** What clients have had begun and is not over, the oldest first. */
    List<RunningStatement> running();

    /** Arrow memory that is allocated now, that of the builders included. */
    long arrowBytes();

    /** The most that was. */
    long arrowPeakBytes();
}
