package dev.hatch.micrometer;

import dev.hatch.arrow.RecordBuilderPool;
import dev.hatch.arrow.RecordBuilderPoolStats;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;

/**
 * A pool of record builders as meters, {@code hatch.record.pool.*}; of all schemas together, because queries make schemas without end, and
 * each tag's value is kept by the registry for good. Thread-safe. May be bound to several registries; {@link #close} takes it out of all.
 */
public final class RecordBuilderPoolMetrics extends PoolMeters<RecordBuilderPoolStats> {
    private static final String PREFIX = "hatch.record.pool.";

    private final Tags tags;

    /** @param name the tag {@code pool}; pools of one registry need different ones */
    public RecordBuilderPoolMetrics(RecordBuilderPool pool, String name) {
        this(pool, name, Tags.empty());
    }

    /**
     * @param name the tag {@code pool}; pools of one registry need different ones
     * @param tags further ones of each meter
     */
    public RecordBuilderPoolMetrics(RecordBuilderPool pool, String name, Iterable<Tag> tags) {
        super(pool::stats);
        this.tags = Tags.of(tags).and("pool", name);
    }

    @Override
    void register(Meters<RecordBuilderPoolStats> meters) {
        meters.counter(PREFIX + "hits", tags, "How often an idle builder was lent", RecordBuilderPoolStats::hits);
        meters.counter(PREFIX + "misses", tags, "How often a builder had to be made", RecordBuilderPoolStats::misses);
        meters.counter(
                PREFIX + "unreachable",
                tags,
                "Builders that became unreachable without having been given back",
                RecordBuilderPoolStats::unreachable);
        meters.counter(PREFIX + "evicted", tags, "Schemas that gave way to others", RecordBuilderPoolStats::evicted);
        meters.gauge(
                PREFIX + "schemas",
                tags,
                "Schemas that have builders",
                stats -> stats.schemas().size());
        meters.gauge(PREFIX + "out", tags, "Builders that are lent", RecordBuilderPoolStats::out);
        meters.gauge(PREFIX + "idle", tags, "Idle builders", RecordBuilderPoolStats::idle);
        meters.gauge(
                PREFIX + "idle.bytes",
                tags,
                BaseUnits.BYTES,
                "The memory of idle builders",
                RecordBuilderPoolStats::idleBytes);
        meters.gauge(
                PREFIX + "allocated",
                tags,
                BaseUnits.BYTES,
                "The memory of builders and batches",
                RecordBuilderPoolStats::allocatedBytes);
        meters.gauge(
                PREFIX + "peak",
                tags,
                BaseUnits.BYTES,
                "The most memory that builders and batches had",
                RecordBuilderPoolStats::peakBytes);
        meters.gauge(
                PREFIX + "limit",
                tags,
                BaseUnits.BYTES,
                "The most memory that builders and batches may have",
                RecordBuilderPoolStats::limitBytes);
    }
}
