package dev.hatch.micrometer;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.stream.Collectors;

/** What a registry has, as texts to compare. */
final class Readings {
    private Readings() {}

    /** Each meter as {@code TYPE name{tag=value, …}}, in order. */
    static List<String> of(MeterRegistry registry) {
        return registry.getMeters().stream()
                .map(Meter::getId)
                .map(id -> id.getType() + " " + id.getName()
                        + id.getTags().stream()
                                .map(tag -> tag.getKey() + "=" + tag.getValue())
                                .collect(Collectors.joining(", ", "{", "}")))
                .sorted()
                .toList();
    }

    /** The value of the one meter of that name and tags. */
    static double value(MeterRegistry registry, String name, String... tags) {
        return registry.get(name).tags(tags).meter().measure().iterator().next().getValue();
    }
}
