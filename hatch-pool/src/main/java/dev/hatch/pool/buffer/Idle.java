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

    private final MemoryBudget budget;
    private final ByteBufferPool pool;
    private final SizeClass[] classes;

    /** How many more bytes may become idle before they have to be counted again; too few, since nobody adds what is taken. */
    private final AtomicLong room = new AtomicLong();

    Idle(ByteBufferPool pool, MemoryBudget budget, SizeClass[] classes, long most) {
        this.pool = pool;
        this.budget = budget;
        this.classes = classes;
        this.most = most;
    }

    /** To be called after so many bytes became idle. */
    void added(long bytes) {
        if (room.addAndGet(-bytes) < 0) {
            trim();
        }
    }

    private synchronized void trim() {
        // What is subtracted after this may be counted twice, and what was before it is idle by now.
        long before = room.get();
        long idle = bytes();
        while (idle > most) {
            giveWay(idle - most);
            idle = bytes();
        }
        room.addAndGet(most - idle - before);
    }

    private long bytes() {
        long sum = 0;
        for (SizeClass one : classes) {
            sum += one.idleBytes();
        }
        return sum;
    }

    @Override
    public @Nullable Long leastRecentUse() {
        SizeClass first = leastRecentlyUsed();
        return first == null ? null : first.lastUse;
    }

    @Override
    public void waiting(boolean somebody) {
        pool.setPressure(ByteBufferPool.WAITERS, somebody);
    }

    @Override
    public void giveWay(long bytes) {
        SizeClass first = leastRecentlyUsed();
        if (first != null) {
            first.buffers.trim((int) ((bytes + first.capacity - 1) / first.capacity));
        }
    }

    /** Of those that have something idle; where two were used at the same time, the one with larger buffers. */
    private @Nullable SizeClass leastRecentlyUsed() {
        SizeClass first = null;
        long firstUse = 0;
        for (SizeClass one : classes) {
            long use = one.buffers.idle() == 0 ? Long.MAX_VALUE : one.lastUse(budget.age());
            if (use != Long.MAX_VALUE && (first == null || use <= firstUse)) {
                first = one;
                firstUse = use;
            }
        }
        return first;
    }
}
