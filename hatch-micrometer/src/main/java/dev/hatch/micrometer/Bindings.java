package dev.hatch.micrometer;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** In which registries a binder's meters are; in each once. */
final class Bindings<S> {
    private final Supplier<S> source;
    private final Consumer<Meters<S>> registration;

    /** Guarded by this. */
    private final IdentityHashMap<MeterRegistry, Meters<S>> bound = new IdentityHashMap<>();

    Bindings(Supplier<S> source, Consumer<Meters<S>> registration) {
        this.source = source;
        this.registration = registration;
    }

    void bindTo(MeterRegistry registry) {
        Meters<S> meters = new Meters<>(registry, source);
        synchronized (this) {
            if (bound.putIfAbsent(registry, meters) != null) {
                return;
            }
        }
        registration.accept(meters);
    }

    void close() {
        List<Meters<S>> all;
        synchronized (this) {
            all = new ArrayList<>(bound.values());
            bound.clear();
        }
        all.forEach(Meters::close);
    }
}
