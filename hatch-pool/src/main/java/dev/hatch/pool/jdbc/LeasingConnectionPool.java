package dev.hatch.pool.jdbc;

import dev.hatch.pool.AcquireDeadlockException;
import dev.hatch.pool.AcquireException;
import dev.hatch.pool.AcquireRefusedException;
import dev.hatch.pool.AcquireTimeoutException;
import dev.hatch.pool.CloseReport;
import dev.hatch.pool.DestroyReason;
import dev.hatch.pool.LeaseInfo;
import dev.hatch.pool.PoolClosedException;
import dev.hatch.pool.PoolStats;
import dev.hatch.pool.ResourcePool;
import dev.hatch.pool.jdbc.ConnectionSource.Database;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The pool behind {@link ConnectionPool}: a {@link ResourcePool} of {@link PhysicalConnection}s, whose leases are
 * {@link PooledConnection}s, and {@link HealthChecks} beside it. What is not JDBC is the engine's.
 */
final class LeasingConnectionPool implements ConnectionPool {
    /** SQLState: the connection does not exist. */
    static final String CLOSED = "08003";

    /** SQLState: the client could not establish a connection. */
    private static final String NOT_CONNECTED = "08001";

    /** SQLState: the establishment of a connection was rejected. */
    private static final String REFUSED = "08004";

    /** SQLState of ODBC and others: the operation was cancelled. */
    private static final String CANCELLED = "HY008";

    /** SQLState: a transaction was rolled back because of a deadlock. Rolled back it is when its connection is closed. */
    private static final String DEADLOCK = "40001";

    static final Duration VALIDATION_LIMIT = Duration.ofSeconds(5);

    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(ConnectionPool.class);

    private final ConnectionPoolConfig config;
    private final Database database;
    private final ResourcePool<PhysicalConnection, PooledConnection> engine;
    private final Events events;
    private final HealthChecks health;
    private final ScheduledThreadPoolExecutor checks;
    private final @Nullable PoolMBean jmx;
    private boolean closed;

