package dev.hatch.micrometer;

import dev.hatch.pool.MemoryBudget;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * A bound on bytes as meters, {@code hatch.memory.budget.*}; beside those of its pools, because several may share it. Thread-safe. May be
 * bound to several registries; {@link #close} takes it out of all.
 */
public final class MemoryBudgetMetrics implements MeterBinder, AutoCloseable {
    private static final String PREFIX = "hatch.memory.budget.";

    private final Bindings<MemoryBudget> bindings;

    /** @param name the tag {@code budget}; budgets of one registry need different ones */
    public MemoryBudgetMetrics(MemoryBudget budget, String name) {
        this(budget, name, Tags.empty());
    }

    /**
     * @param name the tag {@code budget}; budgets of one registry need different ones
     * @param tags further ones of each meter
     */
    public MemoryBudgetMetrics(MemoryBudget budget, String name, Iterable<Tag> tags) {
        Tags all = Tags.of(tags).and("budget", name);
        bindings = new Bindings<>(() -> budget, meters -> register(meters, all));
    }

    private static void register(Meters<MemoryBudget> meters, Tags tags) {
        meters.gauge(PREFIX + "limit", tags, BaseUnits.BYTES, "The bound", MemoryBudget::limit);
        meters.gauge(PREFIX + "reserved", tags, BaseUnits.BYTES, "What is reserved of it", MemoryBudget::reserved);
        meters.gauge(PREFIX + "waiting", tags, "Callers that wait for memory", MemoryBudget::waiting);
    }

    /** Does nothing if it is bound to that registry. */
    @Override
    public void bindTo(MeterRegistry registry) {
        bindings.bindTo(registry);
    }

    /** Removes the meters from their registries. */
    @Override
    public void close() {
        bindings.close();
    }
}
