package dev.hatch.micrometer;

import dev.hatch.pool.buffer.ByteBufferPool;
import dev.hatch.pool.buffer.ByteBufferPoolStats;
import dev.hatch.pool.buffer.SizeClassStats;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * A pool of byte buffers as meters, {@code hatch.buffer.pool.*}. Those of a size class have its capacity as the tag {@code size}, and
 * {@code unpooled} is the size of buffers that are larger than any; so a sum over the sizes is the pool's. Its budget has meters of its
 * own, see {@link MemoryBudgetMetrics}.
 *
 * <p>A class has meters once a buffer of it was taken and the pool was looked at: those of a class that is new are in the scrape after the
 * one that finds it. (A {@code MultiGauge} would need somebody to refresh it, and has gauges only; most of these are counters.)
 *
 * <p>Thread-safe. May be bound to several registries; {@link #close} takes it out of all.
 */
public final class ByteBufferPoolMetrics extends PoolMeters<ByteBufferPoolStats> {
    private static final String PREFIX = "hatch.buffer.pool.";
    private static final SizeClassStats NOTHING = new SizeClassStats(0, 0, 0, 0, 0, 0, 0, 0, 0);

    private final Tags tags;

    /** @param name the tag {@code pool}; pools of one registry need different ones */
    public ByteBufferPoolMetrics(ByteBufferPool pool, String name) {
        this(pool, name, Tags.empty());
    }

    /**
     * @param name the tag {@code pool}; pools of one registry need different ones
     * @param tags further ones of each meter
     */
    public ByteBufferPoolMetrics(ByteBufferPool pool, String name, Iterable<Tag> tags) {
        super(pool::stats);
        this.tags = Tags.of(tags).and("pool", name);
    }

    @Override
    void register(Meters<ByteBufferPoolStats> meters) {
        meters.gauge(
                PREFIX + "waiting",
                tags,
                "Callers that wait for memory, of all pools that share the budget",
                ByteBufferPoolStats::waiting);
        meters.counter(PREFIX + "timeouts", tags, "Callers that waited and got nothing", ByteBufferPoolStats::timeouts);
        meters.counter(
                PREFIX + "refusals", tags, "Callers that did not wait and got nothing", ByteBufferPoolStats::refusals);
        registerClass(meters, tags.and("size", "unpooled"), ByteBufferPoolStats::unpooled);
        Set<Integer> known = ConcurrentHashMap.newKeySet();
        meters.onLook(stats -> {
            for (SizeClassStats one : stats.classes()) {
                int capacity = one.capacity();
                if (known.add(capacity)) {
                    registerClass(
                            meters, tags.and("size", Integer.toString(capacity)), later -> ofCapacity(later, capacity));
                }
            }
        });
        meters.look();
    }

    /** No unit is given for those that have it in their name: Prometheus would say it twice. */
    private static void registerClass(
            Meters<ByteBufferPoolStats> meters, Tags tags, Function<ByteBufferPoolStats, SizeClassStats> which) {
        gauge(meters, "bytes.out", tags, "The capacity of lent buffers", which, SizeClassStats::bytesOut);
        gauge(
                meters,
                "bytes.asked",
                tags,
                "What was asked for by whom they are lent",
                which,
                SizeClassStats::bytesAsked);
        gauge(meters, "bytes.idle", tags, "The capacity of idle buffers", which, SizeClassStats::idleBytes);
        counter(meters, "hits", tags, "How often an idle buffer was lent", which, SizeClassStats::hits);
        counter(meters, "misses", tags, "How often there was no idle buffer", which, SizeClassStats::misses);
        counter(meters, "waits", tags, "Callers that had to wait for memory", which, SizeClassStats::waits);
        counter(
                meters,
                "unreachable",
                tags,
                "Buffers that became unreachable without having been released",
                which,
                SizeClassStats::unreachable);
    }

    private static void gauge(
            Meters<ByteBufferPoolStats> meters,
            String name,
            Tags tags,
            String description,
            Function<ByteBufferPoolStats, SizeClassStats> which,
            ToLongFunction<SizeClassStats> value) {
        meters.gauge(PREFIX + name, tags, description, stats -> value.applyAsLong(which.apply(stats)));
    }

    private static void counter(
            Meters<ByteBufferPoolStats> meters,
            String name,
            Tags tags,
            String description,
            Function<ByteBufferPoolStats, SizeClassStats> which,
            ToLongFunction<SizeClassStats> value) {
        meters.counter(PREFIX + name, tags, description, stats -> value.applyAsLong(which.apply(stats)));
    }

    private static SizeClassStats ofCapacity(ByteBufferPoolStats stats, int capacity) {
        for (SizeClassStats one : stats.classes()) {
            if (one.capacity() == capacity) {
                return one;
            }
        }
        return NOTHING;
    }
}
