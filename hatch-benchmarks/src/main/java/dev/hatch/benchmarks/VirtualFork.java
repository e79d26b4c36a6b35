package dev.hatch.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/** One fork in which thousands of virtual threads share a few resources, each held while its thread is parked. */
final class VirtualFork {
    static final int CYCLES = 100;
    private static final long HOLD_NANOS = 50_000;
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    /** The warm-up has one thread where the rest has so many. */
    private static final int WARM_UP_SHARE = 10;

    private VirtualFork() {}

    public static void main(String[] args) {
        PoolRun.main(args, VirtualFork::measure);
    }

    static List<Measurement> measure(PoolRun run) throws Exception {
        int threads = run.threads();
        try (BenchPool pool = run.open(TIMEOUT)) {
            longestWaitNanos(pool, threads / WARM_UP_SHARE);
            long start = System.nanoTime();
            long longest = longestWaitNanos(pool, threads);
            long end = System.nanoTime();
            return List.of(run.millis("wait max", longest), run.millis("wall", end - start));
        }
    }

    private static long longestWaitNanos(BenchPool pool, int count) throws Exception {
        ExecutorService threads = virtualThreads();
        try {
            List<Future<Long>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(threads.submit(() -> longestWaitNanos(pool)));
            }
            long longest = 0;
            for (Future<Long> one : all) {
                longest = Math.max(longest, one.get());
            }
            return longest;
        } finally {
            threads.shutdownNow();
        }
    }

    private static long longestWaitNanos(BenchPool pool) throws Exception {
        long longest = 0;
        for (int i = 0; i < CYCLES; i++) {
            long start = System.nanoTime();
            Object lease = pool.acquire();
            longest = Math.max(longest, System.nanoTime() - start);
            LockSupport.parkNanos(HOLD_NANOS);
            pool.release(lease);
        }
        return longest;
    }

    /** By reflection, for Java 17 has none. */
    static ExecutorService virtualThreads() throws ReflectiveOperationException {
        return (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }
}
