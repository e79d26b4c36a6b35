package dev.hatch.pool.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Statements without the ceremony, to be extended by classes that know their tables: each method leases a connection, runs one
 * statement and gives the connection back, whatever happens. Arguments are bound by {@link PreparedStatement#setObject}.
 *
 * <p>Thread-safe, since it has no state but the pool. On a pool whose connections do not commit by themselves each statement is
 * committed.
 */
public class ConnectionWrapper {
    private final ConnectionPool pool;

    protected ConnectionWrapper(ConnectionPool pool) {
        this.pool = Objects.requireNonNull(pool, "pool");
    }

    /**
     * Executes a statement.
     *
     * @return how many rows it changed; 0 if it does not say
     */
    public long execute(String sql, @Nullable Object... args) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            return execute(connection, sql, args);
        }
    }

    /** Runs a query; the values of its rows, in their order. */
    public <T extends @Nullable Object> List<T> query(String sql, RowMapper<T> mapper, @Nullable Object... args)
            throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = prepare(connection, sql, args);
                ResultSet rows = statement.executeQuery()) {
            List<T> values = new ArrayList<>();
            while (rows.next()) {
                values.add(mapper.map(rows));
            }
            return values;
        }
    }

    /**
     * As {@link #execute}, tried again on another connection as the policy says. Never for a statement within a transaction,
     * so not on a pool whose connections do not commit by themselves.
     *
     * @throws SQLException the last failure; the earlier ones are its suppressed ones
     */
    public long executeWithRetry(RetryPolicy policy, String sql, @Nullable Object... args) throws SQLException {
        long start = System.nanoTime();
        long deadline = policy.deadline().toNanos();
        List<SQLException> failures = new ArrayList<>();
        while (true) {
            boolean sent = false;
            boolean retries = true;
            long left = deadline - (System.nanoTime() - start);
            try (Connection connection = pool.getConnection(Duration.ofNanos(Math.max(0, left)))) {
                if (!failures.isEmpty()) {
                    requireValid(connection);
                }
                retries = connection.getAutoCommit();
                sent = true;
                return execute(connection, sql, args);
            } catch (SQLException e) {
                long pause = policy.pauseNanos(failures.size() + 1);
                left = deadline - (System.nanoTime() - start);
                if (!retries || !policy.triesAgain(e, sent) || pause >= left) {
                    failures.forEach(e::addSuppressed);
                    throw e;
                }
                failures.add(e);
                sleep(pause, e);
            }
        }
    }

    /** A try that follows a failure is not spent on a connection that was lost as well. */
    private static void requireValid(Connection connection) throws SQLException {
        if (!connection.isValid(1)) {
            connection.abort(Runnable::run);
            throw new SQLTransientConnectionException("the next connection is not valid either", "08006");
        }
    }

    private static void sleep(long nanos, SQLException failure) throws SQLException {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure.addSuppressed(e);
            throw failure;
        }
    }

    private static long execute(Connection connection, String sql, @Nullable Object[] args) throws SQLException {
        try (PreparedStatement statement = prepare(connection, sql, args)) {
            statement.execute();
            long count = Math.max(0, statement.getLargeUpdateCount());
            if (!connection.getAutoCommit()) {
                connection.commit();
            }
            return count;
        }
    }

    @SuppressWarnings("NullAway") // Drivers take null for NULL.
    private static PreparedStatement prepare(Connection connection, String sql, @Nullable Object[] args)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        try {
            for (int i = 0; i < args.length; i++) {
                statement.setObject(i + 1, args[i]);
            }
            return statement;
        } catch (Throwable e) {
            try (statement) {
                throw e;
            }
        }
    }
}
