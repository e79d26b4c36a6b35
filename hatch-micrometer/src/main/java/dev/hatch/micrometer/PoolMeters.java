package dev.hatch.micrometer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Supplier;

/**
 * A pool's meters, in each registry once. Thread-safe: the registries are guarded by this, and nothing foreign is called under it.
 *
 * @param <S> what a look at the pool gives
 */
abstract class PoolMeters<S> implements MeterBinder, AutoCloseable {
    private final Supplier<S> source;

    /** Guarded by this. */
    private final IdentityHashMap<MeterRegistry, Meters<S>> bound = new IdentityHashMap<>();

    PoolMeters(Supplier<S> source) {
        this.source = source;
    }

    /** Puts them into one registry. */
    abstract void register(Meters<S> meters);

    /** Does nothing if it is bound to that registry. */
    @Override
    public final void bindTo(MeterRegistry registry) {
        Meters<S> meters = new Meters<>(registry, source);
        synchronized (this) {
            if (bound.putIfAbsent(registry, meters) != null) {
                return;
            }
        }
        register(meters);
    }

    /** Removes the meters from their registries. */
    @Override
    public final void close() {
        List<Meters<S>> all;
        synchronized (this) {
            all = new ArrayList<>(bound.values());
            bound.clear();
        }
        all.forEach(Meters::close);
    }
}
