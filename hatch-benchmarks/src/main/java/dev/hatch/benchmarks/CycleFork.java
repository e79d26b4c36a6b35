package dev.hatch.benchmarks;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** One fork that counts cycles of acquire and release with nothing between them. JMH runs in it and does not fork. */
final class CycleFork {
    private static final String BYTES = "gc.alloc.rate.norm";

    private CycleFork() {}

    public static void main(String[] args) {
        EngineFork.main(args, CycleFork::measure);
    }

    static List<Measurement> measure(EngineRival rival, EngineCase benchmarkCase, EngineSettings settings)
            throws RunnerException {
        // The lock is one for the machine; forks take turns anyway.
        System.setProperty("jmh.ignoreLock", "true");
        TimeValue window = TimeValue.nanoseconds(settings.window().toNanos());
        RunResult result = new Runner(new OptionsBuilder()
                        .include(Cycle.class.getName() + ".cycle")
                        .param("rival", rival.name())
                        .param("size", Integer.toString(benchmarkCase.size()))
                        .threads(settings.threads(benchmarkCase))
                        .forks(0)
                        .warmupIterations(settings.warmUps())
                        .warmupTime(window)
                        .measurementIterations(settings.values())
                        .measurementTime(window)
                        .timeUnit(TimeUnit.MICROSECONDS)
                        .addProfiler(GCProfiler.class)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .runSingle();
        List<IterationResult> windows = result.getBenchmarkResults().stream()
                .map(BenchmarkResult::getIterationResults)
                .flatMap(Collection::stream)
                .toList();
        String title = benchmarkCase.title();
        return List.of(
                new Measurement(
                        title, "cycles", "ops/us", Better.HIGHER, values(windows, IterationResult::getPrimaryResult)),
                new Measurement(
                        title,
                        "allocated",
                        "bytes/op",
                        Better.LOWER,
                        values(windows, found -> found.getSecondaryResults().get(BYTES))));
    }

    private interface Metric {
        @Nullable Result<?> of(IterationResult window);
    }

    private static List<Double> values(List<IterationResult> windows, Metric metric) {
        return windows.stream()
                .map(window -> Objects.requireNonNull(metric.of(window), "JMH did not measure it")
                        .getScore())
                .toList();
    }
}
