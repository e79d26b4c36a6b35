package dev.hatch.conformance;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A query on a thread of its own, which is to end within a second once its connection is given back. */
final class RunningQuery {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Thread thread;
    private volatile @Nullable Long endedNanos;

    /** When somebody saw that it runs. */
    private volatile long seenNanos;

    private RunningQuery(Statement statement, String sql) {
        thread = new Thread(() -> run(statement, sql), "conformance-query");
        thread.setDaemon(true);
    }

    static RunningQuery start(Connection connection, String sql) throws SQLException {
        RunningQuery query = new RunningQuery(connection.createStatement(), sql);
        query.thread.start();
        // Until it surely runs: if it has not begun, it cannot run on.
        query.awaitEnd(300);
        return query;
    }

    private void run(Statement statement, String sql) {
        try {
            statement.execute(sql);
        } catch (SQLException e) {
            // As it should.
        }
        endedNanos = System.nanoTime();
    }

    private void awaitEnd(long millis) throws SQLException {
        try {
            thread.join(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted", e);
        }
        seenNanos = System.nanoTime();
    }

    String look() throws SQLException {
        long since = seenNanos;
        awaitEnd(TimeUnit.NANOSECONDS.toMillis(LIMIT_NANOS));
        Long ended = endedNanos;
        if (ended == null) {
            return "still runs";
        }
        return ended - since > LIMIT_NANOS ? "ran on" : "nothing runs";
    }
}
