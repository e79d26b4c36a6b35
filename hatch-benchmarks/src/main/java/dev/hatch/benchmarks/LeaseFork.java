package dev.hatch.benchmarks;

import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * One fork that finds what a lease adds to one statement: the statement within a lease of its own and the same on a connection
 * that is held all the time take turns, and the medians are subtracted.
 */
final class LeaseFork {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private LeaseFork() {}

    public static void main(String[] args) {
        PoolRun.main(args, LeaseFork::measure);
    }

    static List<Measurement> measure(PoolRun run) throws Exception {
        try (BenchPool pool = run.open(TIMEOUT)) {
            Object held = pool.acquire();
            turns(pool, (Connection) held, run.settings().warmUp());
            Turns turns = turns(pool, (Connection) held, run.settings().held());
            pool.release(held);
            double leased = turns.leased.getValueAtPercentile(50);
            double bare = turns.bare.getValueAtPercentile(50);
            return List.of(
                    micros(run, "statement in a lease p50", leased),
                    micros(run, "statement alone p50", bare),
                    micros(run, "added p50", leased - bare));
        }
    }

    private record Turns(Histogram leased, Histogram bare) {}

    private static Turns turns(BenchPool pool, Connection held, Duration duration) throws Exception {
        // Within 0.1 %.
        Turns turns = new Turns(new Histogram(TIMEOUT.toNanos(), 3), new Histogram(TIMEOUT.toNanos(), 3));
        long end = System.nanoTime() + duration.toNanos();
        for (long start = System.nanoTime(); start - end < 0; ) {
            Object lease = pool.acquire();
            SelectFork.selectOne((Connection) lease);
            pool.release(lease);
            long between = System.nanoTime();
            SelectFork.selectOne(held);
            long after = System.nanoTime();
            turns.leased.recordValue(between - start);
            turns.bare.recordValue(after - between);
            start = after;
        }
        return turns;
    }

    private static Measurement micros(PoolRun run, String metric, double nanos) {
        return new Measurement(run.title(), metric, "us", Better.LOWER, List.of(nanos / 1e3));
    }
}
