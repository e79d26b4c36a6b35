package dev.hatch.pool.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

/**
 * A bounded pool of JDBC connections to one database.
 *
 * <p>A lease is a {@link Connection} whose {@code close()} gives the connection back; use try-with-resources. After it
 * the lease and the statements made from it throw an {@link SQLException} with SQLState {@code 08003}, and closing it
 * again does nothing. What the connection left open (a transaction, statements) does not reach the next caller.
 *
 * <p>On a database that no {@link ConnectionSource} serves, what was left uncommitted is rolled back, and what was set through
 * {@link Connection} is set back. JDBC cannot restore the rest of a session: variables, temporary tables, locks, roles and
 * whatever else was made by statements, nor always end a transaction that a statement began while auto-commit was on. Undo
 * these before {@code close()}, or {@link Connection#abort abort} the connection.
 *
 * <p>Thread-safe. A caller that finds a connection takes it without a lock; one that waits is not starved, by the rule of
 * {@link dev.hatch.pool.ResourcePool}.
 */
public interface ConnectionPool extends DataSource, AutoCloseable {

    /**
     * Opens the database and checks its health; fails rather than return a pool that cannot serve.
     *
     * @throws SQLException if no {@link ConnectionSource} or driver accepts the DSN, or the database cannot be reached
     *     within {@link ConnectionPoolConfig#connectionTimeout()}; nothing stays open then
     */
    static ConnectionPool create(ConnectionPoolConfig config) throws SQLException {
        return LeasingConnectionPool.open(config);
    }

    /**
     * Leases a connection, waiting at most {@link ConnectionPoolConfig#connectionTimeout()} for one.
     *
     * @throws java.sql.SQLTransientConnectionException if none became free in time; its message has the pool's counts,
     *     its cause is the last failure to connect, if there was one
     * @throws SQLException if the pool is closed (SQLState 08003) or the thread was interrupted; its interrupt status
     *     stays set
     */
    @Override
    Connection getConnection() throws SQLException;

    /** As {@link #getConnection()}, waiting at most {@code timeout}; zero means not at all. */
    Connection getConnection(Duration timeout) throws SQLException;

    /** A consistent snapshot of the counts. */
    ConnectionPoolStats stats();

    /** As {@link #healthCheck(Duration)}, within {@link ConnectionPoolConfig#connectionTimeout()}. */
    HealthCheck healthCheck();

    /**
     * Probes the database now, on a connection that is not in use, and returns within {@code timeout}. A pool whose
     * connections are all in use is {@link HealthStatus#DEGRADED}, which says nothing against the database.
     *
     * <p>There is one probe at a time. A check that is asked for while another's is out waits for the same answer; if
     * that one is overdue, it says so at once. A check of a closed pool says so, and is not recorded.
     */
    HealthCheck healthCheck(Duration timeout);

    /** As {@code close(Duration.ZERO)}. */
    @Override
    void close();

    /**
     * Refuses new callers, fails those that wait, waits up to {@code drain} for the leases that are out, then closes
     * the connections that are not in use and the database. A lease that is still out keeps working; its connection is
     * closed when it comes back. Closing again does nothing.
     */
    void close(Duration drain);
}
