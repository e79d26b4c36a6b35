package dev.hatch.benchmarks;

import java.time.Duration;
import java.util.List;

/**
 * How much one fork of the benchmark {@code engine} does.
 *
 * @param warmUps windows before those that count, where cycles with nothing between them are counted
 * @param values windows that count
 * @param window how long cycles are counted for one value
 * @param warmUp how long cycles that hold go on before those that count, or nothing happens before waiting or idling does
 * @param held for how long they count
 * @param parked for how long threads wait
 * @param idle for how long a pool does nothing
 * @param mostThreads the most threads in any case
 */
record EngineSettings(
        int warmUps,
        int values,
        Duration window,
        Duration warmUp,
        Duration held,
        Duration parked,
        Duration idle,
        int mostThreads) {
    private static final Duration PARKED = Duration.ofSeconds(5);
    private static final Duration IDLE = Duration.ofSeconds(10);

    static final EngineSettings QUICK = new EngineSettings(
            1, 2, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(2), PARKED, IDLE, 2_000);
    static final EngineSettings FULL = new EngineSettings(
            3, 5, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(10), PARKED, IDLE, 10_000);

    int threads(EngineCase benchmarkCase) {
        return Math.min(benchmarkCase.threads(), mostThreads);
    }

    List<String> toArguments() {
        return List.of(
                Integer.toString(warmUps),
                Integer.toString(values),
                window.toString(),
                warmUp.toString(),
                held.toString(),
                parked.toString(),
                idle.toString(),
                Integer.toString(mostThreads));
    }

    static EngineSettings ofArguments(List<String> arguments) {
        return new EngineSettings(
                Integer.parseInt(arguments.get(0)),
                Integer.parseInt(arguments.get(1)),
                Duration.parse(arguments.get(2)),
                Duration.parse(arguments.get(3)),
                Duration.parse(arguments.get(4)),
                Duration.parse(arguments.get(5)),
                Duration.parse(arguments.get(6)),
                Integer.parseInt(arguments.get(7)));
    }
}
