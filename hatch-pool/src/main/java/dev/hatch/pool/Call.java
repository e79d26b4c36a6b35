package dev.hatch.pool;

import org.jspecify.annotations.Nullable;

/** A call to the lifecycle that is under way, with its time limit. */
final class Call {
    enum Kind {
        CREATION,
        VALIDATION,
        RESET,
        DESTRUCTION
    }

    final Kind kind;
    final long deadlineNanos;

    /** What to set aside when the call is overdue; null for a destruction, whose resource is given up already. */
    final @Nullable Slot<?> slot;

    /** The word under which the caller owns the slot. */
    final long word;

    /** Whose thread to interrupt; null if it is a user's. Guarded by this. */
    private @Nullable Thread worker;

    /** Whether it has ended or expired. Guarded by this. */
    private boolean over;

    Call(Kind kind, long deadlineNanos, @Nullable Slot<?> slot, long word, @Nullable Thread worker) {
        this.kind = kind;
        this.deadlineNanos = deadlineNanos;
        this.slot = slot;
        this.word = word;
        this.worker = worker;
    }

    /** From here on the thread is not interrupted for this call; true if it is a worker's, which may have been. */
    synchronized boolean end() {
        boolean isWorkers = worker != null;
        over = true;
        worker = null;
        return isWorkers;
    }

    /** Interrupts the worker, if the call has not ended. */
    synchronized void interrupt() {
        if (worker != null) {
            worker.interrupt();
        }
    }

    /** Interrupts the worker; true if the call had neither ended nor expired before. */
    synchronized boolean expire() {
        boolean first = !over;
        over = true;
        if (first) {
            interrupt();
        }
        return first;
    }
}
