package dev.hatch.pool;

/** As many callers as the pool allows are waiting already. */
public final class AcquireRefusedException extends AcquireException {
    private static final long serialVersionUID = 1;

    private final PoolStats stats;

    AcquireRefusedException(String message, PoolStats stats) {
        super(message, null);
        this.stats = stats;
    }

    /** The pool's counts when it refused. */
    public PoolStats stats() {
        return stats;
    }
}
