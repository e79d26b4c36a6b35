package dev.hatch.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What one fork of a benchmark of pools measures, as its arguments say it. */
record PoolRun(PoolRival rival, PoolCase benchmarkCase, PoolSettings settings) {
    /** How one case is measured. */
    interface Measure {
        List<Measurement> run(PoolRun run) throws Exception;
    }

    List<String> toArguments() {
        List<String> arguments =
                new ArrayList<>(List.of(benchmarkCase.getDeclaringClass().getName(), title(), rival.name()));
        arguments.addAll(RecordArguments.of(settings));
        return arguments;
    }

    static PoolRun ofArguments(List<String> arguments) {
        PoolCase benchmarkCase = PoolBenchmark.ALL.stream()
                .flatMap(benchmark -> benchmark.all().stream())
                .filter(found -> found.getDeclaringClass().getName().equals(arguments.get(0)))
                .filter(found -> found.title().equals(arguments.get(1)))
                .findFirst()
                .orElseThrow();
        PoolRival rival = benchmarkCase.rivals(false).stream()
                .filter(found -> found.name().equals(arguments.get(2)))
                .findFirst()
                .orElseThrow();
        PoolSettings settings = RecordArguments.parse(PoolSettings.class, arguments.subList(3, arguments.size()));
        return new PoolRun(rival, benchmarkCase, settings);
    }

    /** The {@code main} of a fork. */
    static void main(String[] args, Measure measure) {
        PoolRun run = ofArguments(Arrays.asList(args));
        Child.run(() -> new ForkReport(run.rival().version(), measure.run(run)));
    }

    /**
     * Opens the pool and waits until it is full.
     *
     * @param timeout how long a caller waits
     */
    BenchPool open(Duration timeout) throws Exception {
        BenchPool pool = rival.open(benchmarkCase, timeout);
        pool.fill(size());
        return pool;
    }

    /** Opens the pool of a case that takes buffers. */
    BufferPool openBuffers() {
        return rival.openBuffers(benchmarkCase);
    }

    String title() {
        return benchmarkCase.title();
    }

    int size() {
        return benchmarkCase.size();
    }

    int threads() {
        return Math.min(benchmarkCase.threads(), settings.mostThreads());
    }

    /** Of a time: the shorter the better. */
    Measurement millis(String metric, long nanos) {
        return new Measurement(title(), metric, "ms", Better.LOWER, List.of(nanos / 1e6));
    }
}
