package dev.hatch.arrow;

import dev.hatch.pool.ObjectPool;
import dev.hatch.pool.ObjectPoolStats;
import dev.hatch.pool.PoolClosedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lends {@link RecordBuilder}s, and keeps them with the memory that they have. There is an {@link ObjectPool} for each schema, metadata
 * included.
 *
 * <pre>{@code
 * try (RecordBuilder builder = pool.get(schema)) {
 *     builder.append(0, 17L).endRow();
 *     send(builder.lend());
 * }
 * }</pre>
 *
 * <p>All memory is of one child of the caller's allocator, which has a limit; so is that of a batch that is handed over, until it is
 * closed. Builders that are idle keep up to a bound of bytes, and there is a bound on schemas: what was not used for longest is let go
 * first. A builder that becomes unreachable without having been given back is counted, and its memory is freed.
 *
 * <p>Thread-safe, as {@link ObjectPool} is; the schemas are in a concurrent map.
 */
public final class RecordBuilderPool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RecordBuilderPool.class);

    /** The builders of one schema. */
    private static final class Builders {
        final Schema schema;
        final ObjectPool<RecordBuilder> idle;
        volatile long used = System.nanoTime();

        Builders(Schema schema, ObjectPool<RecordBuilder> idle) {
            this.schema = schema;
            this.idle = idle;
        }
    }

    /** The builders that were asked for last, and by which schema: most ask for the same, and a hash of one is slow. */
    private record Last(Schema schema, Builders builders) {}

    private final String name;
    private final int maxSchemas;
    private final long maxIdleBytes;
    private final Duration fadeAfter;
    private final boolean tracksTaken;
    private final BufferAllocator allocator;
    private final ConcurrentHashMap<Schema, Builders> schemas = new ConcurrentHashMap<>();

    /** All that exist and have memory. */
    private final Set<BatchMemory> batches = ConcurrentHashMap.newKeySet();

    private final AtomicLong idleBytes = new AtomicLong();
    private final LongAdder misses = new LongAdder();
    private final LongAdder hits = new LongAdder();
    private final LongAdder unreachable = new LongAdder();
    private final LongAdder evicted = new LongAdder();
    private volatile @Nullable Last last;
    private volatile boolean closed;
    private boolean allocatorClosed;

    RecordBuilderPool(RecordBuilderPoolBuilder settings) {
        name = settings.name;
        maxSchemas = settings.maxSchemas;
        maxIdleBytes = settings.maxIdleBytes;
        fadeAfter = settings.fadeAfter;
        tracksTaken = settings.tracksTaken;
        allocator = settings.parent.newChildAllocator(name, 0, settings.maxBytes);
    }

    /** A pool with every default, see {@link RecordBuilderPoolBuilder}, in memory of a child of {@code parent}. */
    public static RecordBuilderPool create(BufferAllocator parent) {
        return builder(parent).build();
    }

    /** Begins the settings of a pool in memory of a child of {@code parent}. */
    public static RecordBuilderPoolBuilder builder(BufferAllocator parent) {
        return new RecordBuilderPoolBuilder(parent);
    }

    /**
     * An empty builder for batches of that schema, with memory for as many rows as its batches had lately.
     *
     * @throws OutOfMemoryException if there is none within the limits, even once all idle builders are freed
     * @throws PoolClosedException if the pool is closed
     * @throws UnsupportedOperationException as {@link RecordBuilder#create} does
     */
    public RecordBuilder get(Schema schema) {
        while (true) {
            if (closed) {
                throw new PoolClosedException(name);
            }
            Builders builders = builders(schema);
            RecordBuilder found;
            try {
                found = builders.idle.poll();
            } catch (PoolClosedException e) {
                // Let go for another schema in this instant.
                forget(builders);
                continue;
            }
            builders.used = System.nanoTime();
            RecordBuilder lent = lend(found != null ? found : make(builders));
            (found != null ? hits : misses).increment();
            return lent;
        }
    }

    @SuppressWarnings("ReferenceEquality") // What is equal and another is looked up.
    private Builders builders(Schema schema) {
        Last known = last;
        if (known != null && known.schema == schema) {
            return known.builders;
        }
        Builders found = schemas.get(schema);
        Builders builders = found != null ? found : add(schema);
        last = new Last(schema, builders);
        return builders;
    }

    private boolean forget(Builders builders) {
        last = null;
        return schemas.remove(builders.schema, builders);
    }

    private RecordBuilder lend(RecordBuilder builder) {
        idleBytes.addAndGet(-builder.idleBytes);
        builder.idleBytes = 0;
        BatchMemory memory = builder.batch.memory;
        memory.taken = tracksTaken
                ? new Throwable("taken by thread '" + Thread.currentThread().getName() + "'")
                : null;
        memory.open.set(true);
        try {
            begin(builder.batch);
        } catch (Throwable e) {
            put(builder);
            throw e;
        }
        return builder;
    }

    /** What is idle gives way if there is no memory without it. */
    private void begin(Batch batch) {
        try {
            batch.beginRow();
        } catch (OutOfMemoryException e) {
            trim();
            batch.beginRow();
        }
    }

    private RecordBuilder make(Builders builders) {
        Batch batch;
        try {
            batch = new Batch(builders.schema, allocator);
        } catch (UnsupportedOperationException e) {
            forget(builders);
            throw e;
        }
        batch.memory.open.set(false);
        batches.add(batch.memory);
        if (closed) {
            // Who closes looks for what exists after he has said so: one of both sees the other.
            free(batch.memory);
            throw new PoolClosedException(name);
        }
        RecordBuilder builder = new RecordBuilder(batch, this);
        builders.idle.adopt(builder);
        return builder;
    }

    private Builders add(Schema schema) {
        Builders fresh = new Builders(
                schema,
                ObjectPool.<RecordBuilder>builder(() -> {
                            throw new AssertionError("the pool of builders makes them");
                        })
                        .name(name)
                        .fadeAfter(fadeAfter)
                        .destroy(this::free)
                        .build());
        Builders before = schemas.putIfAbsent(schema, fresh);
        if (before != null) {
            return before;
        }
        while (schemas.size() > maxSchemas) {
            Builders oldest = leastRecentlyUsed(fresh, false);
            if (oldest == null) {
                break;
            }
            if (forget(oldest)) {
                evicted.increment();
                oldest.idle.close();
            }
        }
        if (closed) {
            fresh.idle.close();
        }
        return fresh;
    }

    private @Nullable Builders leastRecentlyUsed(@Nullable Builders except, boolean withIdle) {
        Builders oldest = null;
        for (Builders one : schemas.values()) {
            if (one != except && (!withIdle || one.idle.idle() > 0) && (oldest == null || one.used - oldest.used < 0)) {
                oldest = one;
            }
        }
        return oldest;
    }

    /**
     * Takes a builder back, empty or not; the same as closing it. What was not built is dropped.
     *
     * @throws IllegalArgumentException if it is of another pool, or of none
     * @throws IllegalStateException if it was given back already
     */
    public void put(RecordBuilder builder) {
        Objects.requireNonNull(builder, "builder");
        if (builder.lender() != this) {
            RecordBuilderPool other = builder.lender();
            throw new IllegalArgumentException("Pool '" + name + "' got a builder of "
                    + (other == null ? "no pool" : "pool '" + other.name + "'"));
        }
        Batch batch = builder.batch;
        if (!batch.memory.open.compareAndSet(true, false)) {
            throw new IllegalStateException("Pool '" + name
                    + "': a builder was given back twice; whoever gave it back must not use it any more");
        }
        batch.clear();
        batch.memory.taken = null;
        builder.idleBytes = batch.bytes();
        idleBytes.addAndGet(builder.idleBytes);
        builder.giveBack();
        while (idleBytes.get() > maxIdleBytes) {
            Builders oldest = leastRecentlyUsed(null, true);
            if (oldest == null || oldest.idle.trim(1) == 0) {
                break;
            }
        }
        if (closed) {
            closeAllocator();
        }
    }

    private void free(RecordBuilder builder) {
        idleBytes.addAndGet(-builder.idleBytes);
        builder.idleBytes = 0;
        free(builder.batch.memory);
    }

    private void free(BatchMemory memory) {
        if (batches.remove(memory)) {
            memory.free();
        }
    }

    /** Runs once nobody has that builder any more, nor any of its appenders, and nobody gave it back. */
    Runnable whenLost(BatchMemory memory) {
        return () -> {
            warn("a builder was never given back and is unreachable now; its memory is free again", memory);
            free(memory);
            unreachable.increment();
            if (closed) {
                closeAllocator();
            }
        };
    }

    private void warn(String what, BatchMemory memory) {
        Throwable taken = memory.taken;
        LOG.warn("Pool '{}': {}{}", name, what, taken == null ? "" : ". It was", taken);
    }

    /** Frees what is idle. */
    public void trim() {
        for (Builders one : schemas.values()) {
            one.idle.trim();
        }
    }

    /** What the pool holds and has done. */
    public RecordBuilderPoolStats stats() {
        List<RecordBuilderPoolStats.OfSchema> each = new ArrayList<>();
        int idle = 0;
        for (Builders one : schemas.values()) {
            ObjectPoolStats stats = one.idle.stats();
            idle += stats.idle();
            each.add(new RecordBuilderPoolStats.OfSchema(
                    one.schema, stats.hits(), stats.created(), stats.idle(), stats.dropped()));
        }
        return new RecordBuilderPoolStats(
                each,
                (int) batches.stream().filter(memory -> memory.open.get()).count(),
                idle,
                Math.max(0, idleBytes.get()),
                hits.sum(),
                misses.sum(),
                unreachable.sum(),
                evicted.sum(),
                allocator.getAllocatedMemory(),
                allocator.getPeakMemoryAllocation(),
                allocator.getLimit());
    }

    /**
     * Frees what is idle, and from now on what comes back; nothing is lent any more. Builders that are still out are logged, with where they
     * were taken if that is tracked, and stay usable until they are given back. The pool's allocator is closed once nothing of it is in
     * use: by this, by the last builder that comes back, or by closing the pool again once the last batch is closed.
     */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            for (Builders one : schemas.values()) {
                one.idle.close();
            }
            for (BatchMemory memory : batches) {
                if (memory.open.get()) {
                    warn("it is closed while a builder is out", memory);
                }
            }
        }
        closeAllocator();
    }

    private synchronized void closeAllocator() {
        if (!allocatorClosed && batches.isEmpty() && allocator.getAllocatedMemory() == 0) {
            allocatorClosed = true;
            allocator.close();
        }
    }
}
