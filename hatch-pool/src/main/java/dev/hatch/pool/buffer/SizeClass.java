package dev.hatch.pool.buffer;

import dev.hatch.pool.ObjectPool;
import dev.hatch.pool.ObjectPoolStats;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** The buffers of one capacity; or those of any, which are not kept. */
final class SizeClass {
    final ByteBufferPool pool;

    /** In bytes; 0: any. */
    final int capacity;

    final ObjectPool<PooledBuffer> buffers;
    private final Set<Account> accounts = ConcurrentHashMap.newKeySet();

    /** Bytes that exist, lent and idle. */
    private final AtomicLong held = new AtomicLong();

    private final AtomicLong peak = new AtomicLong();
    private final LongAdder unreachable = new LongAdder();
    final LongAdder waits = new LongAdder();

    /** The budget's age when one was last allocated or, as far as is known, taken. */
    volatile long lastUse;

    /** The hits that {@link #lastUse(long)} has seen. Guarded by this. */
    private long hitsSeen;

    SizeClass(ByteBufferPool pool, int capacity, int maxIdle, Duration fadeAfter) {
        this.pool = pool;
        this.capacity = capacity;
        buffers = ObjectPool.<PooledBuffer>builder(() -> {
                    throw new AssertionError("the buffer pool makes them");
                })
                .name(pool.name())
                .maxIdle(maxIdle)
                .fadeAfter(fadeAfter)
                .destroy(this::free)
                .build();
    }

    /** A new buffer, which the caller has, and whose memory he has reserved. */
    PooledBuffer allocate(int bytes, int turn) {
        ByteBuffer memory = pool.isDirect() ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes);
        PooledBuffer buffer = new PooledBuffer(pool, new Account(this, bytes), memory, turn);
        accounts.add(buffer.account);
        peak.accumulateAndGet(held.addAndGet(bytes), Math::max);
        buffers.adopt(buffer);
        return buffer;
    }

    private void free(PooledBuffer buffer) {
        if (pool.isDirect()) {
            DirectMemory.free(buffer.memory);
        }
        end(buffer.account);
    }

    /** Nobody has the buffer any more; the JVM frees its memory. */
    void lost(Account account) {
        unreachable.increment();
        end(account);
        pool.lost(account, unreachable.sum());
    }

    private void end(Account account) {
        accounts.remove(account);
        held.addAndGet(-account.capacity);
        pool.ended(account.capacity);
    }

    /** Says when it was used last: now, if there were hits since the last call of this. */
    synchronized long lastUse(long age) {
        long hits = buffers.stats().hits();
        if (hits != hitsSeen) {
            hitsSeen = hits;
            lastUse = age;
        }
        return lastUse;
    }

    long idleBytes() {
        return (long) capacity * buffers.idle();
    }

    SizeClassStats stats() {
        ObjectPoolStats now = buffers.stats();
        long asked = 0;
        for (Account account : accounts) {
            asked += Math.max(0, account.asked);
        }
        long idle = (long) capacity * now.idle();
        return new SizeClassStats(
                capacity,
                Math.max(0, held.get() - idle),
                asked,
                idle,
                peak.get(),
                now.hits(),
                now.misses(),
                waits.sum(),
                unreachable.sum());
    }
}
