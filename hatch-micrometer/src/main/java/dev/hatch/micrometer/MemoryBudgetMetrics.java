package dev.hatch.micrometer;

import dev.hatch.pool.MemoryBudget;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;

/**
 * A bound on bytes as meters, {@code hatch.memory.budget.*}; beside those of its pools, because several may share it. Thread-safe. May be
 * bound to several registries; {@link #close} takes it out of all.
 */
public final class MemoryBudgetMetrics extends PoolMeters<MemoryBudget> {
    private static final String PREFIX = "hatch.memory.budget.";

    private final Tags tags;

    /** @param name the tag {@code budget}; budgets of one registry need different ones */
    public MemoryBudgetMetrics(MemoryBudget budget, String name) {
        this(budget, name, Tags.empty());
    }

    /**
     * @param name the tag {@code budget}; budgets of one registry need different ones
     * @param tags further ones of each meter
     */
    public MemoryBudgetMetrics(MemoryBudget budget, String name, Iterable<Tag> tags) {
        super(() -> budget);
        this.tags = Tags.of(tags).and("budget", name);
    }

    @Override
    void register(Meters<MemoryBudget> meters) {
        meters.gauge(PREFIX + "limit", tags, BaseUnits.BYTES, "The bound", MemoryBudget::limit);
        meters.gauge(PREFIX + "reserved", tags, BaseUnits.BYTES, "What is reserved of it", MemoryBudget::reserved);
        meters.gauge(PREFIX + "waiting", tags, "Callers that wait for memory", MemoryBudget::waiting);
    }
}
