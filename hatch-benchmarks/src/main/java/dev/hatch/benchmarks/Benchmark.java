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
     * Who runs in each fork, in this order: in turns, so that a machine that becomes slower in the middle slows all.
     *
     * @param quick within a minute for all forks, at the price of noise
     */
    List<Rival> forks(boolean quick);

    /** How long one fork may take before it counts as hung. */
    Duration forkTimeout();
}
