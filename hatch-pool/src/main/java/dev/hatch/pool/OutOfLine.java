package dev.hatch.pool;

/**
 * Calls that the JIT is to leave calls. It takes no method of a {@link Throwable} into one that is none ("exception method", in C2's
 * list of what it did). Else it would take what few leases need into the methods that all run, which are then too big to be taken
 * into their callers.
 */
final class OutOfLine extends Throwable {
    private static final long serialVersionUID = 1;

    private OutOfLine() {}

    static <R, L extends Lease<R>> L acquire(ResourcePool<R, L> pool) throws InterruptedException {
        return pool.acquireAway();
    }

    static <R, L extends Lease<R>> L acquire(ResourcePool<R, L> pool, long timeoutNanos) throws InterruptedException {
        return pool.acquireAway(timeoutNanos);
    }

    static <R> void release(Slot<R> slot, long lease, Entry<R> entry, boolean dirty) {
        slot.pool.releaseAttended(slot, lease, entry, dirty);
    }
}
