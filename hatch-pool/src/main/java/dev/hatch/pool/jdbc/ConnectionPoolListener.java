package dev.hatch.pool.jdbc;

import dev.hatch.pool.PoolListener;

/** Is told what a {@link ConnectionPool} does, as {@link PoolListener} is, and of its health. */
public interface ConnectionPoolListener extends PoolListener {
    /** A check has found another status than the one before; the first check of all, too, unless it was HEALTHY. */
    default void healthChanged(HealthStatus before, HealthCheck check) {}
}
