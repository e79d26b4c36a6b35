package dev.hatch.pool.jdbc;

import dev.hatch.pool.DestroyReason;
import dev.hatch.pool.PoolListener;
import dev.hatch.pool.PoolStats;
import org.jspecify.annotations.Nullable;

/** Tells the user's listener what the engine does, and the health checks what concerns them. */
final class Events implements PoolListener {
    private final ConnectionPoolListener listener;

    /** Null until the pool is complete. */
    volatile @Nullable HealthChecks checks;

    Events(ConnectionPoolListener listener) {
        this.listener = listener;
    }

    @Override
    public void created(String resource) {
        listener.created(resource);
    }

    @Override
    public void creationFailed(Throwable failure) {
        HealthChecks told = checks;
        if (told != null) {
            told.creationFailed(failure);
        }
        listener.creationFailed(failure);
    }

    @Override
    public void destroyed(String resource, DestroyReason reason) {
        listener.destroyed(resource, reason);
    }

    @Override
    public void setAside(String call) {
        listener.setAside(call);
    }

    @Override
    public void validationFailed(String resource, Throwable failure) {
        listener.validationFailed(resource, failure);
    }

    @Override
    public void timedOut(PoolStats stats) {
        listener.timedOut(stats);
    }
}
