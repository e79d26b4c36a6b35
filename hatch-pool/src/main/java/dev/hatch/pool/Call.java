package dev.hatch.pool;

import org.jspecify.annotations.Nullable;

/**
 * A call to the lifecycle, from when it is decided until it has returned. It knows the slot that it is for and the word
 * under which it owns it, so that the housekeeper can take the slot away when the call has passed its limit.
 */
final class Call {
    enum Kind {
        CREATION,
        VALIDATION,
        RESET,
        DESTRUCTION
    }

    final Kind kind;
    final long begunNanos;
    final long deadlineNanos;

    /** What to set aside when the call is overdue; null for a destruction, whose resource is given up already. */
    final @Nullable Slot<?> slot;

    /** The word under which the call owns the slot. */
    final long word;

    /** Whose thread to interrupt; null before it begins, when it has ended, and if it is a user's. Guarded by this. */
    private @Nullable Thread worker;

    /** Whether to interrupt a worker that has still to begin. Guarded by this. */
    private boolean interrupted;

    /** Whether it has returned. Guarded by this. */
    private boolean ended;

    /** Whether it has passed its limit. Written under this. */
    private volatile boolean overdue;

    Call(Kind kind, long begunNanos, long limitNanos, @Nullable Slot<?> slot, long word) {
        this.kind = kind;
        this.begunNanos = begunNanos;
        this.deadlineNanos = begunNanos + limitNanos;
        this.slot = slot;
        this.word = word;
    }

    boolean isOverdue() {
        return overdue;
    }

    /** Whether nobody has taken the slot since, neither the call itself nor the housekeeper. */
    boolean ownsSlot() {
        return slot != null && slot.word() == word;
    }

    /** By the worker that runs the call: from here until {@link #end} it may be interrupted. */
    synchronized void begin() {
        worker = Thread.currentThread();
        if (interrupted) {
            worker.interrupt();
        }
    }

    /** From here on the thread is not interrupted for this call. */
    synchronized void end() {
        ended = true;
        worker = null;
    }

    /**
     * Interrupts the worker, if the call has not ended. By a worker: the interrupt of a thread that waits for a channel closes
     * that, on the thread that interrupts.
     */
    synchronized void interrupt() {
        interrupted = true;
        if (worker != null) {
            worker.interrupt();
        }
    }

    /** True if the call had neither ended nor been found overdue before. */
    synchronized boolean expire() {
        if (ended || overdue) {
            return false;
        }
        overdue = true;
        return true;
    }
}
