package dev.hatch.pool.jdbc;

import dev.hatch.pool.jdbc.ConnectionSource.Database;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The pool behind {@link ConnectionPool}: one lock, a stack of idle entries and a first-come-first-served queue.
 *
 * <p>An entry is CONNECTING, IDLE, LEASED or gone; {@code open} counts the first three and is raised before a connect
 * begins, so that it never passes the bound. Callers never connect: they queue, and a connecting thread hands its
 * result to the head of the queue, so a connect that hangs delays nobody past his deadline. INVARIANT, whenever the
 * lock is free: {@code created = idle.size() + inUse + destroyed}, and nobody waits while an entry is idle.
 */
final class BlockingConnectionPool implements ConnectionPool {
    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(ConnectionPool.class);
    private static final long RETRY_MILLIS = 100;
    private static final long HOUSEKEEPING_MILLIS = 1_000;

    private final ConnectionPoolConfig config;
    private final Database database;
    private final LongSupplier clock;
    private final ExecutorService connectors;
    private final ScheduledThreadPoolExecutor housekeeper;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition leaseReturned = lock.newCondition();

    // All guarded by lock. Most recently used first in idle, longest waiting first in waiters.
    private final Deque<Entry> idle = new ArrayDeque<>();
    private final Deque<Waiter> waiters = new ArrayDeque<>();
    private int connecting;
    private int inUse;
    private boolean closed;
    private long surplusSinceNanos;
    private boolean surplus;
    private long waitCount;
    private long waitNanos;
    private long maxIdleClosed;
    private long maxIdleTimeClosed;
    private long maxLifetimeClosed;
    private long created;
    private long destroyed;
    private @Nullable Throwable lastFailure;
    private HealthCheck lastHealthCheck;
    /** The check under way, if any: there is never a second, so that a database that hangs holds one place by it. */
    private @Nullable Probe probing;

    static ConnectionPool open(ConnectionPoolConfig config) throws SQLException {
        long start = System.nanoTime();
        ConnectionSource given = config.source();
        Database database = openInTime(given != null ? given : ConnectionSources.find(config.dsn()), config);
        BlockingConnectionPool pool;
        try {
            pool = new BlockingConnectionPool(config, database, System::nanoTime);
        } catch (Throwable t) {
            closeQuietly(database, config);
            throw t;
        }
        HealthCheck check;
        try {
            check = pool.healthCheck(config.connectionTimeout().minusNanos(System.nanoTime() - start));
        } catch (Throwable t) {
            pool.close();
            throw t;
        }
        if (check.status() != HealthStatus.HEALTHY) {
            Throwable cause = pool.lastFailure();
            pool.close();
            throw new SQLNonTransientConnectionException(
                    "pool " + config.name() + ": the database cannot be reached: " + check.message(), "08001", cause);
        }
        pool.startHousekeeping();
        return pool;
    }

    /** On a thread of its own, for it may hang. Whoever completes {@code opened} first says what becomes of it. */
    private static Database openInTime(ConnectionSource source, ConnectionPoolConfig config) throws SQLException {
        CompletableFuture<Database> opened = new CompletableFuture<>();
        threads(config, "open")
                .newThread(() -> {
                    try {
                        Database database = source.open(config);
                        if (!opened.complete(database)) {
                            closeQuietly(database, config);
                        }
                    } catch (Throwable t) {
                        opened.completeExceptionally(t);
                    }
                })
                .start();
        SQLException gaveUp;
        try {
            return opened.get(config.connectionTimeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException failure) {
                throw failure;
            }
            throw new SQLNonTransientConnectionException(
                    "pool " + config.name() + ": the database cannot be opened: " + firstLine(e.getCause()),
                    "08001",
                    e.getCause());
        } catch (TimeoutException e) {
            long millis = config.connectionTimeout().toMillis();
            gaveUp = new SQLTransientConnectionException(
                    "pool " + config.name() + ": the database did not open within " + millis + " ms", "08001");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            gaveUp = new SQLException(
                    "pool " + config.name() + ": interrupted while the database was being opened", "HY008", e);
        }
        if (!opened.completeExceptionally(gaveUp) && !opened.isCompletedExceptionally()) {
            closeQuietly(opened.join(), config);
        }
        throw gaveUp;
    }

    private static void closeQuietly(Database database, ConnectionPoolConfig config) {
        try {
            database.close();
        } catch (Throwable t) {
            LOG.warn("pool {}: closing the database failed", config.name(), t);
        }
    }

    BlockingConnectionPool(ConnectionPoolConfig config, Database database, LongSupplier clock) {
        this(config, database, clock, Executors.newCachedThreadPool(threads(config, "connect")));
    }

