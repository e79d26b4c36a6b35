package dev.hatch.benchmarks;

import java.time.Duration;
import java.util.List;

/**
 * How much one fork of the benchmark {@code engine} does.
 *
 * @param warmUps windows before those that count, where cycles without work are counted
 * @param values windows that count
 * @param window how long cycles are counted for one value
 */
record EngineSettings(int warmUps, int values, Duration window) {
    static final EngineSettings QUICK = new EngineSettings(1, 2, Duration.ofSeconds(1));
    static final EngineSettings FULL = new EngineSettings(3, 5, Duration.ofSeconds(1));

    List<String> toArguments() {
        return List.of(Integer.toString(warmUps), Integer.toString(values), window.toString());
    }

    static EngineSettings ofArguments(List<String> arguments) {
        return new EngineSettings(
                Integer.parseInt(arguments.get(0)),
                Integer.parseInt(arguments.get(1)),
                Duration.parse(arguments.get(2)));
    }
}
