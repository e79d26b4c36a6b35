package dev.hatch.pool.buffer;

import dev.hatch.pool.Recyclable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A buffer on loan, to be closed once.
 *
 * <p>It may be used and closed by any thread, one at a time: handing it to another thread is up to the user, as for any buffer that is
 * not thread-safe. After the close neither it, nor its {@link #buffer()}, nor a slice or duplicate of that must be used: the memory
 * belongs to the next user, or is freed, and the JVM can crash. The pool cannot notice that.
 */
public final class PooledBuffer extends Recyclable implements AutoCloseable {
    private static final VarHandle TURN;

    static {
        try {
            TURN = MethodHandles.lookup().findVarHandle(PooledBuffer.class, "turn", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final ByteBufferPool lender;
    final Account account;
    final ByteBuffer memory;

    /** What the pool keeps: this, but with {@link Tracking#ALL}, where each user gets another. */
    final PooledBuffer kept;

    /** Goes up when it is taken and when it is released, from any even number: odd while somebody has it. Written by whoever does so. */
    int turn;

    /** With {@link Tracking#ALL}: where it was taken. */
    private final @Nullable Throwable taken;

    /** With {@link Tracking#ALL}: where it was released, once that is known. */
    private volatile @Nullable Throwable released;

    /** What the pool keeps. */
    PooledBuffer(ByteBufferPool lender, Account account, ByteBuffer memory, int turn) {
        this.lender = lender;
        this.account = account;
        this.memory = memory;
        this.turn = turn;
        kept = this;
        taken = null;
    }

    /** One user's, with {@link Tracking#ALL}. */
    PooledBuffer(PooledBuffer kept, Throwable taken) {
        this.kept = kept;
        this.taken = taken;
        lender = kept.lender;
        account = kept.account;
        memory = kept.memory;
        turn = 1;
    }

    /**
     * The buffer: as taken from the pool at position 0, its limit what was asked for, big-endian, its contents undefined. Always the
     * same one until the close.
     *
     * @throws IllegalStateException if it was released, unless its memory has been lent again since
     */
    public ByteBuffer buffer() {
        if ((turn & 1) == 0) {
            throw new IllegalStateException(
                    "Pool '" + lender.name() + "': this buffer was released, and must not be used any more");
        }
        return memory;
    }

    /**
     * Gives the memory back, as {@link ByteBufferPool#put} does.
     *
     * @throws IllegalStateException if it was released already: always noticed while it is idle, with {@link Tracking#ALL} always
     */
    @Override
    public void close() {
        lender.release(this);
    }

    /** Makes the memory idle, or frees it. */
    void giveBack() {
        recycle();
    }

    /** What the buffer's slices and duplicates keep reachable: so memory that any of them reaches is in use. */
    @Override
    @SuppressWarnings("ByteBufferBackingArray") // As an object, not for its contents.
    protected Object watched() {
        return memory.hasArray() ? memory.array() : memory;
    }

    @Override
    protected Runnable whenLost() {
        return account;
    }

    /** Ends the turn in which somebody has it; false if another has done so. */
    boolean endTurn(int now) {
        return TURN.compareAndSet(this, now, now + 1);
    }

    /** With {@link Tracking#ALL}: it is released here. */
    void markReleased() {
        released = new Throwable("released by thread '" + Thread.currentThread().getName() + "'");
    }

    /** Where it was taken and released, as far as that is known, as suppressed exceptions. */
    void addTraces(Throwable e) {
        for (Throwable trace : new Throwable[] {taken, released}) {
            if (trace != null) {
                e.addSuppressed(trace);
            }
        }
    }
}
