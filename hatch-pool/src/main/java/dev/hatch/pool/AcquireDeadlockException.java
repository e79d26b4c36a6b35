package dev.hatch.pool;

/**
 * Nobody could ever have been served: every resource is leased by a thread that waits for another of the same pool. One of them gets
 * this, and the others go on when it closes what it has.
 */
public final class AcquireDeadlockException extends AcquireException {
    private static final long serialVersionUID = 1;

    private final PoolStats stats;

    AcquireDeadlockException(String message, PoolStats stats) {
        super(message, null);
        this.stats = stats;
    }

    /** The counts when it was noticed. */
    public PoolStats stats() {
        return stats;
    }
}
