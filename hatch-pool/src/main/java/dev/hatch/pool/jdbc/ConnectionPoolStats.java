package dev.hatch.pool.jdbc;

import java.time.Duration;
import java.time.Instant;

/**
 * Counts of a {@link ConnectionPool}, all taken at one moment. At every moment
 * {@code created = idle + inUse + destroyed}.
 *
 * @param openConnections connections that exist or are being opened
 * @param inUse leased connections
 * @param idle connections ready to be leased
 * @param waiting callers waiting now
 * @param waitCount callers that had to wait, ever
 * @param waitDuration time that all of them waited
 * @param maxIdleClosed connections closed because there were more idle ones than allowed
 * @param maxIdleTimeClosed connections closed because they were idle for too long
 * @param maxLifetimeClosed connections closed because they were too old
 * @param created connections opened, ever
 * @param destroyed connections closed, ever, for whatever reason
 * @param lastHealthCheck when the last health check ended
 * @param healthCheckStatus what it found
 */
public record ConnectionPoolStats(
        int openConnections,
        int inUse,
        int idle,
        int waiting,
        long waitCount,
        Duration waitDuration,
        long maxIdleClosed,
        long maxIdleTimeClosed,
        long maxLifetimeClosed,
        long created,
        long destroyed,
        Instant lastHealthCheck,
        HealthStatus healthCheckStatus) {}
