package dev.hatch.benchmarks;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Pools against pools: a fork for each case and rival.
 *
 * @param all its cases
 * @param full how much a fork does unless the run is a quick one
 */
record PoolBenchmark(String name, String description, List<? extends PoolCase> all, PoolSettings full)
        implements Benchmark {
    /** Hatch's engine against other pools: of objects, and of connections to a driver that does nothing. */
    static final PoolBenchmark ENGINE = new PoolBenchmark(
            "engine",
            "Pools: acquire and release, alone and contended; waiting",
            List.of(EngineCase.values()),
            PoolSettings.FULL);

    /** Hatch's pool of connections against others: to a driver that does nothing, and to PostgreSQL. */
    static final PoolBenchmark CONNECTION = new PoolBenchmark(
            "connection",
            "Connections: get and close, a statement, defaults, PostgreSQL",
            List.of(ConnectionCase.values()),
            PoolSettings.FULL);

    /** What it costs that a connection comes back as it was. */
    static final PoolBenchmark ISOLATION = new PoolBenchmark(
            "isolation",
            "What a complete reset costs on DuckDB and PostgreSQL",
            List.of(IsolationCase.values()),
            PoolSettings.FULL);

    /** Hatch's pools of buffers and of objects that nobody waits for. */
    static final PoolBenchmark BUFFER = new PoolBenchmark(
            "buffer",
            "Buffers: take and release, bursts, mixed sizes, across threads",
            List.of(BufferCase.values()),
            PoolSettings.SHORT);

    /** Hatch's builders of Arrow record batches. */
    static final PoolBenchmark RECORD = new PoolBenchmark(
            "record",
            "Record batches: rows, columns, handed over, as people write them",
            List.of(RecordCase.values()),
            PoolSettings.FULL);

    static final List<PoolBenchmark> ALL = List.of(ENGINE, CONNECTION, ISOLATION, BUFFER, RECORD);

    private static final int ROUNDS = 3;

    @Override
    public List<String> cases(boolean quick) {
        return all.stream()
                .filter(benchmarkCase -> !quick || benchmarkCase.isQuick())
                .map(PoolCase::title)
                .toList();
    }

    @Override
    public @Nullable String missing(String benchmarkCase) {
        return all.stream()
                .filter(found -> found.title().equals(benchmarkCase))
                .findFirst()
                .orElseThrow()
                .missing();
    }

    @Override
    public List<Rival> forks(boolean quick, List<String> cases) {
        PoolSettings settings = quick ? PoolSettings.QUICK : full;
        List<Rival> round = all.stream()
                .filter(benchmarkCase -> cases.contains(benchmarkCase.title()))
                .flatMap(benchmarkCase -> benchmarkCase.rivals(quick).stream()
                        .map(rival -> fork(new PoolRun(rival, benchmarkCase, settings))))
                .toList();
        return Collections.nCopies(quick ? 1 : ROUNDS, round).stream()
                .flatMap(List::stream)
                .toList();
    }

    static Rival fork(PoolRun run) {
        return new Rival(
                run.rival().title(),
                run.title(),
                run.rival().classPath(),
                Stream.of(
                                List.of("-Xmx1g"),
                                run.rival().flags(),
                                run.benchmarkCase().flags())
                        .flatMap(List::stream)
                        .toList(),
                run.benchmarkCase().fork().getName(),
                run.toArguments());
    }

    @Override
    public Duration forkTimeout() {
        return Duration.ofMinutes(5);
    }
}
