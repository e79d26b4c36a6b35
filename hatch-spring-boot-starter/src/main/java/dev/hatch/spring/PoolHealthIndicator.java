package dev.hatch.spring;

import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolStats;
import dev.hatch.pool.jdbc.HealthCheck;
import dev.hatch.pool.jdbc.HealthStatus;
import java.time.Duration;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Tells a pool that is busy from one whose database is broken. The first is UP, with {@code busy: true}: if it were anything else a load
 * balancer would take the instance away, its load would go to the others, and they would be busy next. Only a failed check is DOWN.
 *
 * <p>Each call probes the database, on a connection that is not in use; calls at the same time share a probe.
 */
final class PoolHealthIndicator extends AbstractHealthIndicator {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final ConnectionPool pool;

    PoolHealthIndicator(ConnectionPool pool) {
        super("The health check of pool '" + pool.name() + "' failed");
        this.pool = pool;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        HealthCheck check = pool.healthCheck(LIMIT);
        ConnectionPoolStats stats = pool.stats();
        switch (check.status()) {
            case HEALTHY, DEGRADED -> builder.up();
            case UNHEALTHY -> builder.down();
            case UNKNOWN -> builder.unknown();
        }
        builder.withDetail("pool", pool.name())
                .withDetail("busy", check.status() == HealthStatus.DEGRADED && !stats.suspended())
                .withDetail("suspended", stats.suspended())
                .withDetail("inUse", stats.inUse())
                .withDetail("idle", stats.idle())
                .withDetail("waiting", stats.waiting())
                .withDetail("max", stats.maxOpenConnections())
                .withDetail("lastCheck", check.instant().toString())
                .withDetail("latencyMillis", check.latency().toMillis())
                .withDetail("message", check.message());
    }
}
