package dev.hatch.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One thread in the {@link WaitQueue}. Its {@code outcome} goes once, by compare-and-set, from null to a slot (it was
 * handed one) or to an {@link End}.
 */
class Waiter {
    /** How a wait ends that does not end with a slot. */
    enum End {
        /** The waiter found a free slot. */
        HELPED_ITSELF,
        /** The waiter gave up: its time was over, or it was interrupted. */
        LEFT,
        /** It was told that it would wait for ever. */
        DEADLOCKED,
        /** The pool was closed. */
        CLOSED
    }

    private static final VarHandle OUTCOME;
    private static final VarHandle AWAKE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            OUTCOME = lookup.findVarHandle(Waiter.class, "outcome", Object.class);
            AWAKE = lookup.findVarHandle(Waiter.class, "awake", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Thread thread = Thread.currentThread();
    final long sinceNanos;
    final long deadlineNanos;

    private volatile @Nullable Object outcome;

    /** Set by whoever wakes the waiter; cleared by the waiter alone, before it looks for a last time and parks. */
    private volatile boolean awake;

    /** Whether it has had to park. Of the waiter alone. */
    boolean parked;

    /** Whether it looks for a free slot, and may have one already. */
    volatile boolean claiming;

    /** Whether it has a lease of the pool. Of the waiter alone. */
    boolean nested;

    /** When all leases were first seen with waiting threads, as they are still. Of the waiter alone. */
    Deadlocks.@Nullable Sight suspicion;

    /** Whether it parks without a limit, until the housekeeper wakes it. */
    private volatile boolean far;

    Waiter(long sinceNanos, long deadlineNanos) {
        this.sinceNanos = sinceNanos;
        this.deadlineNanos = deadlineNanos;
    }

    @Nullable Object outcome() {
        return outcome;
    }

    /** True if this call decided how the wait ends. */
    boolean end(Object how) {
        return outcome == null && OUTCOME.compareAndSet(this, (Object) null, how);
    }

    /** Wakes it, unless it is awake and has still to look. */
    void wake() {
        if (!awake && AWAKE.compareAndSet(this, false, true)) {
            unpark();
        }
    }

    /** By the housekeeper, when the deadline is near. */
    void wakeIfFar() {
        if (far) {
            wake();
        }
    }

    /** By the waiter: returns once it was unparked, after at most {@code nanos} unless that is far away, or for no reason. */
    void park(boolean isFar, long nanos) {
        far = isFar;
        if (isFar) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, nanos);
        }
    }

    void unpark() {
        LockSupport.unpark(thread);
    }

    /** By the waiter: from here on a wake-up is an unpark again. What was freed or granted before is seen after. */
    void sleepy() {
        awake = false;
    }
}
