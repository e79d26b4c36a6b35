package dev.hatch.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One place of a pool. Its state word holds a state in the low three bits and a generation above; every change of state
 * is one compare-and-set of the whole word, and each has a method with a name here. Whoever moves a slot out of
 * {@link #IDLE}, {@link #STALE} or {@link #EMPTY} owns it until he moves it on, and only the owner touches the plain
 * fields, which the next compare-and-set publishes.
 *
 * <p>The generation rises with every step except the claim, so no word that a lease ever saw comes back: a second close,
 * or one by a lease of long ago, finds another word and does nothing.
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
    private static final long GENERATION = 1L << STATE_BITS;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(SlotFields.class, "state", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final ResourcePool<R, ?> pool;

    @SuppressWarnings("unused") // Keeps what follows in memory off the line of the state.
    private long q0, q1, q2, q3, q4, q5, q6, q7, q8, q9, q10, q11, q12, q13;

    Slot(ResourcePool<R, ?> pool) {
        this.pool = pool;
        state = EMPTY;
    }

    static int code(long word) {
        return (int) word & STATE_MASK;
    }

    static long generation(long word) {
        return word >> STATE_BITS;
    }

    long word() {
        return state;
    }

    /** IDLE → LEASED, by a caller. The generation stays, which makes this a plain addition. */
    boolean claim() {
        long word = state;
        return code(word) == IDLE && STATE.compareAndSet(this, word, word + LEASED);
    }

    /** LEASED → IDLE, by whoever has the lease. */
    boolean free(long lease) {
        return STATE.compareAndSet(this, lease, lease + GENERATION - LEASED);
    }

    /** LEASED → LEASED of the next generation, by whoever has the lease: from here on the old lease is void. */
    boolean handOver(long lease) {
        return STATE.compareAndSet(this, lease, lease + GENERATION);
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

    /** The word that every step but the claim leads to. */
    static long next(long word, int code) {
        return (word & ~STATE_MASK) + GENERATION + code;
    }

    private boolean move(long word, int code) {
        return STATE.compareAndSet(this, word, next(word, code));
    }

    /** Who holds the lease {@code word} reads his resource; null if the lease is over. */
    @Nullable R resource(long word) {
        Entry<R> current = entry;
        // The entry is read before the state is: if the lease is open now, it was open then, and the entry is its own.
        VarHandle.loadLoadFence();
        return state == word && current != null ? current.resource : null;
    }
}
