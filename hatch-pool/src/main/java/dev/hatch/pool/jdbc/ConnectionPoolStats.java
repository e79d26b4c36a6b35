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
 * @param maxOpenConnections the bound on {@code openConnections}
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
        int maxOpenConnections) {}
