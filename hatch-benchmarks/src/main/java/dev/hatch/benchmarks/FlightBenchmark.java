package dev.hatch.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

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
    public List<String> cases(boolean quick) {
        return FlightFork.CASES;
    }

    /** A full run has five rounds of all; a quick one two, the second without the rival that has no server. */
    @Override
    public List<Rival> forks(boolean quick, List<String> cases) {
        FlightSettings settings = quick ? FlightSettings.QUICK : FlightSettings.FULL;
        List<Rival> round = Stream.of(FlightRival.values())
                .filter(rival -> rival != FlightRival.IN_PROCESS || cases.contains(FlightFork.STREAM))
                .map(rival -> fork(rival, settings, cases))
                .toList();
        if (!quick) {
            return Collections.nCopies(5, round).stream().flatMap(List::stream).toList();
        }
        List<Rival> forks = new ArrayList<>(round);
        forks.add(fork(FlightRival.HATCH, settings, cases));
        forks.add(fork(FlightRival.PLAIN, settings, cases));
        return forks;
    }

    private static Rival fork(FlightRival rival, FlightSettings settings, List<String> cases) {
        List<String> flags = new ArrayList<>(Rival.ARROW_FLAGS);
        flags.add("-Xmx2g");
        List<String> arguments = new ArrayList<>(List.of(rival.name(), String.join(",", cases)));
        arguments.addAll(RecordArguments.of(settings));
        return Rival.here(rival.title(), flags, FlightFork.class, arguments);
    }

    @Override
    public Duration forkTimeout() {
        return Duration.ofMinutes(5);
    }
}
