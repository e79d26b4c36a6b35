package dev.hatch.pool;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** No resource became free in time. Its cause, if any, is why the last creation failed: while the caller waited, or since then. */
public final class AcquireTimeoutException extends AcquireException {
    private static final long serialVersionUID = 1;

    private final Duration waited;
    private final PoolStats stats;

    AcquireTimeoutException(String message, Duration waited, PoolStats stats, @Nullable Throwable cause) {
        super(message, cause);
        this.waited = waited;
        this.stats = stats;
    }

    /** How long the caller waited. */
    public Duration waited() {
        return waited;
    }

    /** The pool's counts when it gave up. */
    public PoolStats stats() {
        return stats;
    }
}
