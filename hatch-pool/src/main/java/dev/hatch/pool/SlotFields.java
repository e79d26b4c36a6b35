package dev.hatch.pool;

import org.jspecify.annotations.Nullable;

/** The fields of a slot that change. */
class SlotFields<R> extends SlotPad<R> {
    volatile long state;

    /** A {@link Holder}. */
    volatile long holder;

    /**
     * Who claims it without being seen by the {@link Leases}: a thread's id; 0: nobody; negative: nobody now. Written by whoever has
     * claimed it otherwise; made negative by the housekeeper.
     */
    long home;

    /** Written by the owner, after the step that made him owner; null in an EMPTY slot. */
    @Nullable Entry<R> entry;

    /** Of {@link Turns}: how often this slot was freed while somebody waited, since it was last handed over. */
    int barged;

    /** Of {@link Turns}: how many looks at the clock to leave out. */
    int credit;

    /** Of {@link Turns}: how many were left out the last time. */
    int skipped;

    /** Of {@link Turns}: when it was last handed over. */
    long handedOverNanos;
}
