package dev.hatch.conformance;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * What came of leaving one {@link Trace} on the one connection of a pool.
 *
 * @param outcome in a word
 * @param detail what the first user saw and the next, or why it cannot be left
 */
public record Finding(Outcome outcome, String detail) {
    /** What can come of it. */
    public enum Outcome {
        /** The next user sees what the first saw before. */
        FORGOTTEN,
        /** The next user sees something else. */
        HANDED_ON,
        /** The database, its driver or the pool does not let anybody leave it. */
        NOT_POSSIBLE
    }

    /** Looks, leaves the trace, gives the connection back, takes it again and looks. */
    public static Finding of(DataSource pool, Trace trace) throws SQLException {
        String pristine = look(pool, trace);
        try (Connection connection = pool.getConnection()) {
            String before = trace.seen(connection);
            try {
                trace.leave().on(connection);
            } catch (SQLException | LinkageError e) {
                return new Finding(Outcome.NOT_POSSIBLE, "it cannot be left: " + e.getMessage());
            }
            if (trace.seen(connection).equals(before)) {
                return new Finding(Outcome.NOT_POSSIBLE, "it has no effect");
            }
        }
        String seen = look(pool, trace);
        return new Finding(
                seen.equals(pristine) ? Outcome.FORGOTTEN : Outcome.HANDED_ON,
                "before: " + pristine + ", the next user: " + seen);
    }

    static String look(DataSource pool, Trace trace) {
        try (Connection connection = pool.getConnection()) {
            return trace.seen(connection);
        } catch (SQLException e) {
            return "no connection: " + e.getMessage();
        }
    }
}
