package dev.hatch.duckdb;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * Finds out why a streaming query failed. If it fails before its first row is there, the driver (2.0.0.1) loses
 * DuckDB's message and says "Invalid result set"; statements that change rows are not affected, nor are failures later
 * in the stream.
 */
public final class StreamingFailures {
    private static final String LOST = "Invalid result set";

    private StreamingFailures() {}

    /** Sets the parameters of a statement. */
    public interface Binder {
        void bind(PreparedStatement statement) throws SQLException;
    }

    /** Whether {@code failure} is one of those that say nothing. */
    public static boolean isMessageLost(Throwable failure) {
        String message = failure.getMessage();
        return message != null && message.contains(LOST);
    }

    /**
     * Runs the query once more, not streaming, in a transaction that is rolled back, and returns how that fails. Since
     * only queries lose their message, nothing is changed twice, unless the query calls a function that changes
     * something itself, such as {@code nextval}.
     *
     * @param connection the one that the query failed on, which must have been in auto-commit mode; it stops streaming
     * @param bound how long the second run may take; rounded up to whole seconds
     * @return DuckDB's own failure, or {@code failure} if the second run did not fail or took too long
     */
    public static SQLException reason(
            Connection connection, String sql, Binder binder, Duration bound, SQLException failure) {
        try {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET jdbc_stream_results = false");
            }
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                binder.bind(statement);
                statement.setQueryTimeout(
                        (int) Math.max(1, bound.plusMillis(999).toSeconds()));
                statement.execute();
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
            return failure;
        } catch (SQLException e) {
            boolean interrupted = e.getMessage() != null && e.getMessage().startsWith("INTERRUPT");
            return interrupted ? failure : e;
        }
    }
}
