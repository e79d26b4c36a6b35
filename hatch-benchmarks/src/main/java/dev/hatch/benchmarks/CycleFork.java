package dev.hatch.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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
        PoolRun.main(args, CycleFork::measure);
    }

    static List<Measurement> measure(PoolRun run) throws RunnerException {
        return measure(run, Cycle.class, "cycle");
    }

    /** Counts how often a method is done, of a class that JMH knows. */
    static List<Measurement> measure(PoolRun run, Class<?> type, String method) throws RunnerException {
        // The lock is one for the machine; forks take turns anyway.
        System.setProperty("jmh.ignoreLock", "true");
        TimeValue window = TimeValue.nanoseconds(run.settings().window().toNanos());
        RunResult result = new Runner(new OptionsBuilder()
                        .include(type.getName() + "." + method)
                        .param("run", String.join(" ", run.toArguments()))
                        .threads(run.threads())
                        .forks(0)
                        .warmupIterations(
                                run.benchmarkCase().warmUps(run.settings().warmUps()))
                        .warmupTime(window)
                        .measurementIterations(run.settings().values())
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
        return List.of(
                new Measurement(
                        run.title(),
                        "cycles",
                        "ops/us",
                        Better.HIGHER,
                        values(windows, IterationResult::getPrimaryResult)),
                new Measurement(
                        run.title(),
                        "allocated",
                        "bytes/op",
                        Better.LOWER,
                        values(windows, found -> found.getSecondaryResults().get(BYTES))));
    }

    private interface Metric {
        @Nullable Result<?> of(IterationResult window);
    }

    /** Those of the windows for which JMH has one: it has no bytes for one in which its two counts of them do not differ. */
    private static List<Double> values(List<IterationResult> windows, Metric metric) {
        List<Double> values = new ArrayList<>();
        for (IterationResult window : windows) {
            Result<?> result = metric.of(window);
            if (result != null) {
                values.add(result.getScore());
            }
        }
        if (values.isEmpty()) {
            throw new IllegalStateException("JMH did not measure it");
        }
        return values;
    }
}
