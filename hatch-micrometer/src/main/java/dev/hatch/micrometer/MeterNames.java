package dev.hatch.micrometer;

/** Whose names the meters of a connection pool have that others know as well. Hatch's own, of what neither has, are always there. */
public enum MeterNames {
    /**
     * {@code db.client.connection.*}, with the tag {@code db.client.connection.pool.name}, as OpenTelemetry's semantic conventions have
     * them. Its timers publish histograms.
     */
    OPEN_TELEMETRY,

    /** {@code hikaricp.connections.*}, with the tag {@code pool}, so that dashboards and alerts made for HikariCP go on. */
    HIKARI
}
