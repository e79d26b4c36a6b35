package dev.hatch.pool;

import java.util.function.LongSupplier;

/**
 * Decides whether a slot that is given back while somebody waits is freed, so that running threads may barge while the
 * head of the queue wakes up, or handed over to the head, so that it never starves.
 *
 * <p>It is handed over when the head has waited at least {@value #SLICE_NANOS} ns and this slot was not handed over within
 * that time; when the head has waited {@value #LONG_NANOS} ns; or when the slot was freed {@value #BARGES} times while
 * somebody waited. The first two need the clock, which costs more than the release, so each slot leaves out 1, 3, 7, at
 * most 15 looks after one that came too early.
 */
final class Turns {
    static final long SLICE_NANOS = 200_000;
    static final long LONG_NANOS = 1_800_000;
    static final int BARGES = 8_192;
    static final int MOST_SKIPPED = 15;

    private final LongSupplier clock;

    Turns(LongSupplier clock) {
        this.clock = clock;
    }

    /** Called by the owner of the slot. Two closes of one lease may both be here: then a count is off by one. */
    boolean isHeads(SlotFields<?> slot, Waiter head) {
        if (++slot.barged >= BARGES) {
            return true;
        }
        if (slot.credit > 0) {
            slot.credit--;
            return false;
        }
        long now = clock.getAsLong();
        long waited = now - head.sinceNanos;
        if (waited >= LONG_NANOS || (waited >= SLICE_NANOS && now - slot.handedOverNanos >= SLICE_NANOS)) {
            return true;
        }
        slot.skipped = Math.min(2 * slot.skipped + 1, MOST_SKIPPED);
        slot.credit = slot.skipped;
        return false;
    }

    /** Called by the owner of a slot, when a waiter is about to become the next. */
    void handedOver(SlotFields<?> slot) {
        slot.handedOverNanos = clock.getAsLong();
        slot.barged = 0;
        slot.credit = 0;
        slot.skipped = 0;
    }
}
