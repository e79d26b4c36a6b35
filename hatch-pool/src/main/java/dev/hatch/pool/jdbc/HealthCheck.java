package dev.hatch.pool.jdbc;

import java.time.Duration;
import java.time.Instant;

/**
 * The result of one health check.
 *
 * @param status what it found
 * @param instant when it ended
 * @param latency how long it took, the wait for a connection included
 * @param message one line for a person: what was asked and answered, or what failed
 */
public record HealthCheck(HealthStatus status, Instant instant, Duration latency, String message) {}
