package dev.hatch.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * One fork in which one thread takes what another releases. Two arrays of buffers go round between the two: one is filled
 * while the other is emptied.
 */
final class CrossThreadFork {
    static final int BATCH = 256;

    /** In place of the array after the last. */
    private static final Object[] END = {};

    private final BufferPool pool;
    private final int bytes;
    private final PoolSettings settings;
    private final HandOver full = new HandOver();
    private final HandOver empty = new HandOver();
    private volatile boolean over;

    private CrossThreadFork(BufferPool pool, PoolRun run) {
        this.pool = pool;
        bytes = run.benchmarkCase().bytes();
        settings = run.settings();
    }

    public static void main(String[] args) {
        PoolRun.main(args, CrossThreadFork::measure);
    }

    static List<Measurement> measure(PoolRun run) throws Exception {
        ExecutorService threads = run.rival().threads(run.threads());
        try (BufferPool pool = run.openBuffers()) {
            CrossThreadFork fork = new CrossThreadFork(pool, run);
            Future<List<Double>> taken = threads.submit(fork.orFail(fork::take));
            Future<List<Double>> released = threads.submit(fork.orFail(fork::release));
            taken.get();
            return List.of(new Measurement(run.title(), "throughput", "buffers/us", Better.HIGHER, released.get()));
        } finally {
            threads.shutdownNow();
        }
    }

    private <T> Callable<T> orFail(Callable<T> half) {
        return () -> {
            try {
                return half.call();
            } catch (Throwable e) {
                full.fail(e);
                empty.fail(e);
                throw e;
            }
        };
    }

    /** Ends when both arrays are back and empty. */
    private List<Double> take() {
        empty.put(new Object[BATCH]);
        Object[] batch = new Object[BATCH];
        while (!over) {
            for (int i = 0; i < BATCH; i++) {
                batch[i] = pool.take(bytes);
            }
            full.put(batch);
            batch = empty.take();
        }
        empty.take();
        full.put(END);
        return List.of();
    }

    /** Returns how many were released in a microsecond, of each window that counts. */
    @SuppressWarnings("ReferenceEquality") // The end is one array, not one like it.
    private List<Double> release() {
        List<Double> values = new ArrayList<>();
        long window = settings.window().toNanos();
        long start = System.nanoTime();
        long released = 0;
        int windows = 0;
        for (Object[] batch = full.take(); batch != END; batch = full.take()) {
            for (Object buffer : batch) {
                pool.release(buffer);
            }
            empty.put(batch);
            released += BATCH;
            long nanos = System.nanoTime() - start;
            if (nanos >= window) {
                windows++;
                if (windows > settings.warmUps() && values.size() < settings.values()) {
                    values.add(released * 1e3 / nanos);
                }
                over = values.size() == settings.values();
                start += nanos;
                released = 0;
            }
        }
        return values;
    }
}
