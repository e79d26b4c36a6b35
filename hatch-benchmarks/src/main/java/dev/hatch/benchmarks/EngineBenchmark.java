package dev.hatch.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Hatch's engine against other pools: of objects, and of connections to a driver that does nothing. */
final class EngineBenchmark implements Benchmark {
    private static final int ROUNDS = 3;

    @Override
    public String name() {
        return "engine";
    }

    @Override
    public String description() {
        return "Pools: acquire and release, alone and contended; waiting";
    }

    @Override
    public List<String> cases(boolean quick) {
        return Stream.of(EngineCase.values())
                .filter(benchmarkCase -> !quick || benchmarkCase.isQuick())
                .map(EngineCase::title)
                .toList();
    }

    @Override
    public @Nullable String missing(String benchmarkCase) {
        return Stream.of(EngineCase.values())
                .filter(found -> found.title().equals(benchmarkCase))
                .findFirst()
                .orElseThrow()
                .missing();
    }

    @Override
    public List<Rival> forks(boolean quick, List<String> cases) {
        EngineSettings settings = quick ? EngineSettings.QUICK : EngineSettings.FULL;
        List<Rival> round = Stream.of(EngineCase.values())
                .filter(benchmarkCase -> cases.contains(benchmarkCase.title()))
                .flatMap(benchmarkCase ->
                        benchmarkCase.rivals().stream().map(rival -> fork(rival, benchmarkCase, settings)))
                .toList();
        List<Rival> forks = new ArrayList<>();
        for (int i = 0; i < (quick ? 1 : ROUNDS); i++) {
            forks.addAll(round);
        }
        return forks;
    }

    static Rival fork(EngineRival rival, EngineCase benchmarkCase, EngineSettings settings) {
        return new Rival(
                rival.title(),
                benchmarkCase.title(),
                rival.classPath(),
                List.of("-Xmx1g"),
                benchmarkCase.fork().getName(),
                EngineFork.arguments(rival, benchmarkCase, settings));
    }

    @Override
    public Duration forkTimeout() {
        return Duration.ofMinutes(5);
    }
}
