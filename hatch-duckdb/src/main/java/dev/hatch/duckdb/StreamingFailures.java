package dev.hatch.duckdb;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Finds out why a streaming query failed. If it fails before its first row is there, the driver (2.0.0.1) loses
 * DuckDB's message and says "Invalid result set"; failures later in the stream are not affected. The message is nowhere
 * else: neither on the statement, which the driver closes, nor on the connection, nor in DuckDB's log.
 */
public final class StreamingFailures {
    private static final String LOST = "Invalid result set";
    private static final String READ_ONLY = "launched in read-only mode";
    private static final List<String> QUERIES = List.of("select", "from", "values", "with");

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
     * Runs a query once more, not streaming, and returns how that fails. Only a text that begins with SELECT, FROM,
     * VALUES or WITH is run, and only in a read-only transaction, in which DuckDB refuses all that writes to a database:
     * a WITH … INSERT, and {@code nextval} even within a macro or a view.
     *
     * @param connection the one that the query failed on, which must be in auto-commit mode; it stops streaming
     * @param bound how long the second run may take; rounded up to whole seconds
     * @return DuckDB's own failure; one that says that the reason is unknown if the query may not be run again, or did
     *     not fail the second time, or took too long
     */
    public static SQLException reason(
            Connection connection, String sql, Binder binder, Duration bound, SQLException failure) {
        if (!QUERIES.contains(firstWord(sql))) {
            return unknown(failure);
        }
        try {
            execute(connection, "SET jdbc_stream_results = false");
            execute(connection, "BEGIN TRANSACTION READ ONLY");
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                binder.bind(statement);
                statement.setQueryTimeout(
                        (int) Math.max(1, bound.plusMillis(999).toSeconds()));
                statement.execute();
            } finally {
                execute(connection, "ROLLBACK");
            }
            return unknown(failure);
        } catch (SQLException e) {
            String message = e.getMessage() == null ? "" : e.getMessage();
            boolean saysNothing = message.startsWith("INTERRUPT") || message.contains(READ_ONLY);
            return saysNothing ? unknown(failure) : e;
        }
    }

    /** For a query that must not be run again: it says that the driver did not say why. */
    public static SQLException unknown(SQLException failure) {
        return new SQLException(
                failure.getMessage()
                        + " (DuckDB's driver did not say why the query failed; run it with EXPLAIN ANALYZE or in the"
                        + " duckdb shell to see the reason)",
                failure);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** After spaces, parentheses, semicolons and comments; a nested comment yields none of {@link #QUERIES}. */
    private static String firstWord(String sql) {
        int at = 0;
        while (at < sql.length() && !Character.isLetter(sql.charAt(at))) {
            int end = -1;
            if (sql.startsWith("--", at)) {
                end = sql.indexOf('\n', at);
            } else if (sql.startsWith("/*", at)) {
                end = sql.indexOf("*/", at) + 1;
            } else if ("(; \t\r\n".indexOf(sql.charAt(at)) >= 0) {
                end = at;
            }
            if (end < at) {
                return "";
            }
            at = end + 1;
        }
        int end = at;
        while (end < sql.length() && Character.isLetter(sql.charAt(end))) {
            end++;
        }
        return sql.substring(at, end).toLowerCase(Locale.ROOT);
    }
}
