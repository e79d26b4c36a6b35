package dev.hatch.pool.buffer;

import dev.hatch.pool.MemoryBudget;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a pool's idle bytes within their bound, and gives them to the budget. It is asked only while the pool holds more than that
 * bound, lent and idle together; while it does not, no return needs to count.
 */
final class Idle implements MemoryBudget.Member {
    /** The bound in bytes. */
    private final long most;

    private final ByteBufferPool pool;
    private final SizeClass[] classes;

    /** How many more bytes may become idle before they have to be counted again; too few, since nobody adds what is taken. */
    private final AtomicLong room = new AtomicLong();

    private volatile boolean unknown;

    Idle(ByteBufferPool pool, SizeClass[] classes, long most) {
        this.pool = pool;
        this.classes = classes;
        this.most = most;
    }

    /** The room is unknown: said before any return has to count again. */
    void begin() {
        unknown = true;
    }

    /** To be called after so many bytes became idle. */
    void added(long bytes) {
        if (room.addAndGet(-bytes) < 0 || unknown) {
            trim();
        }
    }

    private synchronized void trim() {
        unknown = false;
        // What is subtracted after this may be counted twice, and what was before it is idle by now.
        long before = room.get();
        long idle = idleBytes();
        while (idle > most) {
            giveWay(idle - most);
            idle = idleBytes();
        }
        room.addAndGet(most - idle - before);
    }

    @Override
    public long idleBytes() {
        long sum = 0;
        for (SizeClass one : classes) {
            sum += one.idleBytes();
        }
        return sum;
    }

    @Override
    public @Nullable Long leastRecentUse() {
        SizeClass first = leastRecentlyUsed();
        return first == null ? null : first.buffers.lastUseNanos();
    }

    @Override
    public void giveWay(long bytes) {
        SizeClass first = leastRecentlyUsed();
        if (first != null) {
            first.buffers.trim((int) Math.min(Integer.MAX_VALUE, (bytes - 1) / first.capacity + 1));
        }
    }

    @Override
    public void waiting(boolean somebody) {
        pool.setPressure(ByteBufferPool.WAITERS, somebody);
    }

    /** Of those that have something idle. */
    private @Nullable SizeClass leastRecentlyUsed() {
        SizeClass first = null;
        long firstUse = 0;
        for (SizeClass one : classes) {
            if (one.buffers.idle() > 0) {
                long use = one.buffers.lastUseNanos();
                if (first == null || use - firstUse < 0) {
                    first = one;
                    firstUse = use;
                }
            }
        }
        return first;
    }
}
