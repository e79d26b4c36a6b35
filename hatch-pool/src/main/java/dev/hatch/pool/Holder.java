package dev.hatch.pool;

/**
 * Who has a lease, as one number, where the lease's word does not say it or he has changed: the low 24 bits of the word's generation above, so
 * that it says nothing of any other lease of the slot; then a bit for whether he was quiet since the housekeeper looked; then the id of
 * the thread that last used the lease.
 *
 * <p>Written by users of the lease without a lock, since each writes what is true of himself. One whose lease has just ended may so write
 * over what the next user said: then it is not known who that is, until he uses it again. The housekeeper adds the bit by
 * compare-and-set, so that it never takes back what a user writes.
 */
final class Holder {
    private static final int GENERATION_SHIFT = 40;
    private static final long QUIET = 1L << 39;
    private static final long THREAD = QUIET - 1;

    /** No thread. */
    static final long UNKNOWN = 0;

    private Holder() {}

    static long of(long word, long thread) {
        return Slot.generation(word) << GENERATION_SHIFT | (thread & THREAD);
    }

    static long quiet(long word, long thread) {
        return of(word, thread) | QUIET;
    }

    static boolean isOf(long holder, long word) {
        return holder >>> GENERATION_SHIFT == (Slot.generation(word) << GENERATION_SHIFT) >>> GENERATION_SHIFT;
    }

    static boolean isQuiet(long holder, long word) {
        return isOf(holder, word) && (holder & QUIET) != 0;
    }

    static long thread(long holder) {
        return holder & THREAD;
    }
}