    LeasingConnectionPool(ConnectionPoolConfig config, Database database) {
        this.config = config;
        this.database = database;
        events = new Events(config);
        jmx = config.jmx() ? new PoolMBean(this) : null;
        ConnectionLifecycle lifecycle = new ConnectionLifecycle(config, database);
        engine = ResourcePool.builder(lifecycle, PooledConnection::new)
                .name(config.name())
                .maxSize(config.maxOpenConnections())
                .minIdle(config.minIdleConnections())
                .maxIdle(Math.max(config.maxIdleConnections(), config.minIdleConnections()))
                .surplusAfter(config.maxIdleSurplusTime())
                .maxLifetime(config.connMaxLifetime())
                .maxIdleTime(config.connMaxIdleTime())
                .acquireTimeout(config.connectionTimeout())
                .validateEvery(config.healthCheckPeriod())
                .validateLimit(VALIDATION_LIMIT)
                .maxWaiters(config.maxWaiters())
                .tracking(config.leaseTracking())
                .heldLongAfter(config.heldLongAfter())
                .detectDeadlocks(config.detectDeadlocks())
                .listener(events)
                .build();
        health = new HealthChecks(config, engine, lifecycle, events);
        events.checks = health;
        checks = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(null, task, "hatch-" + config.name() + "-health", 0, false);
            thread.setDaemon(true);
            return thread;
        });
        checks.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    static LeasingConnectionPool open(ConnectionPoolConfig config) throws SQLException {
        long start = System.nanoTime();
        ConnectionSource given = config.source();
        Database database = openInTime(given != null ? given : ConnectionSources.find(config.dsn()), config);
        LeasingConnectionPool pool;
        try {
            requireResetPolicy(config, database);
            pool = new LeasingConnectionPool(config, database);
        } catch (Throwable e) {
            closeQuietly(database, config);
            throw e;
        }
        try {
            if (!config.startWhileDown()) {
                pool.requireHealthy(config.connectionTimeout().minusNanos(System.nanoTime() - start));
            }
            if (pool.jmx != null) {
                pool.jmx.register();
            }
            pool.events.open();
            pool.startChecks();
        } catch (Throwable e) {
            pool.close();
            throw e;
        }
        return pool;
    }

    private static void requireResetPolicy(ConnectionPoolConfig config, Database database) {
        if (config.resetPolicy() == ResetPolicy.STATEMENT && database.resetPolicy() != ResetPolicy.STATEMENT) {
            throw new IllegalArgumentException(
                    "Pool '" + config.name() + "': resetPolicy is STATEMENT; this database has no"
                            + " statement that resets a session: it must be REPLACE or ATTRIBUTES");
        }
    }

    /** On a thread of its own, for it may hang. Whoever completes {@code opened} first says what becomes of it. */
    private static Database openInTime(ConnectionSource source, ConnectionPoolConfig config) throws SQLException {
        CompletableFuture<Database> opened = new CompletableFuture<>();
        Runnable task = () -> {
            try {
                Database database = source.open(config);
                if (!opened.complete(database)) {
                    closeQuietly(database, config);
                }
            } catch (Throwable e) {
                opened.completeExceptionally(e);
            }
        };
        Thread thread = new Thread(null, task, "hatch-" + config.name() + "-open", 0, false);
        thread.setDaemon(true);
        thread.start();
        SQLException gaveUp;
        try {
            return opened.get(config.connectionTimeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            Throwable cause = Secrets.masked(Objects.requireNonNull(e.getCause()), Secrets::mask);
            if (cause instanceof SQLException failure) {
                throw failure;
            }
            throw new SQLNonTransientConnectionException(
                    "Pool '" + config.name() + "': the database cannot be opened: " + Secrets.firstLine(cause),
                    NOT_CONNECTED,
                    cause);
        } catch (TimeoutException e) {
            long millis = config.connectionTimeout().toMillis();
            gaveUp = new SQLTransientConnectionException(
                    "Pool '" + config.name() + "': the database did not open within " + millis + " ms", NOT_CONNECTED);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            gaveUp = new SQLException(
                    "Pool '" + config.name() + "': interrupted while the database was being opened", CANCELLED, e);
        }
        if (!opened.completeExceptionally(gaveUp) && !opened.isCompletedExceptionally()) {
            closeQuietly(opened.join(), config);
        }
        throw gaveUp;
    }

    private static void closeQuietly(Database database, ConnectionPoolConfig config) {
        try {
            database.close();
        } catch (Throwable e) {
            LOG.warn("Pool '{}': closing the database failed", config.name(), Secrets.masked(e, Secrets::mask));
        }
    }

    private void requireHealthy(Duration timeout) throws SQLException {
        HealthCheck check = health.check(timeout);
        if (check.status() != HealthStatus.HEALTHY) {
            throw new SQLNonTransientConnectionException(
                    "Pool '" + config.name() + "': the database cannot be reached: " + check.message(),
                    NOT_CONNECTED,
                    health.lastFailure());
        }
    }

    private void startChecks() {
        long period = config.healthCheckPeriod().toNanos();
        Runnable check = () -> {
            try {
                health.check(config.connectionTimeout());
            } catch (Throwable e) {
                // Would be the last check if it went on.
                LOG.error("Pool '{}': a health check failed; they go on", config.name(), e);
            }
        };
        var unused = checks.scheduleWithFixedDelay(check, period, period, TimeUnit.NANOSECONDS);
    }

    @Override
    public Connection getConnection() throws SQLException {
        try {
            return engine.acquire();
        } catch (AcquireException | InterruptedException e) {
            throw notLent(e);
        }
    }

    @Override
    public Connection getConnection(Duration timeout) throws SQLException {
        try {
            return engine.acquire(timeout);
        } catch (AcquireException | InterruptedException e) {
            throw notLent(e);
        }
    }

    private SQLException notLent(Exception e) {
        if (e instanceof InterruptedException) {
            return new SQLException(
                    "Pool '" + config.name() + "': interrupted while waiting for a connection", CANCELLED, e);
        }
        if (e instanceof PoolClosedException) {
            return new SQLNonTransientConnectionException(e.getMessage(), CLOSED);
        }
        if (e instanceof AcquireRefusedException refused) {
            return new SQLTransientConnectionException(
                    "Pool '" + config.name() + "' refused a caller: " + config.maxWaiters()
                            + " are waiting, which is its maxWaiters; " + counts(refused.stats()),
                    REFUSED);
        }
        if (e instanceof AcquireDeadlockException) {
            return new SQLTransientConnectionException(e.getMessage(), DEADLOCK, e);
        }
        if (e instanceof AcquireTimeoutException late) {
            Throwable failure = late.getCause();
            return new SQLTransientConnectionException(
                    "Pool '" + config.name() + "' had no connection within "
                            + late.waited().toMillis() + " ms: " + counts(late.stats())
                            + (failure != null
                                    ? ". The last attempt to connect failed: " + Secrets.firstLine(failure)
                                    : late.stats().suspended()
                                            ? ". It is suspended"
                                            : ". Is a connection not closed, or maxOpenConnections too low?"),
                    NOT_CONNECTED,
                    failure);
        }
        return new SQLException(e);
    }

    private String counts(PoolStats stats) {
        return "open " + (stats.open() + stats.creating()) + " of " + stats.maxSize() + ", in use " + stats.leased()
                + ", idle " + stats.idle() + ", waiting " + stats.waiting();
    }

    @Override
    public ConnectionPoolStats stats() {
        PoolStats stats = engine.stats();
        Map<DestroyReason, Long> destroyed = stats.destroyedBy();
        HealthCheck check = health.last();
        return new ConnectionPoolStats(
                stats.open() + stats.creating(),
                stats.leased(),
                stats.idle(),
                stats.waits(),
                stats.waitTime(),
                destroyed.getOrDefault(DestroyReason.SURPLUS, 0L),
                destroyed.getOrDefault(DestroyReason.LIFETIME, 0L),
                check.instant(),
                check.status(),
                stats.waiting(),
                destroyed.getOrDefault(DestroyReason.IDLE_TIME, 0L),
                stats.created(),
                stats.destroyed() + stats.setAside(),
                stats.maxSize(),
                config.maxIdleConnections(),
                config.minIdleConnections(),
                stats.timeouts(),
                stats.refusals(),
                stats.deadlocks(),
                stats.failedCreations(),
                destroyed,
                stats.suspended());
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public List<LeaseInfo> leases() {
        return engine.leases();
    }

    @Override
    public void resize(int maxOpenConnections) {
        engine.resize(maxOpenConnections);
    }

    @Override
    public void suspend() {
        engine.suspend();
    }

    @Override
    public void resume() {
        engine.resume();
    }

    @Override
    public void refresh() {
        engine.refresh();
    }

    @Override
    public List<String> drain(Duration deadline) {
        return engine.drain(deadline);
    }

    @Override
    public void addListener(ConnectionPoolListener listener) {
        events.add(listener);
    }

    @Override
    public void removeListener(ConnectionPoolListener listener) {
        events.remove(listener);
    }

    @Override
    public HealthCheck healthCheck() {
        return healthCheck(config.connectionTimeout());
    }

    @Override
    public HealthCheck healthCheck(Duration timeout) {
        return health.check(timeout);
    }

    @Override
    public void close() {
        close(Duration.ZERO);
    }

    @Override
    public void close(Duration drain) {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        if (jmx != null) {
            jmx.unregister();
        }
        checks.shutdownNow();
        health.close();
        CloseReport report = engine.close(drain);
        if (!report.isClean()) {
            LOG.warn("Pool '{}' was closed with {}", config.name(), report);
        }
        closeQuietly(database, config);
    }

    static long toNanos(Duration duration) {
        return duration.compareTo(ConnectionPoolConfig.LONGEST) > 0
                ? ConnectionPoolConfig.LONGEST.toNanos()
                : Math.max(0, duration.toNanos());
    }

    // The rest of DataSource.

    @Override
    public Connection getConnection(String username, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException(
                "Pool '" + config.name() + "' connects as one user; make a pool for each user");
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(PrintWriter out) throws SQLException {
        throw new SQLFeatureNotSupportedException("Hatch logs through SLF4J");
    }

    @Override
    public void setLoginTimeout(int seconds) throws SQLException {
        throw new SQLFeatureNotSupportedException("set connectionTimeout in ConnectionPoolConfig");
    }

    @Override
    public int getLoginTimeout() {
        return (int) Math.min(Integer.MAX_VALUE, config.connectionTimeout().toSeconds());
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("Hatch logs through SLF4J");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        throw new SQLException("Pool '" + config.name() + "' is not a " + type.getName());
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return type.isInstance(this);
    }
}
