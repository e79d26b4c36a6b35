package dev.hatch.pool.jdbc;

import dev.hatch.pool.LeaseInfo;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
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
     * @throws SQLException if the pool is closed (SQLState 08003); if the thread was interrupted, whose interrupt status stays
     *     set; or if all connections are held by threads that wait for another, as this one does (SQLState 40001, see
     *     {@link ConnectionPoolConfig.Builder#detectDeadlocks})
     */
    @Override
    Connection getConnection() throws SQLException;

    /** As {@link #getConnection()}, waiting at most {@code timeout}; zero means not at all. */
    Connection getConnection(Duration timeout) throws SQLException;

    /** The name given to the configuration. */
    String name();

    /** A consistent snapshot of the counts. */
    ConnectionPoolStats stats();

    /** The leases that are out, the longest first. Each is as it was when it was looked at. */
    List<LeaseInfo> leases();

    /**
     * Sets another {@linkplain ConnectionPoolConfig#maxOpenConnections bound}. If it is larger, those who wait are served at once. If it
     * is smaller, what is too much is closed: what is idle now, what is in use when it comes back.
     *
     * @throws IllegalArgumentException if it is less than 1 or {@link ConnectionPoolConfig#minIdleConnections()}
     */
    void resize(int maxOpenConnections);

    /**
     * Lends nothing from now on: callers wait, at most for their timeout, until {@link #resume}. What is out may be used and given back.
     * Nothing is connected meanwhile. A caller that was about to get a connection when this was called may still get it.
     */
    void suspend();

    /** Lends again. Does nothing if the pool is not suspended. */
    void resume();

    /**
     * Closes all connections that there are, for instance after a password or an address was changed: what is idle now, what is in use
     * when it comes back. Those who wait get new ones. What is just being given back may be lent once more, within a second.
     */
    void refresh();

    /**
     * {@linkplain #suspend Suspends} the pool, waits for leases at most {@code deadline}, then cancels what they run, once a second
     * until they come back, when their connections are closed. Ends when the pool is {@linkplain #resume resumed}. An interrupt is the
     * deadline, and stays set.
     *
     * @return the connections that were still out at the deadline
     */
    List<String> drain(Duration deadline);

    /** Has one more listener told what the pool does, beside that of the configuration, until it is {@link #removeListener removed}. */
    void addListener(ConnectionPoolListener listener);

    /** Does nothing if it was not added. */
    void removeListener(ConnectionPoolListener listener);

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
