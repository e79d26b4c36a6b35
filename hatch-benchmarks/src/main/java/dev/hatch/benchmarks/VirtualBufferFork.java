package dev.hatch.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** One fork in which thousands of virtual threads hold a buffer each while they let others run. */
final class VirtualBufferFork {
    static final int CYCLES = 100;

    /** Rounds that make one value: one takes a quarter of a second, and the next may take half of that or twice. */
    private static final int ROUNDS = 5;

    private VirtualBufferFork() {}

    public static void main(String[] args) {
        PoolRun.main(args, VirtualBufferFork::measure);
    }

    static List<Measurement> measure(PoolRun run) throws Exception {
        PoolSettings settings = run.settings();
        List<Double> values = new ArrayList<>();
        try (BufferPool pool = run.openBuffers()) {
            for (int value = 0; value < settings.warmUps() + settings.values(); value++) {
                long nanos = 0;
                for (int i = 0; i < ROUNDS; i++) {
                    nanos += nanos(pool, run);
                }
                if (value >= settings.warmUps()) {
                    values.add((double) run.threads() * CYCLES * ROUNDS * 1e3 / nanos);
                }
            }
        }
        return List.of(new Measurement(run.title(), "throughput", "ops/us", Better.HIGHER, values));
    }

    /** How long one round takes, of threads that are new. */
    private static long nanos(BufferPool pool, PoolRun run) throws Exception {
        int bytes = run.benchmarkCase().bytes();
        ExecutorService threads = VirtualFork.virtualThreads();
        try {
            CountDownLatch begin = new CountDownLatch(1);
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < run.threads(); i++) {
                all.add(threads.submit(() -> {
                    begin.await();
                    cycles(pool, bytes);
                    return null;
                }));
            }
            long start = System.nanoTime();
            begin.countDown();
            for (Future<?> one : all) {
                one.get();
            }
            return System.nanoTime() - start;
        } finally {
            threads.shutdownNow();
        }
    }

    /** A yield is all that is needed for the next virtual thread to come between. */
    @SuppressWarnings("ThreadPriorityCheck")
    private static void cycles(BufferPool pool, int bytes) {
        for (int i = 0; i < CYCLES; i++) {
            Object buffer = pool.take(bytes);
            Thread.yield();
            pool.release(buffer);
        }
    }
}
