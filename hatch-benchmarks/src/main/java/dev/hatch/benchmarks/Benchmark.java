package dev.hatch.benchmarks;

import java.time.Duration;
import java.util.List;

/** One benchmark: who is compared, and for how long. What is measured is in the rivals' main classes. */
interface Benchmark {
    /** What {@code hatch bench} calls it. */
    String name();

    /** One line for {@code hatch bench --help}. */
    String description();

    /**
     * Hatch and its rivals, in the order in which each round runs them.
     *
     * @param quick within about a minute for all forks, at the price of noise
     */
    List<Rival> rivals(boolean quick);

    /** How many forks of each rival. */
    int rounds(boolean quick);

    /** How long one fork may take before it counts as hung. */
    Duration forkTimeout();
}
