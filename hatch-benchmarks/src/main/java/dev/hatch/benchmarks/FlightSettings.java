package dev.hatch.benchmarks;

import java.time.Duration;

/**
 * How much one fork of the benchmark {@code flight} does.
 *
 * @param rows of what is streamed or ingested
 * @param warmUps streams or ingests before those that count
 * @param values streams or ingests that count
 * @param points rows of the table in which single rows are looked for
 * @param queryWarmUp how long queries run before the first that counts
 * @param window how long queries are counted for one value
 * @param windows values that count
 * @param pause between two batches of a slow reader
 * @param reading how long all slow readers read
 * @param mostClients the most in any case
 */
record FlightSettings(
        long rows,
        int warmUps,
        int values,
        long points,
        Duration queryWarmUp,
        Duration window,
        int windows,
        Duration pause,
        Duration reading,
        int mostClients) {
    static final FlightSettings QUICK = new FlightSettings(
            5_000_000,
            1,
            2,
            1_000_000,
            Duration.ofSeconds(2),
            Duration.ofMillis(500),
            2,
            Duration.ofSeconds(1),
            Duration.ofSeconds(4),
            100);
    static final FlightSettings FULL = new FlightSettings(
            10_000_000,
            2,
            4,
            1_000_000,
            Duration.ofSeconds(4),
            Duration.ofSeconds(1),
            4,
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            100);
}
