package dev.hatch.pool.buffer;

import dev.hatch.pool.MemoryBudget;
import dev.hatch.pool.ObjectPool;
import dev.hatch.pool.PoolClosedException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lends byte buffers, and keeps them. There is an {@link ObjectPool} for each power of two from
 * {@value ByteBufferPoolBuilder#SMALLEST} bytes to a set maximum; what is larger is allocated and freed for each use, and counted
 * like the rest. A hit allocates nothing.
 *
 * <pre>{@code
 * try (PooledBuffer buffer = pool.get(1_024)) {
 *     channel.read(buffer.buffer());
 * }
 * }</pre>
 *
 * <p>The bytes of all buffers, lent and idle, are reserved in a {@link MemoryBudget}. When it is used up, idle buffers are freed for
 * what is wanted. If that does not do, {@link #get(int)} fails and {@link #get(int, Duration)} waits.
 *
 * <p>A buffer that becomes unreachable without having been released is counted, logged with the stack of where it was taken if
 * that is known ({@link Tracking}), and its memory is free again. As long as a slice or duplicate of it is reachable it is too.
 *
 * <p>Thread-safe, as {@link ObjectPool} and {@link MemoryBudget} are; the fast path reads of the budget whether somebody waits.
 */
public final class ByteBufferPool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ByteBufferPool.class);
    private static final int SMALLEST = ByteBufferPoolBuilder.SMALLEST;
    private static final int MOST_IDLE = 1 << 15;

    /** The turns of a buffer among which one use is sampled, where they are; a power of two. A use is two turns. */
    private static final int TURNS_TO_SAMPLE = 1 << 18;

    /** Of {@code pressure}: callers wait for memory. */
    static final int WAITERS = 1;

    /** Of {@code pressure}: more is held than may be idle. */
    private static final int FULL = 2;

    private static final byte[] ZEROS = new byte[1 << 13];

    private static final VarHandle PRESSURE;

    static {
        try {
            PRESSURE = MethodHandles.lookup().findVarHandle(ByteBufferPool.class, "pressure", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final ByteBufferPoolBuilder settings;
    private final MemoryBudget budget;
    private final SizeClass[] classes;

    /** The pools of the classes; on the fast path one step less. */
    private final ObjectPool<PooledBuffer>[] pools;

    private final SizeClass unpooled;
    private final Idle idle;

    private final boolean tracksAll;
    private final boolean actsOnRelease;

    /** Of how many of so many turns the stack is taken. */
    private final int turnsSampled;

    private final long mostIdle;

    /** Bytes that exist, lent and idle. */
    private final AtomicLong held = new AtomicLong();

    /** Why a return has more to do than to return; 0: it has not. Read after something became idle, written before it matters. */
    private volatile int pressure;

    private volatile boolean closed;

    private final AtomicLong peak = new AtomicLong();
    private final LongAdder waitNanos = new LongAdder();
    private final LongAdder timeouts = new LongAdder();
    private final LongAdder refusals = new LongAdder();

    @SuppressWarnings({"unchecked", "rawtypes"})
    ByteBufferPool(ByteBufferPoolBuilder settings) {
        this.settings = settings;
        tracksAll = settings.tracking == Tracking.ALL;
        actsOnRelease = tracksAll || settings.clearOnRelease;
        turnsSampled = switch (settings.tracking) {
            case OFF -> 0;
            case SAMPLED -> 4;
            case ALL -> TURNS_TO_SAMPLE;
        };
        budget = settings.budget != null ? settings.budget : MemoryBudget.of(allowed(settings.direct));
        classes = new SizeClass[classIndex(settings.largest) + 1];
        pools = new ObjectPool[classes.length];
        for (int i = 0; i < classes.length; i++) {
            int capacity = SMALLEST << i;
            int most = (int) Math.min(MOST_IDLE, Math.max(1, budget.limit() / capacity));
            classes[i] = new SizeClass(this, capacity, most, settings.fadeAfter);
            pools[i] = classes[i].buffers;
        }
        unpooled = new SizeClass(this, 0, 0, Duration.ZERO);
        mostIdle = settings.maxRetained != 0 ? settings.maxRetained : Math.max(1, budget.limit() / 2);
        idle = new Idle(this, classes, mostIdle);
        budget.join(idle);
    }

    /** Three quarters of what there is for such buffers, so that who else has some does not meet the JVM's own limit. */
    private static long allowed(boolean direct) {
        long most = direct ? DirectMemory.limit() : Runtime.getRuntime().maxMemory() / 2;
        return Math.max(1, most / 4 * 3);
    }

    private static int classIndex(int size) {
        return size <= SMALLEST ? 0 : 26 - Integer.numberOfLeadingZeros(size - 1);
    }

    /** A pool of direct buffers with every default; see {@link ByteBufferPoolBuilder}. */
    public static ByteBufferPool create() {
        return builder().build();
    }

    /** Begins the settings of a pool. */
    public static ByteBufferPoolBuilder builder() {
        return new ByteBufferPoolBuilder();
    }

    /**
     * A buffer, at once. It is at position 0, its limit is {@code size}, it is big-endian, its contents are undefined.
     *
     * @param size in bytes; 0 gives one whose limit is 0
     * @throws BudgetExhaustedException if the memory budget has no room for it, or others wait for room
     * @throws IllegalArgumentException if the size is negative
     * @throws PoolClosedException if the pool is closed
     */
    public PooledBuffer get(int size) {
        PooledBuffer found = pollIdle(size);
        return lend(found != null ? found : allocateNow(size), size);
    }

    private @Nullable PooledBuffer pollIdle(int size) {
        int index = classIndex(size);
        return index < pools.length && size >= 0 && (pressure & WAITERS) == 0 ? pools[index].poll() : null;
    }

    private PooledBuffer allocateNow(int size) {
        SizeClass home = missed(size);
        int bytes = bytesFor(home, size);
        if (!tryReserve(bytes)) {
            refusals.increment();
            throw exhausted(bytes, null);
        }
        return allocate(home, bytes);
    }

    private boolean tryReserve(int bytes) {
        if (budget.tryReserve(bytes)) {
            return true;
        }
        for (SizeClass one : classes) {
            one.buffers.recoverLost();
        }
        unpooled.buffers.recoverLost();
        return budget.tryReserve(bytes);
    }

    /**
     * As {@link #get(int)}, but waits for memory. Those who wait are served in order, and nobody who comes after them is before them.
     *
     * @param timeout how long to wait; for what is larger than the whole budget nobody waits
     * @throws BudgetExhaustedException if there was no room in time
     */
    public PooledBuffer get(int size, Duration timeout) throws InterruptedException {
        PooledBuffer found = pollIdle(size);
        return lend(found != null ? found : allocate(size, timeout), size);
    }

    private PooledBuffer allocate(int size, Duration timeout) throws InterruptedException {
        SizeClass home = missed(size);
        int bytes = bytesFor(home, size);
        return tryReserve(bytes) ? allocate(home, bytes) : await(home, bytes, timeout);
    }

    /** The class of which nothing was idle, or might be lent. */
    private SizeClass missed(int size) {
        if (size < 0) {
            throw new IllegalArgumentException(
                    "Pool '" + settings.name + "' has no buffers of " + size + " bytes: the size must not be negative");
        }
        if (closed) {
            throw new PoolClosedException(settings.name);
        }
        int index = classIndex(size);
        SizeClass home = index < classes.length ? classes[index] : unpooled;
        home.misses.increment();
        return home;
    }

    private static int bytesFor(SizeClass home, int size) {
        return home.capacity == 0 ? size : home.capacity;
    }

    private PooledBuffer await(SizeClass home, int bytes, Duration timeout) throws InterruptedException {
        if (bytes > budget.limit()) {
            refusals.increment();
            throw exhausted(bytes, null);
        }
        home.waits.increment();
        long start = System.nanoTime();
        Object got = null;
        try {
            // Under the budget's lock, so it allocates nothing: what it has reserved is allocated after.
            got = budget.await(
                    () -> {
                        PooledBuffer found = home.buffers.poll();
                        return found != null ? found : budget.tryReserve(bytes) ? home : null;
                    },
                    timeout);
        } finally {
            waitNanos.add(System.nanoTime() - start);
        }
        if (got == null) {
            timeouts.increment();
            throw exhausted(bytes, Duration.ofNanos(System.nanoTime() - start));
        }
        return got instanceof PooledBuffer found ? found : allocate(home, bytes);
    }

    /** For what is reserved. */
    private PooledBuffer allocate(SizeClass home, int bytes) {
        return home.allocate(bytes, ThreadLocalRandom.current().nextInt() & ~1);
    }

    private PooledBuffer lend(PooledBuffer buffer, int size) {
        // The next compare-and-set waits for all that was written before it: so what is right already is left alone.
        if (buffer.account.asked != size) {
            buffer.account.asked = size;
        }
        ByteBuffer memory = buffer.memory;
        if (memory.limit() != size) {
            memory.limit(size);
        }
        memory.rewind();
        if (memory.order() != ByteOrder.BIG_ENDIAN) {
            memory.order(ByteOrder.BIG_ENDIAN);
        }
        int turn = ++buffer.turn;
        return (turn & (TURNS_TO_SAMPLE - 1)) < turnsSampled ? track(buffer) : buffer;
    }

    /** For the use that is sampled and for the next, when that is over; with {@link Tracking#ALL} for each. */
    private PooledBuffer track(PooledBuffer buffer) {
        if (!tracksAll && (buffer.turn & (TURNS_TO_SAMPLE - 1)) != 1) {
            buffer.account.taken = null;
            return buffer;
        }
        Throwable here =
                new Throwable("taken by thread '" + Thread.currentThread().getName() + "'");
        buffer.account.taken = here;
        return tracksAll ? new PooledBuffer(buffer, here) : buffer;
    }

    /**
     * Takes a buffer back; the same as closing it.
     *
     * @throws IllegalStateException if it was released already
     * @throws IllegalArgumentException if it is of another pool
     */
    public void put(PooledBuffer buffer) {
        if (buffer.lender != this) {
            throw new IllegalArgumentException(
                    "Pool '" + settings.name + "' got a buffer of pool '" + buffer.lender.name() + "'");
        }
        release(buffer);
    }

    void release(PooledBuffer buffer) {
        int turn = buffer.turn;
        if ((turn & 1) == 0) {
            throw twice(buffer);
        }
        PooledBuffer kept = buffer;
        if (actsOnRelease) {
            kept = onRelease(buffer, turn);
        } else {
            buffer.turn = turn + 1;
        }
        kept.giveBack();
        if (pressure != 0) {
            relieve(kept.account.capacity);
        }
    }

    /** Whoever clears must be the only one who releases: the other's memory may be lent again while he does. */
    private PooledBuffer onRelease(PooledBuffer buffer, int turn) {
        if (!buffer.endTurn(turn)) {
            throw twice(buffer);
        }
        if (tracksAll) {
            buffer.markReleased();
        }
        if (settings.clearOnRelease) {
            clear(buffer.memory);
        }
        return buffer.kept;
    }

    /** After so many bytes became idle. */
    private void relieve(long bytes) {
        budget.wake();
        if (held.get() > mostIdle) {
            idle.added(bytes);
        }
    }

    private IllegalStateException twice(PooledBuffer buffer) {
        IllegalStateException e = new IllegalStateException("Pool '" + settings.name
                + "': a buffer was released twice; whoever released it must not use it any more"
                + (tracksAll ? "" : " (Tracking.ALL tells who did it first)"));
        buffer.addTraces(e);
        return e;
    }

    private static void clear(ByteBuffer buffer) {
        buffer.clear();
        while (buffer.hasRemaining()) {
            buffer.put(ZEROS, 0, Math.min(ZEROS.length, buffer.remaining()));
        }
    }

    /** Frees all idle buffers. */
    public void trim() {
        for (SizeClass one : classes) {
            one.buffers.trim();
        }
    }

    /** What the pool holds and has done. Looks at each buffer. */
    public ByteBufferPoolStats stats() {
        List<SizeClassStats> used = new ArrayList<>();
        for (SizeClass one : classes) {
            SizeClassStats stats = one.stats();
            if (stats.hits() + stats.misses() > 0) {
                used.add(stats);
            }
        }
        SizeClassStats large = unpooled.stats();
        SizeClassStats total = new SizeClassStats(0, 0, 0, 0, 0, 0, 0, 0, 0);
        for (SizeClassStats one : used) {
            total = total.plus(one);
        }
        return new ByteBufferPoolStats(
                total.plus(large).withPeak(peak.get()),
                used,
                large,
                budget.waiting(),
                Duration.ofNanos(waitNanos.sum()),
                timeouts.sum(),
                refusals.sum());
    }

    /** The bound on the pool's bytes, shared or its own. */
    public MemoryBudget budget() {
        return budget;
    }

    /** Frees all idle buffers, and from now on what comes back; nothing is lent any more. Closing again does nothing. */
    @Override
    public void close() {
        closed = true;
        for (SizeClass one : classes) {
            one.buffers.close();
        }
        unpooled.buffers.close();
        budget.leave(idle);
        budget.wake();
    }

    String name() {
        return settings.name;
    }

    boolean isDirect() {
        return settings.direct;
    }

    private long hold(long bytes) {
        long now = held.addAndGet(bytes);
        // Whoever writes last has seen what is held after he wrote.
        boolean full;
        do {
            full = held.get() > mostIdle;
            setPressure(FULL, full);
        } while (full != held.get() > mostIdle);
        return now;
    }

    /** Memory is about to be a buffer's. */
    void began(long bytes) {
        peak.accumulateAndGet(hold(bytes), Math::max);
    }

    void setPressure(int bit, boolean set) {
        for (int before = pressure; (before & bit) != 0 != set; before = pressure) {
            if (bit == FULL && set) {
                idle.begin();
            }
            if (PRESSURE.compareAndSet(this, before, set ? before | bit : before & ~bit)) {
                return;
            }
        }
    }

    /** A buffer's memory is free again. */
    void ended(long bytes) {
        hold(-bytes);
        budget.release(bytes);
    }

    /** A buffer has become unreachable, the so many-th of its class. */
    void lost(Account account, long count) {
        String what =
                "Pool '{}': a buffer of {} bytes was never released and is unreachable now; its memory is free again";
        if (account.taken != null) {
            LOG.warn(what + ". It was", settings.name, account.capacity, account.taken);
        } else if (Long.bitCount(count) == 1) {
            // At the 1st, 2nd, 4th, 8th: a pool that loses many would fill the log.
            LOG.warn(
                    what + ". Of its size it is no. {}; Tracking.ALL tells where they are taken",
                    settings.name,
                    account.capacity,
                    count);
        }
    }

    private BudgetExhaustedException exhausted(int bytes, @Nullable Duration waited) {
        long idleBytes = idle.idleBytes();
        return new BudgetExhaustedException(
                "Pool '" + settings.name + "' has no memory for a buffer of " + bytes + " bytes"
                        + (waited == null ? "" : " after " + waited.toMillis() + " ms")
                        + ": of the budget of " + budget.limit() + " bytes " + budget.reserved()
                        + " are reserved, by this pool "
                        + Math.max(0, held.get() - idleBytes) + " lent and " + idleBytes + " idle; " + budget.waiting()
                        + " callers wait. "
                        + (bytes > budget.limit()
                                ? "It is larger than the whole budget."
                                : "Buffers are held for long, or not released, or the budget is too small."));
    }
}
