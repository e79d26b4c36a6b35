package dev.hatch.benchmarks;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Hatch's server against others, and against DuckDB without any server: a fork for each case and rival. */
final class FlightBenchmark implements Benchmark {
    private static final int ROUNDS = 5;

    @Override
    public String name() {
        return "flight";
    }

    @Override
    public String description() {
        return "Flight SQL: streams, SELECT 1, single rows, ingest, slow readers";
    }

    @Override
    public List<String> cases(boolean quick) {
        return Stream.of(FlightCase.values()).map(FlightCase::title).toList();
    }

    @Override
    public @Nullable String missing(String benchmarkCase) {
        return FlightCase.of(benchmarkCase).missing();
    }

    @Override
    public List<Rival> forks(boolean quick, List<String> cases) {
        FlightSettings settings = quick ? FlightSettings.QUICK : FlightSettings.FULL;
        List<Rival> round = Stream.of(FlightCase.values())
                .filter(benchmarkCase -> cases.contains(benchmarkCase.title()))
                .flatMap(benchmarkCase -> benchmarkCase.rivals().stream()
                        .map(rival -> fork(new FlightRun(rival, benchmarkCase, settings))))
                .toList();
        return Collections.nCopies(quick ? 1 : ROUNDS, round).stream()
                .flatMap(List::stream)
                .toList();
    }

    static Rival fork(FlightRun run) {
        return new Rival(
                run.rival().title(),
                run.title(),
                run.rival().classPath(),
                Stream.of(Rival.ARROW_FLAGS, run.benchmarkCase().flags())
                        .flatMap(List::stream)
                        .toList(),
                FlightFork.class.getName(),
                run.toArguments());
    }

    @Override
    public Duration forkTimeout() {
        return Duration.ofMinutes(5);
    }
}
