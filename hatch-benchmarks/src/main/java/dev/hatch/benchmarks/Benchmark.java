package dev.hatch.benchmarks;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One benchmark: who is compared, and for how long. What is measured is in the rivals' main classes. */
interface Benchmark {
    /** What {@code hatch bench} calls it. */
    String name();

    /** One line for {@code hatch bench --help}. */
    String description();

    /** The names of its cases: all, or those of a quick run. */
    List<String> cases(boolean quick);

    /** What a case needs and this machine or JVM has not, such as "Java 21 or newer"; null if nothing is missing. */
    default @Nullable String missing(String benchmarkCase) {
        return null;
    }

    /**
     * Who runs in each fork, in this order: in turns, so that a machine that becomes slower in the middle slows all.
     *
     * @param quick within a minute or two for all cases of a quick run, at the price of noise
     * @param cases which to measure
     */
    List<Rival> forks(boolean quick, List<String> cases);

    /** How long one fork may take before it counts as hung. */
    Duration forkTimeout();
}
