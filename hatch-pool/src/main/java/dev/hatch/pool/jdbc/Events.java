package dev.hatch.pool.jdbc;

import dev.hatch.pool.AcquireDeadlockException;
import dev.hatch.pool.DestroyReason;
import dev.hatch.pool.LeaseInfo;
import dev.hatch.pool.PoolListener;
import dev.hatch.pool.PoolStats;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the user's listeners what the engine does, the health checks what concerns them, and the log when connecting fails. */
final class Events implements PoolListener {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionPool.class);

    private final String poolName;
    private final List<ConnectionPoolListener> listeners = new CopyOnWriteArrayList<>();

    /** Whether the last attempt to connect failed, so that an outage is logged once, and once its end. */
    private final AtomicBoolean failing = new AtomicBoolean();

    /** Whether the pool was given to its user; before that its creation throws what fails. */
    private volatile boolean open;

    /** Null until the pool is complete. */
    volatile @Nullable HealthChecks checks;

    Events(ConnectionPoolConfig config) {
        poolName = config.name();
        listeners.add(config.listener());
    }

    void open() {
        open = true;
    }

    void add(ConnectionPoolListener listener) {
        listeners.add(Objects.requireNonNull(listener, "listener"));
    }

    void remove(ConnectionPoolListener listener) {
        listeners.remove(listener);
    }

    /** One that fails keeps nothing from the others. */
    void tell(Consumer<ConnectionPoolListener> event) {
        for (ConnectionPoolListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (Throwable e) {
                LOG.warn("Pool '{}': its listener failed", poolName, e);
            }
        }
    }

    @Override
    public void created(String resource, Duration took) {
        if (failing.compareAndSet(true, false)) {
            LOG.info("Pool '{}': connects again", poolName);
        }
        tell(listener -> listener.created(resource, took));
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
        tell(listener -> listener.creationFailed(failure));
    }

    @Override
    public void destroyed(String resource, DestroyReason reason) {
        tell(listener -> listener.destroyed(resource, reason));
    }

    @Override
    public void setAside(String call) {
        tell(listener -> listener.setAside(call));
    }

    @Override
    public void validationFailed(String resource, Throwable failure) {
        tell(listener -> listener.validationFailed(resource, failure));
    }

    @Override
    public void timedOut(PoolStats stats) {
        tell(listener -> listener.timedOut(stats));
    }

    @Override
    public void acquired(Duration waited) {
        tell(listener -> listener.acquired(waited));
    }

    @Override
    public void returned(String resource, Duration held) {
        tell(listener -> listener.returned(resource, held));
    }

    @Override
    public void leaked(LeaseInfo lease) {
        tell(listener -> listener.leaked(lease));
    }

    @Override
    public void heldLong(LeaseInfo lease, List<StackTraceElement> present) {
        tell(listener -> listener.heldLong(lease, present));
    }

    @Override
    public void deadlocked(AcquireDeadlockException failure) {
        tell(listener -> listener.deadlocked(failure));
    }
}
