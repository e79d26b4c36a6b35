package dev.hatch.pool.jdbc;

/** What the last {@link HealthCheck} found. */
public enum HealthStatus {
    /** No check has run yet. */
    UNKNOWN,
    /** A connection answered the probe. */
    HEALTHY,
    /** No connection could be probed, because all are in use (some may still be being opened). */
    DEGRADED,
    /** The probe failed or did not answer in time. */
    UNHEALTHY
}
