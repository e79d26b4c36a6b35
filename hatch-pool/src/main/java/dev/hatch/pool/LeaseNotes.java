package dev.hatch.pool;

import org.jspecify.annotations.Nullable;

/**
 * What the {@link Leases} know of a slot's leases, beside what is in the slot itself, where it would be in the way. Each field has one
 * kind of writer; a reader compares the word with that of the lease that he asks for.
 */
final class LeaseNotes {
    /** The lease that is timed. Written by who has it, after the next two. */
    volatile long timedWord;

    long timedNanos;

    /** Null unless a recording wants it. */
    @Nullable LeaseEvent event;

    /** The lease that the housekeeper has seen. Written by it, after the next. */
    volatile long seenWord;

    volatile long seenNanos;

    /** When the housekeeper saw that it was used last, and whether it has told that this is long ago. Of the housekeeper alone. */
    long usedNanos;

    boolean toldLong;

    /** How many leases are to be noted before the slot is a home again. Written by the housekeeper and by who has a lease: it may be off. */
    int toNote;

    /** Whether all are, and it is none. Written by the housekeeper. */
    volatile boolean notesAll;

    /** Whether the next lease is tracked. Written by the housekeeper, and by who has that lease. */
    boolean tracksNext;

    /** The last one that was tracked. It keeps the watch, which has to be reachable to be told of. */
    volatile @Nullable LeaseWatch watch;
}
