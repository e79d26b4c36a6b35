package dev.hatch.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * One fork in which threads hold a resource each for a while, here on the CPU. Whole cycles are timed, from before the
 * acquire to after the release, for a pool may let its callers wait in the release.
 */
final class HoldFork {
    private static final long HOLD_NANOS = 20_000;
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private HoldFork() {}

    public static void main(String[] args) {
        PoolRun.main(args, HoldFork::measure);
    }

    static List<Measurement> measure(PoolRun run) throws Exception {
        return measure(run, lease -> spin(), () -> {});
    }

    /** What a thread does with what it holds. */
    interface Hold {
        void use(Object lease) throws Exception;
    }

    /**
     * Measures with another hold.
     *
     * @param warm is run when the warm-up is over
     */
    static List<Measurement> measure(PoolRun run, Hold hold, Runnable warm) throws Exception {
        int count = run.threads();
        Times times = new Times();
        CountDownLatch over = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try (BenchPool pool = run.open(TIMEOUT)) {
            CyclicBarrier begin = new CyclicBarrier(count + 1);
            List<CompletableFuture<Times>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                CompletableFuture<Times> one = new CompletableFuture<>();
                all.add(one);
                threads.execute(() -> {
                    try {
                        begin.await();
                        cycles(pool, hold, run.settings(), one, over);
                    } catch (Throwable e) {
                        one.completeExceptionally(e);
                    }
                });
            }
            begin.await();
            TimeUnit.NANOSECONDS.sleep(run.settings().warmUp().toNanos());
            warm.run();
            for (CompletableFuture<Times> one : all) {
                times.add(one.get());
            }
            over.countDown();
        } finally {
            threads.shutdownNow();
        }
        return times.measurements(run);
    }

    /** What one thread, or all of them, took for the cycles that began after the warm-up. */
    private static final class Times {
        // Within 1 %; made before the first cycle.
        private final Histogram cycles = new Histogram(2 * TIMEOUT.toNanos(), 2);
        private final Histogram waits = new Histogram(2 * TIMEOUT.toNanos(), 2);

        void record(long cycleNanos, long waitNanos) {
            cycles.recordValue(cycleNanos);
            waits.recordValue(waitNanos);
        }

        void add(Times other) {
            cycles.add(other.cycles);
            waits.add(other.waits);
        }

        List<Measurement> measurements(PoolRun run) {
            return List.of(
                    new Measurement(
                            run.title(),
                            "throughput",
                            "ops/s",
                            Better.HIGHER,
                            List.of(cycles.getTotalCount()
                                    * 1e9
                                    / run.settings().held().toNanos())),
                    run.millis("cycle p99", cycles.getValueAtPercentile(99)),
                    run.millis("cycle p99.9", cycles.getValueAtPercentile(99.9)),
                    run.millis("cycle max", cycles.getMaxValue()),
                    run.millis("wait max", waits.getMaxValue()));
        }
    }

    private static void spin() {
        long start = System.nanoTime();
        while (System.nanoTime() - start < HOLD_NANOS) {
            Thread.onSpinWait();
        }
    }

    /** Goes on until {@code over}, so that the last cycles that count are not spent among fewer and fewer threads. */
    private static void cycles(
            BenchPool pool, Hold hold, PoolSettings settings, CompletableFuture<Times> counted, CountDownLatch over)
            throws Exception {
        Times times = new Times();
        long begin = System.nanoTime() + settings.warmUp().toNanos();
        long end = begin + settings.held().toNanos();
        long start = System.nanoTime();
        while (over.getCount() > 0) {
            Object lease = pool.acquire();
            long acquired = System.nanoTime();
            hold.use(lease);
            pool.release(lease);
            long released = System.nanoTime();
            if (start - begin >= 0 && start - end < 0) {
                times.record(released - start, acquired - start);
            }
            start = released;
            if (start - end >= 0) {
                counted.complete(times);
            }
        }
    }
}
