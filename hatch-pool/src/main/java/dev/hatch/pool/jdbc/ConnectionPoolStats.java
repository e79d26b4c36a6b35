package dev.hatch.pool.jdbc;

import dev.hatch.pool.DestroyReason;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * Counts of a {@link ConnectionPool}, all taken at one moment. At every moment
 * {@code created = idle + inUse + destroyed}.
 *
 * @param openConnections connections that exist or are being opened
 * @param inUse leased connections
 * @param idle connections ready to be leased
 * @param waitCount callers that had to wait, ever
 * @param waitDuration time that all of them waited, whatever their wait ended by
 * @param maxIdleClosed connections closed because there were more idle ones than allowed
 * @param maxLifetimeClosed connections closed because they were too old
 * @param lastHealthCheck when the last health check ended; {@link Instant#EPOCH} before the first
 * @param healthCheckStatus what it found
 * @param waiting callers waiting now
 * @param maxIdleTimeClosed connections closed because they were idle for too long
 * @param created connections opened, ever
 * @param destroyed connections closed, ever, for whatever reason
 * @param maxOpenConnections the bound on {@code openConnections}, as it is now
 * @param maxIdleConnections how many idle ones are kept
 * @param minIdleConnections how many idle ones are kept at hand
 * @param timeouts callers that got nothing in time
 * @param refusals callers that were refused because too many were waiting
 * @param deadlocks callers that were told that all connections are held by threads that wait for another
 * @param failedConnects attempts to connect that failed
 * @param closedBy connections closed, by reason; with those in a reset or validation that has hung, {@code destroyed}
 * @param suspended whether the pool lends nothing until it is resumed
 */
public record ConnectionPoolStats(
        int openConnections,
        int inUse,
        int idle,
        long waitCount,
        Duration waitDuration,
        long maxIdleClosed,
        long maxLifetimeClosed,
        Instant lastHealthCheck,
        HealthStatus healthCheckStatus,
        int waiting,
        long maxIdleTimeClosed,
        long created,
        long destroyed,
        int maxOpenConnections,
        int maxIdleConnections,
        int minIdleConnections,
        long timeouts,
        long refusals,
        long deadlocks,
        long failedConnects,
        Map<DestroyReason, Long> closedBy,
        boolean suspended) {
    public ConnectionPoolStats {
        closedBy = Map.copyOf(closedBy);
    }
}
