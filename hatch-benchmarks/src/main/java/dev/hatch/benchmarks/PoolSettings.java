package dev.hatch.benchmarks;

import java.time.Duration;

/**
 * How much one fork of a benchmark of pools does.
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
record PoolSettings(
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

    static final PoolSettings QUICK = new PoolSettings(
            1, 2, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(2), PARKED, IDLE, 2_000);
    static final PoolSettings FULL = new PoolSettings(
            3, 5, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(10), PARKED, IDLE, 10_000);

    /** For a benchmark of a hundred forks a round. */
    static final PoolSettings SHORT = new PoolSettings(
            2, 4, Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(3), PARKED, IDLE, 10_000);
}
