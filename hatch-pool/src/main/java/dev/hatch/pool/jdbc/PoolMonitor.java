package dev.hatch.pool.jdbc;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches a pool: logs its counts at an interval, through SLF4J as INFO, and calls back when all connections are in use and
 * somebody waits, when that is over, and when the database has become unhealthy. It looks at the counts once a second, or as
 * often as it logs; what is over between two looks is not noticed. Callbacks run on its one thread, one after another; what
 * they throw is logged.
 */
public final class PoolMonitor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PoolMonitor.class);
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ConnectionPool pool;
    private final String name;
    private final long intervalNanos;
    private final Consumer<ConnectionPoolStats> onExhausted;
    private final Consumer<ConnectionPoolStats> onRecovered;
    private final Consumer<ConnectionPoolStats> onUnhealthy;
    private final ScheduledThreadPoolExecutor thread;

    // Of that thread.
    private long loggedNanos = System.nanoTime();
    private boolean exhausted;
    private HealthStatus health = HealthStatus.UNKNOWN;

    private PoolMonitor(Builder builder) {
        pool = builder.pool;
        name = builder.name;
        intervalNanos = builder.interval.toNanos();
        onExhausted = builder.onExhausted;
        onRecovered = builder.onRecovered;
        onUnhealthy = builder.onUnhealthy;
        thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(null, task, "hatch-" + name + "-monitor", 0, false);
            made.setDaemon(true);
            return made;
        });
        long period = Math.min(LOOK_NANOS, intervalNanos);
        var unused = thread.scheduleWithFixedDelay(this::look, period, period, TimeUnit.NANOSECONDS);
    }

    /** Begins the settings of a monitor. */
    public static Builder of(ConnectionPool pool) {
        return new Builder(pool);
    }

    private void look() {
        try {
            long now = System.nanoTime();
            ConnectionPoolStats stats = pool.stats();
            boolean isExhausted = stats.waiting() > 0 && stats.inUse() >= stats.maxOpenConnections();
            if (isExhausted != exhausted) {
                exhausted = isExhausted;
                (isExhausted ? onExhausted : onRecovered).accept(stats);
            }
            HealthStatus before = health;
            health = stats.healthCheckStatus();
            if (health == HealthStatus.UNHEALTHY && before != health) {
                onUnhealthy.accept(stats);
            }
            if (now - loggedNanos >= intervalNanos) {
                loggedNanos = now;
                LOG.info(
                        "Pool '{}': open {} of {}, in use {}, idle {}, waiting {}, health {}",
                        name,
                        stats.openConnections(),
                        stats.maxOpenConnections(),
                        stats.inUse(),
                        stats.idle(),
                        stats.waiting(),
                        stats.healthCheckStatus());
            }
        } catch (Throwable e) {
            // Would be the last look if it went on.
            LOG.warn("Pool '{}': monitoring failed; it goes on", name, e);
        }
    }

    /** Stops watching; a callback that runs is not waited for. */
    @Override
    public void close() {
        thread.shutdownNow();
    }

    /** The settings of a {@link PoolMonitor}. Not thread-safe. */
    public static final class Builder {
        private final ConnectionPool pool;
        private String name = "pool";
        private Duration interval = Duration.ofMinutes(1);
        private Consumer<ConnectionPoolStats> onExhausted = stats -> {};
        private Consumer<ConnectionPoolStats> onRecovered = stats -> {};
        private Consumer<ConnectionPoolStats> onUnhealthy = stats -> {};

        private Builder(ConnectionPool pool) {
            this.pool = Objects.requireNonNull(pool, "pool");
        }

        /** The pool's name in the log. Default: {@code pool}. */
        public Builder name(String name) {
            this.name = Objects.requireNonNull(name, "name");
            return this;
        }

        /** How often the counts are logged. Default: 1 minute. */
        public Builder interval(Duration interval) {
            if (interval.isNegative() || interval.isZero() || interval.compareTo(ConnectionPoolConfig.LONGEST) > 0) {
                throw new IllegalArgumentException("interval is " + interval
                        + "; it must be more than zero and at most " + ConnectionPoolConfig.LONGEST);
            }
            this.interval = interval;
            return this;
        }

        /** Called when all connections are in use and somebody waits. */
        public Builder onExhausted(Consumer<ConnectionPoolStats> callback) {
            onExhausted = Objects.requireNonNull(callback, "callback");
            return this;
        }

        /** Called when that is over. */
        public Builder onRecovered(Consumer<ConnectionPoolStats> callback) {
            onRecovered = Objects.requireNonNull(callback, "callback");
            return this;
        }

        /** Called when a health check has found the database unhealthy that was not before. */
        public Builder onUnhealthy(Consumer<ConnectionPoolStats> callback) {
            onUnhealthy = Objects.requireNonNull(callback, "callback");
            return this;
        }

        /** Begins to watch. */
        public PoolMonitor start() {
            return new PoolMonitor(this);
        }
    }
}
