package dev.hatch.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Hatch's server against a Flight SQL server without a pool, and against reading from DuckDB without any server. */
final class FlightBenchmark implements Benchmark {
    @Override
    public String name() {
        return "flight";
    }

    @Override
    public String description() {
        return "Flight SQL: rows/s of a 10 M x 5 stream, SELECT 1 per second";
    }

    @Override
    public List<Rival> rivals(boolean quick) {
        FlightSettings settings = quick ? FlightSettings.QUICK : FlightSettings.FULL;
        List<String> flags = new ArrayList<>(Rival.ARROW_FLAGS);
        flags.add("-Xmx2g");
        List<Rival> rivals = new ArrayList<>();
        for (FlightRival rival : FlightRival.values()) {
            List<String> arguments = new ArrayList<>(List.of(rival.name()));
            arguments.addAll(settings.toArguments());
            rivals.add(Rival.here(rival.title(), flags, FlightFork.class, arguments));
        }
        return rivals;
    }

    @Override
    public int rounds(boolean quick) {
        return quick ? 2 : 5;
    }

    @Override
    public Duration forkTimeout() {
        return Duration.ofMinutes(5);
    }
}
