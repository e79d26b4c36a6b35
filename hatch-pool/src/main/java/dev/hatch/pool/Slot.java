package dev.hatch.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One place of a pool. Its state word holds a state in the low three bits, above it 24 bits for the id of the thread that
 * claimed it, and a generation of 37 bits. Every change of state is one compare-and-set of the whole word, and each has a
 * method with a name here. Whoever moves a slot out of {@link #IDLE}, {@link #STALE} or {@link #EMPTY} owns it until he
 * moves it on, and only the owner touches the plain
 * fields, which the next compare-and-set publishes.
 *
 * <p>The generation rises with every step except the claim, so no word that a lease ever saw comes back, within 137 billion steps: a
 * second close, or one by a lease of long ago, finds another word and does nothing.
 */
final class Slot<R> extends SlotFields<R> {
    /** There is a resource and anybody may claim it. */
    static final int IDLE = 0;

    /** A lease has it; or, for an instant, the thread that is about to give it to the next. */
    static final int LEASED = 1;

    /** There is a resource that has to be validated before it is lent. */
    static final int STALE = 2;

    /** A worker is creating the resource. */
    static final int FILLING = 3;

    /** The pool has it: to validate, to reset or to destroy it. */
    static final int HELD = 4;

    /** No resource. */
    static final int EMPTY = 5;

    private static final int STATE_BITS = 3;
    private static final int STATE_MASK = (1 << STATE_BITS) - 1;
    private static final int THREAD_BITS = 24;
    private static final long THREAD_MASK = (1L << THREAD_BITS) - 1;
    private static final long CLAIMANT_MASK = THREAD_MASK << STATE_BITS;

    /** In place of a thread: {@link #home} has the lease. */
    private static final long AT_HOME = 0;

    /** In place of a thread: it got the lease, or the slot, without a claim. */
    private static final long NOT_SAID = CLAIMANT_MASK;

    private static final long GENERATION = 1L << (STATE_BITS + THREAD_BITS);

    private static final VarHandle STATE;
    private static final VarHandle HOLDER;
    private static final VarHandle HOME;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(SlotFields.class, "state", long.class);
            HOLDER = lookup.findVarHandle(SlotFields.class, "holder", long.class);
            HOME = lookup.findVarHandle(SlotFields.class, "home", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final ResourcePool<R, ?> pool;
    final LeaseNotes notes = new LeaseNotes();

    @SuppressWarnings("unused") // Keeps what follows in memory off the line of the state.
    private long q0, q1, q2, q3, q4, q5, q6, q7, q8, q9, q10, q11, q12, q13;

    Slot(ResourcePool<R, ?> pool) {
        this.pool = pool;
        state = EMPTY;
    }

    static int code(long word) {
        return (int) word & STATE_MASK;
    }

    long word() {
        return state;
    }

    /** IDLE → LEASED, by the caller whose {@link #home} it is: a plain addition. */
    boolean claimAtHome(long thread) {
        long word = state;
        // What follows the word was so when it was read, or the compare-and-set fails: home is written by who has a
        // lease.
        return (word & (CLAIMANT_MASK | STATE_MASK)) == IDLE
                && home == thread
                && STATE.compareAndSet(this, word, word + LEASED);
    }

    /** IDLE → LEASED, by any caller, of whom the word then says which he is. The generation stays. */
    boolean claim(long thread) {
        long word = state;
        return code(word) == IDLE
                && STATE.compareAndSet(this, word, (word & ~CLAIMANT_MASK) + claimant(thread) + LEASED);
    }

    private static long claimant(long thread) {
        return thread == 0 || thread > THREAD_MASK ? NOT_SAID : thread << STATE_BITS;
    }

    /** The id of the thread that has the lease {@code word}; {@link Holder#UNKNOWN} if nobody has said that yet. */
    long holder(long word) {
        long known = holder;
        if (Holder.isOf(known, word)) {
            return Holder.thread(known);
        }
        long claimant = word & CLAIMANT_MASK;
        if (claimant == AT_HOME) {
            return Math.abs(home);
        }
        return claimant == NOT_SAID ? Holder.UNKNOWN : claimant >>> STATE_BITS;
    }

    /** By the housekeeper: the slot is nobody's home from now on, but it stays known whose it was, who may have it. */
    void leaveHome() {
        long thread = home;
        HOME.compareAndSet(this, thread, -Math.abs(thread));
    }

    /** Which of the slot's steps led to the word. */
    static long generation(long word) {
        return word >>> (STATE_BITS + THREAD_BITS);
    }

    /** LEASED → IDLE, by whoever has a lease that was claimed at home: a plain addition. */
    boolean freeAtHome(long lease) {
        return STATE.compareAndSet(this, lease, lease + GENERATION - LEASED);
    }

    /** LEASED → IDLE, by whoever has the lease. */
    boolean free(long lease) {
        return STATE.compareAndSet(this, lease, next(lease, IDLE));
    }

    /** LEASED → LEASED of the next generation, by whoever has the lease: from here on the old lease is void. */
    boolean handOver(long lease) {
        return STATE.compareAndSet(this, lease, next(lease, LEASED));
    }

    /** IDLE → STALE, by the housekeeper or whoever saw a validation fail. */
    boolean suspect() {
        long word = state;
        return code(word) == IDLE && move(word, STALE);
    }

    /** IDLE, STALE or LEASED → HELD, by the housekeeper, a waiter or whoever has the lease. */
    boolean hold(long word) {
        return move(word, HELD);
    }

    /** HELD → LEASED, by the holder: the resource is good. */
    boolean unhold(long word) {
        return move(word, LEASED);
    }

    /** HELD → STALE, by the holder: nobody could validate it. */
    boolean unholdStale(long word) {
        return move(word, STALE);
    }

    /** EMPTY → FILLING, by anybody who wants a resource. */
    boolean fill(long word) {
        return code(word) == EMPTY && move(word, FILLING);
    }

    /** FILLING → LEASED, by the worker that created the resource. */
    boolean filled(long word) {
        return move(word, LEASED);
    }

    /** HELD or FILLING → EMPTY, by its owner, or by the housekeeper if the owner has hung. */
    boolean vacate(long word) {
        return move(word, EMPTY);
    }

    /** The word that every step but the claim leads to; the claimant is no part of it. */
    static long next(long word, int code) {
        return (word & ~(CLAIMANT_MASK | STATE_MASK)) + GENERATION + (code == LEASED ? NOT_SAID : 0) + code;
    }

    /** The word of a slot that was held by {@code word}, found good and freed, with nobody having claimed it since. */
    static long wordAfterHold(long word) {
        return next(next(next(word, HELD), LEASED), IDLE);
    }

    private boolean move(long word, int code) {
        return STATE.compareAndSet(this, word, next(word, code));
    }

    /** By the user of the lease {@code word}, unless it is known already that he has it and is not quiet. */
    void usedBy(long word, long thread) {
        long known = holder;
        long claimant = word & CLAIMANT_MASK;
        if (Holder.isOf(known, word)
                || claimant == NOT_SAID
                || (claimant == AT_HOME ? Math.abs(home) != thread : claimant != claimant(thread))) {
            long now = Holder.of(word, thread);
            if (known != now) {
                holder = now;
            }
        }
    }

    /** By the housekeeper: true if the user of the lease {@code word} has been quiet since it asked before. */
    boolean wasQuiet(long word) {
        long known = holder;
        if (Holder.isQuiet(known, word)) {
            return true;
        }
        HOLDER.compareAndSet(this, known, Holder.quiet(word, holder(word)));
        return false;
    }

    /** The entry, for who owned the slot by {@code word}; null if it was moved on since. */
    @Nullable Entry<R> entry(long word) {
        Entry<R> current = entry;
        // The entry is read before the state is: if the word is still there, it was there then, and the entry is its
        // own.
        VarHandle.loadLoadFence();
        return state == word ? current : null;
    }

    /** Who holds the lease {@code word} reads his resource; null if the lease is over. */
    @Nullable R resource(long word) {
        Entry<R> current = entry(word);
        return current == null ? null : current.resource;
    }
}
