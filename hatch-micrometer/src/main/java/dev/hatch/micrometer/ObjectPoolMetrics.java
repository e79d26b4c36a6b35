package dev.hatch.micrometer;

import dev.hatch.pool.ObjectPool;
import dev.hatch.pool.ObjectPoolStats;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;

/**
 * A pool of objects as meters, {@code hatch.object.pool.*}. Thread-safe. May be bound to several registries; {@link #close} takes it out
 * of all.
 */
public final class ObjectPoolMetrics extends PoolMeters<ObjectPoolStats> {
    private static final String PREFIX = "hatch.object.pool.";

    private final Tags tags;

    /** @param name the tag {@code pool}; pools of one registry need different ones */
    public ObjectPoolMetrics(ObjectPool<?> pool, String name) {
        this(pool, name, Tags.empty());
    }

    /**
     * @param name the tag {@code pool}; pools of one registry need different ones
     * @param tags further ones of each meter
     */
    public ObjectPoolMetrics(ObjectPool<?> pool, String name, Iterable<Tag> tags) {
        super(pool::stats);
        this.tags = Tags.of(tags).and("pool", name);
    }

    @Override
    void register(Meters<ObjectPoolStats> meters) {
        meters.counter(PREFIX + "hits", tags, "How often an idle object was lent", ObjectPoolStats::hits);
        meters.counter(PREFIX + "misses", tags, "How often there was no idle object", ObjectPoolStats::misses);
        meters.counter(PREFIX + "created", tags, "Objects that the factory made", ObjectPoolStats::created);
        String dropped = "Objects that the pool let go";
        meters.counter(PREFIX + "dropped", tags.and("reason", "surplus"), dropped, ObjectPoolStats::surplus);
        meters.counter(PREFIX + "dropped", tags.and("reason", "faded"), dropped, ObjectPoolStats::faded);
        meters.counter(PREFIX + "dropped", tags.and("reason", "trimmed"), dropped, ObjectPoolStats::trimmed);
        meters.counter(PREFIX + "dropped", tags.and("reason", "failed_reset"), dropped, ObjectPoolStats::failedResets);
        meters.counter(
                PREFIX + "lost",
                tags,
                "Objects that became unreachable without having come back",
                ObjectPoolStats::lost);
        meters.gauge(PREFIX + "idle", tags, "Idle objects", ObjectPoolStats::idle);
        meters.gauge(
                PREFIX + "idle.bytes",
                tags,
                BaseUnits.BYTES,
                "What the idle objects weigh; 0 without a weigher",
                ObjectPoolStats::idleBytes);
    }
}
