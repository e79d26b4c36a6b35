package dev.hatch.pool;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;

/** A lease that is tracked: where it was acquired, by whom, and what to do should it become unreachable. */
final class LeaseWatch extends PhantomReference<Lease<?>> {
    final Slot<?> slot;
    final long word;
    final long sinceNanos;
    final String thread = Thread.currentThread().getName();

    private final Throwable acquired = new Throwable();

    LeaseWatch(Lease<?> lease, ReferenceQueue<Lease<?>> lost, Slot<?> slot, long word, long sinceNanos) {
        super(lease, lost);
        this.slot = slot;
        this.word = word;
        this.sinceNanos = sinceNanos;
    }

    /** Where it was acquired, without the engine's own frames. */
    StackTraceElement[] acquired() {
        return Stacks.ofCaller(acquired.getStackTrace());
    }
}
