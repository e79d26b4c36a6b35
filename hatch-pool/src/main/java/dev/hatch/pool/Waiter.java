package dev.hatch.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One thread in the {@link WaitQueue}. Its {@code outcome} goes once, by compare-and-set, from null to a slot (it was
 * handed one), {@link #HELPED_ITSELF}, {@link #LEFT} or {@link #CLOSED}.
 */
class Waiter {
    /** The waiter found a free slot. */
    static final Object HELPED_ITSELF = "helped itself";

    /** The waiter gave up: its time was over, or it was interrupted. */
    static final Object LEFT = "left";

    /** The pool was closed. */
    static final Object CLOSED = "closed";

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

    /** Returns once it was unparked, after at most {@code nanos} unless that is far away, or for no reason. */
    void park(boolean isFar, long nanos) {
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
