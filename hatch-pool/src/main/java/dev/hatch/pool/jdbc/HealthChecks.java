package dev.hatch.pool.jdbc;

import dev.hatch.pool.AcquireException;
import dev.hatch.pool.AcquireRefusedException;
import dev.hatch.pool.AcquireTimeoutException;
import dev.hatch.pool.PoolStats;
import dev.hatch.pool.ResourcePool;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the database whether it answers, on a connection that callers can spare. There is one probe at a time, on a thread of
 * its own; checks that are asked for meanwhile share its answer, and once it is overdue say so at once. So a database that
 * hangs holds one connection by its probes.
 */
final class HealthChecks {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionPool.class);

    private static final long LOOK_EVERY_MILLIS = 5;

    private final ConnectionPoolConfig config;
    private final ResourcePool<PhysicalConnection, PooledConnection> engine;
    private final ConnectionLifecycle lifecycle;
    private final Events events;

    private volatile HealthCheck last =
            new HealthCheck(HealthStatus.UNKNOWN, Instant.EPOCH, Duration.ZERO, "not checked yet");

    /** Why the last check that was answered found the database broken; null if it did not. */
    private volatile @Nullable Throwable lastFailure;

    /** The one under way. Guarded by this. */
    private @Nullable Probe probing;

    /** Guarded by this. */
    private boolean closed;

    HealthChecks(
            ConnectionPoolConfig config,
            ResourcePool<PhysicalConnection, PooledConnection> engine,
            ConnectionLifecycle lifecycle,
            Events events) {
        this.config = config;
        this.engine = engine;
        this.lifecycle = lifecycle;
        this.events = events;
    }

    /** One question to the database. */
    private static final class Probe {
        final long startNanos = System.nanoTime();

        /** When whoever asked stops waiting for the answer. */
        final long deadlineNanos;

        final CompletableFuture<HealthStatus> answer = new CompletableFuture<>();

        /** Who waits for a new connection for it; null while nobody does. Guarded by the checks. */
        @Nullable Thread connecting;

        Probe(long nanos) {
            deadlineNanos = startNanos + nanos;
        }
    }

    HealthCheck last() {
        return last;
    }

    @Nullable Throwable lastFailure() {
        return lastFailure;
    }

    HealthCheck check(Duration timeout) {
        long nanos = LeasingConnectionPool.toNanos(timeout);
        long start = System.nanoTime();
        Probe probe;
        boolean begins = false;
        synchronized (this) {
            if (closed) {
                return closedCheck();
            }
            probe = probing;
            if (probe == null) {
                probe = new Probe(nanos);
                probing = probe;
                begins = true;
            }
        }
        if (!begins && start - probe.deadlineNanos >= 0) {
            long silentMillis = TimeUnit.NANOSECONDS.toMillis(start - probe.startNanos);
            return record(new HealthCheck(
                    HealthStatus.UNHEALTHY,
                    Instant.now(),
                    Duration.ZERO,
                    "the last check has had no answer for " + silentMillis + " ms"));
        }
        if (begins) {
            begin(probe, timeout);
        }
        HealthStatus status = HealthStatus.UNHEALTHY;
        String message;
        try {
            status = probe.answer.get(nanos, TimeUnit.NANOSECONDS);
            message = status == HealthStatus.HEALTHY
                    ? "a connection answered"
                    : engine.stats().suspended()
                            ? "the pool is suspended"
                            : "no connection can be spared: of "
                                    + engine.stats().maxSize() + " all are in use but one at most";
        } catch (ExecutionException e) {
            lastFailure = e.getCause();
            message = Secrets.firstLine(e.getCause());
        } catch (TimeoutException e) {
            message = "no answer within " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            message = "interrupted while waiting for the answer";
        }
        return record(new HealthCheck(status, Instant.now(), Duration.ofNanos(System.nanoTime() - start), message));
    }

    private void begin(Probe probe, Duration timeout) {
        Runnable task = () -> {
            try {
                HealthStatus status = probe(probe, timeout);
                end(probe);
                probe.answer.complete(status);
            } catch (Throwable e) {
                end(probe);
                probe.answer.completeExceptionally(e);
            }
        };
        try {
            Thread thread = new Thread(null, task, "hatch-" + config.name() + "-probe", 0, false);
            thread.setDaemon(true);
            thread.start();
        } catch (Throwable e) {
            end(probe);
            probe.answer.completeExceptionally(e);
        }
    }

    /** By the engine: answers a check that waits for a new connection, rather than let it wait for a better time. */
    synchronized void creationFailed(Throwable failure) {
        if (probing != null && probing.connecting != null) {
            probing.answer.completeExceptionally(failure);
            probing.connecting.interrupt();
            probing.connecting = null;
        }
    }

    private PooledConnection connect(Probe probe, Duration timeout) throws InterruptedException {
        synchronized (this) {
            probe.connecting = Thread.currentThread();
        }
        try {
            return engine.acquire(timeout);
        } catch (AcquireRefusedException e) {
            return connectPastTheQueue(timeout, e);
        } finally {
            synchronized (this) {
                probe.connecting = null;
            }
        }
    }

    /** A check is no caller: the bound on those who wait is not for it. */
    private PooledConnection connectPastTheQueue(Duration timeout, AcquireRefusedException refused)
            throws InterruptedException {
        long start = System.nanoTime();
        long nanos = LeasingConnectionPool.toNanos(timeout);
        do {
            Optional<PooledConnection> idle = engine.tryAcquire();
            if (idle.isPresent()) {
                return idle.get();
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
        } while (System.nanoTime() - start < nanos);
        throw refused;
    }

    /** Before the answer is told, so that whoever has heard it can begin the next. */
    private synchronized void end(Probe probe) {
        probing = probing == probe ? null : probing;
    }

    /** DEGRADED if no connection can be spared for the question, which says nothing against the database. */
    private HealthStatus probe(Probe probe, Duration timeout) throws Exception {
        PoolStats stats = engine.stats();
        int taken = stats.open() + stats.creating();
        int most = stats.maxSize();
        if (stats.suspended()) {
            return HealthStatus.DEGRADED;
        }
        PooledConnection lease;
        try {
            if (stats.idle() > 1 || (stats.idle() == 1 && (taken < most || most == 1))) {
                Optional<PooledConnection> idle = engine.tryAcquire();
                lease = idle.isPresent() ? idle.get() : connect(probe, timeout);
            } else if (stats.idle() == 0 && taken < most) {
                lease = connect(probe, timeout);
            } else if (stats.leased() > 0) {
                return HealthStatus.DEGRADED;
            } else {
                // All are being opened: the first of them answers, or none in time.
                lease = connect(probe, timeout);
            }
        } catch (AcquireException e) {
            if (e instanceof AcquireTimeoutException late && late.stats().suspended()) {
                return HealthStatus.DEGRADED;
            }
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
        try (lease) {
            try {
                lifecycle.probe(lease.physical(), timeout);
            } catch (Throwable e) {
                lease.breakIt();
                throw e;
            }
        }
        return HealthStatus.HEALTHY;
    }

    /** Keeps and returns what a check found, unless the pool was closed under it. */
    private HealthCheck record(HealthCheck check) {
        HealthStatus before;
        synchronized (this) {
            if (closed) {
                return closedCheck();
            }
            before = last.status();
            last = check;
        }
        boolean expected = before == HealthStatus.UNKNOWN && check.status() == HealthStatus.HEALTHY;
        if (before != check.status() && !expected) {
            LOG.warn("Pool '{}': {} → {}: {}", config.name(), before, check.status(), check.message());
            events.tell(listener -> listener.healthChanged(before, check));
        }
        return check;
    }

    private static HealthCheck closedCheck() {
        return new HealthCheck(HealthStatus.UNHEALTHY, Instant.now(), Duration.ZERO, "the pool is closed");
    }

    /** Ends a check under way. */
    void close() {
        Probe probe;
        synchronized (this) {
            closed = true;
            probe = probing;
        }
        if (probe != null) {
            probe.answer.completeExceptionally(new SQLException("the pool is closed"));
        }
    }
}