    /** {@code connectors} runs what may hang, each task on a thread of its own; the pool shuts it down. */
    BlockingConnectionPool(
            ConnectionPoolConfig config, Database database, LongSupplier clock, ExecutorService connectors) {
        this.config = config;
        this.database = database;
        this.clock = clock;
        lastHealthCheck = new HealthCheck(HealthStatus.UNKNOWN, Instant.EPOCH, Duration.ZERO, "not checked yet");
        this.connectors = connectors;
        housekeeper = new ScheduledThreadPoolExecutor(1, threads(config, "housekeeping"));
        housekeeper.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        // Its thread exists from the start, so that a retry never fails for want of one.
        housekeeper.prestartCoreThread();
    }

    private static ThreadFactory threads(ConnectionPoolConfig config, String duty) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, config.name() + "-" + duty + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    void startHousekeeping() {
        every(TimeUnit.MILLISECONDS.toNanos(HOUSEKEEPING_MILLIS), this::housekeep);
        // On a connecting thread: a probe that hangs must not hold up the housekeeping.
        every(config.healthCheckPeriod().toNanos(), () -> connectors.execute(this::healthCheck));
    }

    private void every(long nanos, Runnable task) {
        Runnable again = () -> {
            try {
                task.run();
            } catch (Throwable t) {
                // Would be the task's last run if it went on.
                if (!isClosed()) {
                    LOG.error("pool {}: the housekeeping failed; it goes on", config.name(), t);
                }
            }
        };
        ScheduledFuture<?> unused = housekeeper.scheduleWithFixedDelay(again, nanos, nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public Connection getConnection() throws SQLException {
        return getConnection(config.connectionTimeout());
    }

    @Override
    public Connection getConnection(Duration timeout) throws SQLException {
        Entry entry = acquire(timeout);
        try {
            return ConnectionLease.of(this, entry);
        } catch (Throwable t) {
            release(entry, true);
            throw t;
        }
    }

    private Entry acquire(Duration timeout) throws SQLException {
        long start = clock.getAsLong();
        long timeoutNanos = saturatedNanos(timeout);
        lock.lock();
        try {
            if (closed) {
                throw closedException();
            }
            Entry entry = idle.pollFirst();
            if (entry != null) {
                inUse++;
                return entry;
            }
            Waiter waiter = new Waiter(lock.newCondition());
            waiters.addLast(waiter);
            try {
                if (timeoutNanos > 0) {
                    waitCount++;
                    connectIfRoom();
                }
                long remaining = timeoutNanos;
                while (waiter.entry == null && !closed && remaining > 0) {
                    remaining = waiter.ready.awaitNanos(remaining);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                if (waiter.entry == null) {
                    throw new SQLException(
                            "pool " + config.name() + ": interrupted while waiting for a connection", "HY008", e);
                }
            } finally {
                if (waiter.entry == null) {
                    waiters.remove(waiter);
                }
                waitNanos += clock.getAsLong() - start;
            }
            if (waiter.entry != null) {
                return waiter.entry;
            }
            throw closed ? closedException() : timeoutException(clock.getAsLong() - start);
        } finally {
            lock.unlock();
        }
    }

    /** Called by a lease, once. {@code broken}: the connection must not be lent again. */
    @SuppressWarnings("ReferenceEquality") // Whether the reset gave back the very same connection.
    void release(Entry entry, boolean broken) {
        boolean tooOld = clock.getAsLong() - entry.connectedNanos
                >= config.connMaxLifetime().toNanos();
        @Nullable Connection renewed = broken || tooOld || isClosed() ? null : reset(entry.connection);
        Entry next = entry;
        if (renewed != entry.connection) {
            closeQuietly(entry.connection);
            next = renewed == null ? null : new Entry(renewed, clock.getAsLong());
        }
        lock.lock();
        try {
            inUse--;
            if (next != entry) {
                destroyed++;
                maxLifetimeClosed += tooOld ? 1 : 0;
                created += next == null ? 0 : 1;
            }
            leaseReturned.signalAll();
            if (next != null) {
                next = offer(next);
            } else {
                connectIfRoom();
            }
        } finally {
            lock.unlock();
        }
        if (next != null) {
            closeQuietly(next.connection);
        }
    }

    private @Nullable Connection reset(Connection used) {
        try {
            return database.reset(used);
        } catch (SQLException | RuntimeException e) {
            LOG.debug("pool {}: a returned connection could not be reset and is replaced", config.name(), e);
            return null;
        } catch (Throwable t) {
            LOG.warn("pool {}: a returned connection could not be reset and is replaced", config.name(), t);
            return null;
        }
    }

    /** Gives a ready entry to the head of the queue or to the idle ones; returns it if it is to be closed instead. */
    private @Nullable Entry offer(Entry entry) {
        if (closed) {
            destroyed++;
            return entry;
        }
        Waiter waiter = waiters.pollFirst();
        if (waiter != null) {
            inUse++;
            waiter.entry = entry;
            waiter.ready.signal();
            return null;
        }
        entry.idleSinceNanos = clock.getAsLong();
        idle.addFirst(entry);
        return null;
    }

    /**
     * Starts connecting for the first who waits and for whom that was not done yet. What is already on the way for
     * others does not count, for it may hang. Called with the lock held.
     */
    private void connectIfRoom() {
        if (closed || open() >= config.maxOpenConnections()) {
            return;
        }
        for (Waiter waiter : waiters) {
            if (!waiter.connecting) {
                waiter.connecting = true;
                connecting++;
                try {
                    connectors.execute(() -> connect(waiter));
                } catch (Throwable t) {
                    // As if the connect had failed: no thread could be started.
                    connecting--;
                    lastFailure = t;
                    retryLater(waiter);
                }
                return;
            }
        }
    }

    /** Connects on behalf of {@code waiter}; the result goes to whoever has waited longest. */
    private void connect(Waiter waiter) {
        Entry entry = null;
        Throwable failure = null;
        try {
            entry = newEntry();
        } catch (Throwable t) {
            failure = t;
        }
        Entry surplusEntry = null;
        lock.lock();
        try {
            connecting--;
            lastFailure = failure;
            if (entry != null) {
                created++;
                surplusEntry = offer(entry);
            }
            if (entry == null || waiter.entry == null) {
                retryLater(waiter);
            }
        } finally {
            lock.unlock();
        }
        if (surplusEntry != null) {
            closeQuietly(surplusEntry.connection);
        }
    }

    private Entry newEntry() throws SQLException {
        return new Entry(Objects.requireNonNull(database.connect(), "connect() gave null"), clock.getAsLong());
    }

    /**
     * After a connect that failed, or that served another than {@code waiter}: he has the other's coming then, unless
     * that one hangs. Called with the lock held.
     */
    private void retryLater(Waiter waiter) {
        if (closed || waiters.isEmpty()) {
            return;
        }
        ScheduledFuture<?> unused = housekeeper.schedule(
                () -> {
                    lock.lock();
                    try {
                        waiter.connecting = false;
                        connectIfRoom();
                    } finally {
                        lock.unlock();
                    }
                },
                RETRY_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    /** Closes what is idle for too long, too old, or has stayed surplus. */
    void housekeep() {
        List<Entry> retired = new ArrayList<>();
        long now = clock.getAsLong();
        lock.lock();
        try {
            // The least recently used are last.
            for (Iterator<Entry> it = idle.descendingIterator(); it.hasNext(); ) {
                Entry entry = it.next();
                boolean tooOld =
                        now - entry.connectedNanos >= config.connMaxLifetime().toNanos();
                boolean idleTooLong =
                        now - entry.idleSinceNanos >= config.connMaxIdleTime().toNanos();
                if (tooOld || idleTooLong) {
                    it.remove();
                    retired.add(entry);
                    maxLifetimeClosed += tooOld ? 1 : 0;
                    maxIdleTimeClosed += tooOld ? 0 : 1;
                }
            }
            boolean tooMany = idle.size() > config.maxIdleConnections();
            if (tooMany && !surplus) {
                surplusSinceNanos = now;
            }
            surplus = tooMany;
            if (tooMany
                    && now - surplusSinceNanos >= config.maxIdleSurplusTime().toNanos()) {
                while (idle.size() > config.maxIdleConnections()) {
                    retired.add(idle.removeLast());
                    maxIdleClosed++;
                }
                surplus = false;
            }
            destroyed += retired.size();
        } finally {
            lock.unlock();
        }
        retired.forEach(entry -> closeElsewhere(entry.connection));
    }

    /** Closes on a thread that may hang in it, for the housekeeping must go on. */
    private void closeElsewhere(Connection connection) {
        try {
            connectors.execute(() -> closeQuietly(connection));
        } catch (Throwable t) {
            // The pool was closed meanwhile, or no thread could be started.
            closeQuietly(connection);
        }
    }

    @Override
    public ConnectionPoolStats stats() {
        lock.lock();
        try {
            return new ConnectionPoolStats(
                    open(),
                    inUse,
                    idle.size(),
                    waitCount,
                    Duration.ofNanos(waitNanos),
                    maxIdleClosed,
                    maxLifetimeClosed,
                    lastHealthCheck.instant(),
                    lastHealthCheck.status(),
                    waiters.size(),
                    maxIdleTimeClosed,
                    created,
                    destroyed);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public HealthCheck healthCheck() {
        return healthCheck(config.connectionTimeout());
    }

    @Override
    public HealthCheck healthCheck(Duration timeout) {
        long start = clock.getAsLong();
        long timeoutNanos = saturatedNanos(timeout);
        Probe probe;
        boolean begins = false;
        lock.lock();
        try {
            if (closed) {
                return closedCheck();
            }
            probe = probing;
            if (probe == null) {
                probe = new Probe(start, start + timeoutNanos);
                probing = probe;
                begins = true;
            }
        } finally {
            lock.unlock();
        }
        if (!begins && start - probe.deadlineNanos >= 0) {
            long silentMillis = TimeUnit.NANOSECONDS.toMillis(start - probe.startNanos);
            return record(new HealthCheck(
                    HealthStatus.UNHEALTHY,
                    Instant.now(),
                    Duration.ZERO,
                    String.format(Locale.ROOT, "the last check has had no answer for %d ms", silentMillis)));
        }
        if (begins) {
            begin(probe, timeout);
        }
        HealthStatus status = HealthStatus.UNHEALTHY;
        String message;
        try {
            status = probe.answer.get(timeoutNanos, TimeUnit.NANOSECONDS);
            message = status == HealthStatus.HEALTHY
                    ? "a connection answered"
                    : "all " + config.maxOpenConnections() + " connections are in use or being opened";
        } catch (ExecutionException e) {
            rememberFailure(e.getCause());
            message = firstLine(e.getCause());
        } catch (TimeoutException e) {
            message = String.format(Locale.ROOT, "no answer within %d ms", timeout.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            message = "interrupted while waiting for the answer";
        }
        return record(new HealthCheck(status, Instant.now(), Duration.ofNanos(clock.getAsLong() - start), message));
    }

    private void begin(Probe probe, Duration timeout) {
        try {
            connectors.execute(() -> {
                HealthStatus status;
                try {
                    status = probe(timeout);
                } catch (Throwable t) {
                    end(probe);
                    probe.answer.completeExceptionally(t);
                    return;
                }
                end(probe);
                probe.answer.complete(status);
            });
        } catch (Throwable t) {
            end(probe);
            probe.answer.completeExceptionally(t);
        }
    }

    /** Before the answer is told, so that whoever has heard it can begin the next. */
    private void end(Probe probe) {
        lock.lock();
        try {
            probing = probing == probe ? null : probing;
        } finally {
            lock.unlock();
        }
    }

    private static HealthCheck closedCheck() {
        return new HealthCheck(HealthStatus.UNHEALTHY, Instant.now(), Duration.ZERO, "the pool is closed");
    }

    private void rememberFailure(@Nullable Throwable failure) {
        lock.lock();
        try {
            lastFailure = failure;
        } finally {
            lock.unlock();
        }
    }

    /** Records and returns what a check found, unless the pool was closed under it. */
    private HealthCheck record(HealthCheck check) {
        HealthStatus before;
        lock.lock();
        try {
            if (closed) {
                return closedCheck();
            }
            before = lastHealthCheck.status();
            lastHealthCheck = check;
        } finally {
            lock.unlock();
        }
        if (before != check.status() && before != HealthStatus.UNKNOWN) {
            LOG.warn("pool {}: {} → {}: {}", config.name(), before, check.status(), check.message());
        }
        return check;
    }

    /** Probes an idle connection, or a new one if there is room for it; never one in use. */
    private HealthStatus probe(Duration timeout) throws SQLException {
        Entry entry;
        lock.lock();
        try {
            if (closed) {
                throw closedException();
            }
            entry = idle.pollLast();
            if (entry != null) {
                inUse++;
            } else if (open() < config.maxOpenConnections()) {
                connecting++;
            } else if (inUse > 0) {
                return HealthStatus.DEGRADED;
            } else {
                throw new SQLTransientConnectionException(
                        String.format(
                                Locale.ROOT,
                                "no connection is open; %d of %d are being opened, none has answered yet",
                                connecting,
                                config.maxOpenConnections()),
                        "08001");
            }
        } finally {
            lock.unlock();
        }
        if (entry == null) {
            entry = connectForProbe();
        }
        boolean broken = true;
        try {
            database.probe(entry.connection, timeout);
            broken = false;
        } finally {
            release(entry, broken);
        }
        return HealthStatus.HEALTHY;
    }

    private Entry connectForProbe() throws SQLException {
        Entry entry = null;
        try {
            entry = newEntry();
            return entry;
        } finally {
            lock.lock();
            try {
                connecting--;
                if (entry != null) {
                    created++;
                    inUse++;
                } else {
                    connectIfRoom();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    @Override
    public void close() {
        close(Duration.ZERO);
    }

    @Override
    public void close(Duration drain) {
        long deadline = clock.getAsLong() + saturatedNanos(drain);
        List<Entry> retired;
        int stillOut;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            waiters.forEach(waiter -> waiter.ready.signal());
            if (probing != null) {
                probing.answer.completeExceptionally(closedException());
            }
            while (inUse > 0) {
                long remaining = deadline - clock.getAsLong();
                if (remaining <= 0) {
                    break;
                }
                try {
                    leaseReturned.awaitNanos(remaining);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    break;
                }
            }
            stillOut = inUse;
            retired = new ArrayList<>(idle);
            idle.clear();
            destroyed += retired.size();
        } finally {
            lock.unlock();
        }
        housekeeper.shutdownNow();
        connectors.shutdown();
        retired.forEach(entry -> closeQuietly(entry.connection));
        if (stillOut > 0) {
            LOG.warn("pool {}: closed while {} leases are out; each is closed on its return", config.name(), stillOut);
        }
        closeQuietly(database, config);
    }

    String name() {
        return config.name();
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Throwable lastFailure() {
        lock.lock();
        try {
            return lastFailure;
        } finally {
            lock.unlock();
        }
    }

    /** Called with the lock held. */
    private int open() {
        return connecting + inUse + idle.size();
    }

    private SQLException closedException() {
        return new SQLNonTransientConnectionException("pool " + config.name() + " is closed", "08003");
    }

    /** Called with the lock held. */
    private SQLException timeoutException(long waitedNanos) {
        String likely = lastFailure != null
                ? "The last attempt to connect failed: " + firstLine(lastFailure)
                : "Is a connection not closed, or maxOpenConnections too low?";
        return new SQLTransientConnectionException(
                String.format(
                        Locale.ROOT,
                        "pool %s: no connection within %d ms (open %d of %d, in use %d, idle %d, waiting %d). %s",
                        config.name(),
                        TimeUnit.NANOSECONDS.toMillis(waitedNanos),
                        open(),
                        config.maxOpenConnections(),
                        inUse,
                        idle.size(),
                        waiters.size(),
                        likely),
                "08001",
                lastFailure);
    }

    private static String firstLine(@Nullable Throwable failure) {
        String message = failure == null ? null : failure.getMessage();
        return message == null
                ? String.valueOf(failure)
                : message.lines().findFirst().orElse("");
    }

    private void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (Throwable t) {
            LOG.debug("pool {}: closing a connection failed", config.name(), t);
        }
    }

    private static long saturatedNanos(Duration duration) {
        return duration.compareTo(Duration.ofDays(36_500)) > 0
                ? Duration.ofDays(36_500).toNanos()
                : Math.max(0, duration.toNanos());
    }

    /** A connection and its times. Owned by whoever holds it: the idle stack, a lease or a connecting thread. */
    static final class Entry {
        final Connection connection;
        final long connectedNanos;
        long idleSinceNanos;

        Entry(Connection connection, long connectedNanos) {
            this.connection = connection;
            this.connectedNanos = connectedNanos;
        }
    }

    /** One question to the database, whose answer all checks share that are asked for while it is out. */
    private static final class Probe {
        final long startNanos;

        /** When whoever asked stopped waiting for the answer. */
        final long deadlineNanos;

        final CompletableFuture<HealthStatus> answer = new CompletableFuture<>();

        Probe(long startNanos, long deadlineNanos) {
            this.startNanos = startNanos;
            this.deadlineNanos = deadlineNanos;
        }
    }

    /** A caller in the queue. Its fields are guarded by the lock. */
    private static final class Waiter {
        final Condition ready;

        /** Set once, by whoever takes it off the queue. */
        @Nullable Entry entry;

        /** Whether a connect begun for it is under way, or is soon to be tried again. */
        boolean connecting;

        Waiter(Condition ready) {
            this.ready = ready;
        }
    }

    // The rest of DataSource.

    @Override
    public Connection getConnection(String username, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException(
                "pool " + config.name() + " connects as one user; make a pool for each user");
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
        throw new SQLException("pool " + config.name() + " is not a " + type.getName());
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return type.isInstance(this);
    }
}
