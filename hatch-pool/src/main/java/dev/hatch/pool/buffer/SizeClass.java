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
    private final AtomicLong unreachable = new AtomicLong();
    final LongAdder waits = new LongAdder();
    final LongAdder misses = new LongAdder();

    SizeClass(ByteBufferPool pool, int capacity, int maxIdle, Duration fadeAfter) {
        this.pool = pool;
        this.capacity = capacity;
        buffers = ObjectPool.<PooledBuffer>builder(() -> {
                    throw new AssertionError("the buffer pool makes them");
                })
                .name(pool.name())
                .maxIdle(maxIdle)
                .fadeAfter(fadeAfter)
                .weigher(buffer -> buffer.account.asked)
                .destroy(this::free)
                .build();
    }

    /** A new buffer, which the caller has, and whose memory he has reserved; that is released if this fails. */
    PooledBuffer allocate(int bytes, int turn) {
        Account account = new Account(this, bytes);
        accounts.add(account);
        peak.accumulateAndGet(held.addAndGet(bytes), Math::max);
        pool.began(bytes);
        try {
            ByteBuffer memory = pool.isDirect() ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes);
            PooledBuffer buffer = new PooledBuffer(pool, account, memory, turn);
            buffers.adopt(buffer);
            return buffer;
        } catch (Throwable e) {
            end(account);
            throw e;
        }
    }

    private void free(PooledBuffer buffer) {
        try {
            if (pool.isDirect()) {
                DirectMemory.free(buffer.memory);
            }
        } finally {
            end(buffer.account);
        }
    }

    /** Nobody has the buffer any more; the JVM frees its memory. */
    void lost(Account account) {
        end(account);
        pool.lost(account, unreachable.incrementAndGet());
    }

    private void end(Account account) {
        if (accounts.remove(account)) {
            held.addAndGet(-account.capacity);
            pool.ended(account.capacity);
        }
    }

    long idleBytes() {
        return (long) capacity * buffers.idle();
    }

    SizeClassStats stats() {
        ObjectPoolStats now = buffers.stats();
        long asked = -now.idleBytes();
        for (Account account : accounts) {
            asked += account.asked;
        }
        long idle = (long) capacity * now.idle();
        return new SizeClassStats(
                capacity,
                Math.max(0, held.get() - idle),
                Math.max(0, asked),
                idle,
                peak.get(),
                now.hits(),
                misses.sum(),
                waits.sum(),
                unreachable.get());
    }
}
