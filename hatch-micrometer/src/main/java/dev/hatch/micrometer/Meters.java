package dev.hatch.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The meters of one pool in one registry. They are read from one look at the pool if they are read within a moment, as a scrape does, and
 * are removed together. The gauges keep the pool reachable for as long as they are registered.
 *
 * @param <S> what a look at the pool gives
 */
final class Meters<S> {
    private static final long MOMENT_NANOS = Duration.ofMillis(5).toNanos();

    private final MeterRegistry registry;
    private final Supplier<S> source;

    // Guarded by this. Nothing foreign is called with it held but the source.
    private final List<Meter> registered = new ArrayList<>();
    private final List<Runnable> whenClosed = new ArrayList<>();
    private boolean closed;
    private @Nullable S last;
    private long lookedNanos;

    /** Is told of each look, on the thread that reads. */
    private volatile Consumer<S> onLook = stats -> {};

    Meters(MeterRegistry registry, Supplier<S> source) {
        this.registry = registry;
        this.source = source;
    }

    /** The pool as it is now, or was a moment ago. */
    S look() {
        S stats;
        synchronized (this) {
            long now = System.nanoTime();
            stats = last;
            if (stats != null && now - lookedNanos < MOMENT_NANOS) {
                return stats;
            }
            stats = source.get();
            last = stats;
            lookedNanos = now;
        }
        onLook.accept(stats);
        return stats;
    }

    void onLook(Consumer<S> told) {
        onLook = told;
    }

    void gauge(String name, Tags tags, String description, ToDoubleFunction<S> value) {
        gauge(name, tags, null, description, value);
    }

    void gauge(String name, Tags tags, @Nullable String unit, String description, ToDoubleFunction<S> value) {
        add(Gauge.builder(name, () -> value.applyAsDouble(look()))
                .tags(tags)
                .baseUnit(unit)
                .description(description)
                .register(registry));
    }

    /** Of what the pool counts itself. The registry keeps this only weakly for it; a gauge does so strongly. */
    void counter(String name, Tags tags, String description, ToDoubleFunction<S> value) {
        add(FunctionCounter.builder(name, this, meters -> value.applyAsDouble(meters.look()))
                .tags(tags)
                .description(description)
                .register(registry));
    }

    Counter counter(String name, Tags tags, String description) {
        return add(Counter.builder(name).tags(tags).description(description).register(registry));
    }

    Timer timer(String name, Tags tags, String description, boolean histogram) {
        return add(Timer.builder(name)
                .tags(tags)
                .description(description)
                .publishPercentileHistogram(histogram)
                .register(registry));
    }

    private <M extends Meter> M add(M meter) {
        boolean late;
        synchronized (this) {
            late = closed;
            if (!late) {
                registered.add(meter);
            }
        }
        if (late) {
            registry.remove(meter);
        }
        return meter;
    }

    /** At once if it is closed already. */
    void whenClosed(Runnable action) {
        boolean late;
        synchronized (this) {
            late = closed;
            if (!late) {
                whenClosed.add(action);
            }
        }
        if (late) {
            action.run();
        }
    }

    /** Called once. */
    void close() {
        List<Meter> removed;
        List<Runnable> actions;
        synchronized (this) {
            closed = true;
            removed = List.copyOf(registered);
            registered.clear();
            actions = List.copyOf(whenClosed);
        }
        actions.forEach(Runnable::run);
        removed.forEach(registry::remove);
    }
}
