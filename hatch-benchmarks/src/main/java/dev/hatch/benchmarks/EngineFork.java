package dev.hatch.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the forks of the benchmark {@code engine} have in common: their arguments and their report. */
final class EngineFork {
    private EngineFork() {}

    /** How one case is measured. */
    interface Measure {
        List<Measurement> run(EngineRival rival, EngineCase benchmarkCase, EngineSettings settings) throws Exception;
    }

    static List<String> arguments(EngineRival rival, EngineCase benchmarkCase, EngineSettings settings) {
        List<String> arguments = new ArrayList<>(List.of(rival.name(), benchmarkCase.name()));
        arguments.addAll(settings.toArguments());
        return arguments;
    }

    /** Of a time: the shorter the better. */
    static Measurement millis(String title, String metric, long nanos) {
        return new Measurement(title, metric, "ms", Better.LOWER, List.of(nanos / 1e6));
    }

    /** The {@code main} of a fork. */
    static void main(String[] args, Measure measure) {
        List<String> arguments = Arrays.asList(args);
        EngineRival rival = EngineRival.valueOf(arguments.get(0));
        EngineCase benchmarkCase = EngineCase.valueOf(arguments.get(1));
        EngineSettings settings = EngineSettings.ofArguments(arguments.subList(2, arguments.size()));
        Child.run(() -> new ForkReport(rival.version(), measure.run(rival, benchmarkCase, settings)));
    }
}
