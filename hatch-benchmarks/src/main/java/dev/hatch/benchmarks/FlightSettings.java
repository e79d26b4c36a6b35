package dev.hatch.benchmarks;

import java.time.Duration;

/**
 * How much one fork of the benchmark {@code flight} does.
 *
 * @param rows of the streamed table
 * @param warmUps streams before those that count
 * @param streams streams that count
 * @param queryWarmUp how long queries run before the first that counts, in each case
 * @param window how long queries are counted for one value
 * @param windows values that count
 */
record FlightSettings(long rows, int warmUps, int streams, Duration queryWarmUp, Duration window, int windows) {
    static final FlightSettings QUICK =
            new FlightSettings(10_000_000, 1, 3, Duration.ofSeconds(2), Duration.ofMillis(300), 2);
    static final FlightSettings FULL =
            new FlightSettings(10_000_000, 3, 7, Duration.ofSeconds(5), Duration.ofSeconds(1), 5);
}
