package dev.hatch.pool.jdbc;

import dev.hatch.pool.DestroyReason;
import dev.hatch.pool.PoolListener;
import dev.hatch.pool.PoolStats;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the user's listener what the engine does, the health checks what concerns them, and the log when connecting fails. */
final class Events implements PoolListener {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionPool.class);

    private final String poolName;
    private final ConnectionPoolListener listener;

    /** Whether the last attempt to connect failed, so that an outage is logged once, and once its end. */
    private final AtomicBoolean failing = new AtomicBoolean();

    /** Whether the pool was given to its user; before that its creation throws what fails. */
    private volatile boolean open;

    /** Null until the pool is complete. */
    volatile @Nullable HealthChecks checks;

    Events(ConnectionPoolConfig config) {
        poolName = config.name();
        listener = config.listener();
    }

    void open() {
        open = true;
    }

    @Override
    public void created(String resource) {
        if (failing.compareAndSet(true, false)) {
            LOG.info("Pool '{}': connects again", poolName);
        }
        listener.created(resource);
    }

    @Override
    public void creationFailed(Throwable failure) {
        if (open && failing.compareAndSet(false, true)) {
            LOG.warn(
                    "Pool '{}': cannot connect, and goes on trying while somebody waits: {}",
                    poolName,
                    Secrets.firstLine(failure));
        }
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
