package dev.hatch.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** What one fork of the benchmark {@code flight} measures, as its arguments say it. */
record FlightRun(FlightRival rival, FlightCase benchmarkCase, FlightSettings settings) {
    List<String> toArguments() {
        List<String> arguments = new ArrayList<>(List.of(rival.name(), benchmarkCase.name()));
        arguments.addAll(RecordArguments.of(settings));
        return arguments;
    }

    static FlightRun ofArguments(List<String> arguments) {
        return new FlightRun(
                FlightRival.valueOf(arguments.get(0)),
                FlightCase.valueOf(arguments.get(1)),
                RecordArguments.parse(FlightSettings.class, arguments.subList(2, arguments.size())));
    }

    String title() {
        return benchmarkCase.title();
    }

    /** Clients at once. */
    int clients() {
        return Math.min(benchmarkCase.clients(), settings.mostClients());
    }
}
