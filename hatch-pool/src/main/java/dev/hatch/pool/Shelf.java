package dev.hatch.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Up to 32 places for idle objects, and a word that says which of them have one. The word has, from the lowest bit: 32 bits
 * IDLE, one for each place; the bit WRITING; and 31 bits that count. Every change is one compare-and-set of the whole word.
 *
 * <p>IDLE: whoever clears a place's bit owns the object in it. He has read the object before; since each clearing raises the
 * count, his compare-and-set fails if the place was taken and filled again in between.
 *
 * <p>WRITING: a lock, for an instant, on {@code reserved} and on those places that are not idle. Nothing but claims goes on beside
 * it. Its end raises the count, too: so no compare-and-set succeeds that was prepared before it.
 *
 * <p>An object that was claimed stays in its place, so that it comes back without a reference being written, which would cost as
 * much as all the rest. {@link #forget} lets go of those that are out.
 */
final class Shelf<T> extends ShelfFields {
    /** How many places a shelf can have. */
    static final int PLACES = 32;

    private static final long IDLE_MASK = (1L << PLACES) - 1;
    private static final long WRITING = 1L << PLACES;
    private static final int COUNT_SHIFT = PLACES + 1;
    private static final long ONE = 1L << COUNT_SHIFT;
    private static final long COUNT_MASK = -1L >>> COUNT_SHIFT;
    private static final int SPINS = 64;
    private static final long PAUSE_NANOS = 1_000;

    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(ShelfFields.class, "word", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** How an object's way back ends. */
    enum Return {
        DONE,
        /** Done, and nothing else was idle here. */
        DONE_FIRST,
        /** It was idle already, or its place is not its own any more. */
        TWICE,
        /** No place is free. */
        FULL
    }

    /** Which of its pool's shelves this is. */
    final int index;

    private final int all;

    @SuppressWarnings("unused") // Keeps what follows in memory off the line of the word.
    private long q0, q1, q2, q3, q4, q5, q6, q7, q8, q9, q10, q11, q12, q13;

    Shelf(int index, int size) {
        super(size);
        this.index = index;
        all = size == PLACES ? -1 : (1 << size) - 1;
    }

    /** What is idle, a bit for each place. */
    int idle() {
        return (int) word;
    }

    /** IDLE → the caller's: the object in the lowest place; null if none is idle. */
    @Nullable T claim() {
        T object;
        do {
            object = tryClaim();
        } while (object == null && idle() != 0);
        return object;
    }

    /** As {@link #claim}, but also null if another changed the word at the same time. */
    @Nullable T tryClaim() {
        long now = word;
        int idle = (int) now;
        if (idle == 0) {
            return null;
        }
        int i = Integer.numberOfTrailingZeros(idle);
        Object object = places[i];
        if (!WORD.compareAndSet(this, now, (now & (now - 1)) + ONE)) {
            return null;
        }
        if (i > deepest) {
            deepest = i;
        }
        return own(object);
    }

    /** The owner's → IDLE, into the place that is the object's own. */
    Return putBack(Recyclable object, int i) {
        int bit = 1 << i;
        while (true) {
            long now = word;
            if ((now & (bit & IDLE_MASK)) != 0 || object.shelf != this) {
                // What is dropped has no shelf, from before its place goes to another, which would change the word.
                return Return.TWICE;
            }
            if ((now & WRITING) != 0 || (present & bit) == 0) {
                return putBackForgotten(object, i);
            }
            if (WORD.compareAndSet(this, now, now | (bit & IDLE_MASK))) {
                return (int) now == 0 ? Return.DONE_FIRST : Return.DONE;
            }
        }
    }

    private Return putBackForgotten(Recyclable object, int i) {
        long bit = 1L << i;
        lock();
        if ((word & bit) != 0 || object.shelf != this) {
            unlock(0);
            return Return.TWICE;
        }
        places[i] = object;
        present |= 1 << i;
        return (int) unlock(bit) == 0 ? Return.DONE_FIRST : Return.DONE;
    }

    /** The owner's → IDLE, into any place that is free. */
    Return park(T object) {
        while (true) {
            long now = word;
            int idle = (int) now;
            int free = all & ~idle;
            if (free == 0) {
                return Return.FULL;
            }
            // Those that are out left the lowest places. Where they come back in the order in which they went, the
            // lowest
            // free place is this one's, and the highest of these if the order is reversed.
            int lowest = Integer.numberOfTrailingZeros(free);
            int highest = (idle == 0 ? used : Integer.numberOfTrailingZeros(idle)) - 1;
            int i = places[lowest] == object ? lowest : highest > lowest && places[highest] == object ? highest : -1;
            if (i < 0 || (now & WRITING) != 0) {
                return parkAnew(object);
            }
            if (WORD.compareAndSet(this, now, now | 1L << i)) {
                return idle == 0 ? Return.DONE_FIRST : Return.DONE;
            }
        }
    }

    private Return parkAnew(T object) {
        lock();
        int i = freePlace();
        if (i < 0) {
            unlock(0);
            return Return.FULL;
        }
        places[i] = object;
        return (int) unlock(1L << i) == 0 ? Return.DONE_FIRST : Return.DONE;
    }

    /** Whether a place may be free. A hint: another may take it. */
    boolean hasPlace() {
        return (all & ~((int) word | reserved)) != 0;
    }

    /** Gives an object that is out a place of its own; −1 if none is free. */
    int reserve(Recyclable object) {
        if (!hasPlace()) {
            return -1;
        }
        lock();
        int i = freePlace();
        if (i >= 0) {
            places[i] = object;
            reserved |= 1 << i;
            present |= 1 << i;
        }
        unlock(0);
        return i;
    }

    /** Takes its place from an object that is out, and is to be dropped. False if it is not out, or has no place here. */
    boolean vacate(Recyclable object, int i) {
        lock();
        boolean isOut = object.shelf == this && (word & 1L << i) == 0;
        if (isOut) {
            object.shelf = null;
            clear(i);
        }
        unlock(0);
        return isOut;
    }

    /** Takes its place from an object that is lost. */
    void vacate(int i) {
        lock();
        clear(i);
        unlock(0);
    }

    private void clear(int i) {
        places[i] = null;
        reserved &= ~(1 << i);
        present &= ~(1 << i);
    }

    private int freePlace() {
        int free = all & ~((int) word | reserved);
        if (free == 0) {
            return -1;
        }
        int i = Integer.numberOfTrailingZeros(free);
        used = Math.max(used, i + 1);
        return i;
    }

    /** IDLE → the caller's, who is to drop it: the object in the highest of some places, which is free then; null if none is idle. */
    @Nullable T take(int some) {
        lock();
        while (true) {
            long now = word;
            int idle = (int) now & some;
            if (idle == 0) {
                unlock(0);
                return null;
            }
            int i = PLACES - 1 - Integer.numberOfLeadingZeros(idle);
            Object object = places[i];
            if (WORD.compareAndSet(this, now, (now & ~(1L << i)) + ONE)) {
                notHits++;
                if (object instanceof Recyclable recyclable) {
                    // Before anybody can put it back a second time, who has to wait for the end of this.
                    recyclable.shelf = null;
                }
                clear(i);
                unlock(0);
                return own(object);
            }
        }
    }

    /**
     * The places that have been idle since the last call of this: idle then and now, and above all that were claimed, as the lowest are
     * claimed first. Never called by two at a time.
     */
    int untouched() {
        int above = deepest;
        deepest = -1;
        int idle = idle();
        int since = idleBefore & idle;
        idleBefore = idle;
        return above == PLACES - 1 ? 0 : since & (-1 << (above + 1));
    }

    /** Lets go of all that are out, so that those that are lost can be collected. */
    void forget() {
        lock();
        for (int i = 0; i < places.length; i++) {
            if ((word & 1L << i) == 0) {
                places[i] = null;
                present &= ~(1 << i);
            }
        }
        unlock(0);
    }

    /** How many claims there were; if this is called every 2<sup>30</sup> claims at least, for the word counts to 2<sup>31</sup>. */
    long hits() {
        lock();
        long count = word >>> COUNT_SHIFT;
        hits += ((count - counted) & COUNT_MASK) - notHits;
        counted = count;
        notHits = 0;
        long now = hits;
        unlock(0);
        return now;
    }

    /** The object in that place if it is idle, which anybody may take meanwhile. */
    @Nullable T peek(int i) {
        Object object = places[i];
        return (word & 1L << i) == 0 ? null : own(object);
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // Only T's are put into places, and one that was idle had one.
    private T own(@Nullable Object object) {
        return (T) object;
    }

    private void lock() {
        for (int spins = 0; ; spins++) {
            long now = word;
            if ((now & WRITING) == 0 && WORD.compareAndSet(this, now, now | WRITING)) {
                return;
            }
            if (spins < SPINS) {
                Thread.onSpinWait();
            } else {
                // The one who writes is not running.
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** Makes {@code idle} so, and ends WRITING. The word before. */
    private long unlock(long idle) {
        notHits++;
        while (true) {
            long now = word;
            if (WORD.compareAndSet(this, now, ((now & ~WRITING) | idle) + ONE)) {
                return now;
            }
        }
    }
}
