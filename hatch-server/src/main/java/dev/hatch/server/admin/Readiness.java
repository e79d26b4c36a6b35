package dev.hatch.server.admin;

import dev.hatch.pool.jdbc.ConnectionPoolStats;
import org.jspecify.annotations.Nullable;

/**
 * Whether clients should be sent here.
 *
 * @param reason why not; empty if they should
 */
record Readiness(boolean isReady, String reason) {
    private static final Readiness READY = new Readiness(true, "");

    /** @param failure what the last check that failed said; null if that is not known */
    static Readiness of(AdminView.Phase phase, ConnectionPoolStats stats, @Nullable String failure) {
        return switch (phase) {
            case STARTING -> not("the server does not listen yet");
            case CLOSING -> not("the server is being closed");
            case LISTENING -> stats.suspended() ? not("the pool is suspended") : ofDatabase(stats, failure);
        };
    }

    private static Readiness ofDatabase(ConnectionPoolStats stats, @Nullable String failure) {
        return switch (stats.healthCheckStatus()) {
            case UNKNOWN -> not("the database has not been checked yet");
            // Degraded: all connections are in use, which says nothing against the database.
            case HEALTHY, DEGRADED -> READY;
            case UNHEALTHY ->
                not("the database failed its health check at " + stats.lastHealthCheck()
                        + (failure == null ? "" : ": " + failure));
        };
    }

    private static Readiness not(String reason) {
        return new Readiness(false, reason);
    }
}
