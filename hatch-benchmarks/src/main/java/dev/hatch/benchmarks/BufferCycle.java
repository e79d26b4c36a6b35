package dev.hatch.benchmarks;

import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;
import org.openjdk.jmh.infra.ThreadParams;

/** What JMH counts of buffers; public because JMH's generated code is in another package. */
public class BufferCycle {
    private static final int BURST = 16;
    private static final int RING = 8;

    /** The pool that all threads share. */
    @State(Scope.Benchmark)
    public static class Shared {
        /** The arguments of a {@link PoolRun}. */
        @Param("")
        public String run = "";

        @SuppressWarnings("NullAway.Init")
        private BufferPool pool;

        private int bytes;

        /** What is held when all threads have ended: JMH tears this down before what each thread has. */
        private final Queue<Object[]> held = new ConcurrentLinkedQueue<>();

        /** Before the first warm-up. */
        @Setup
        public void open() {
            PoolRun parsed = PoolRun.ofArguments(Arrays.asList(run.split(" ", -1)));
            pool = parsed.openBuffers();
            bytes = parsed.benchmarkCase().bytes();
        }

        /** After the last window. */
        @TearDown
        public void close() {
            for (Object[] buffers : held) {
                for (Object buffer : buffers) {
                    pool.release(buffer);
                }
            }
            pool.close();
        }
    }

    /** What one thread takes before it releases any of it. */
    @State(Scope.Thread)
    public static class Burst {
        private final Object[] held = new Object[BURST];
    }

    /** What one thread holds while it replaces the oldest by one of another size. */
    @State(Scope.Thread)
    public static class Ring {
        private final Object[] held = new Object[RING];

        @SuppressWarnings("NullAway.Init")
        private int[] sizes;

        private int turn;

        /** Before the first warm-up. */
        @Setup
        public void fill(Shared shared, ThreadParams thread) {
            sizes = MixedSizes.of(thread.getThreadIndex());
            for (; turn < RING; turn++) {
                held[turn] = shared.pool.take(sizes[turn]);
            }
            shared.held.add(held);
        }
    }

    /** One cycle. */
    @Benchmark
    public void cycle(Shared shared, Blackhole hole) {
        Object buffer = shared.pool.take(shared.bytes);
        hole.consume(buffer);
        shared.pool.release(buffer);
    }

    /** Many cycles, all begun before the first is ended. */
    @Benchmark
    public void burst(Shared shared, Burst burst) {
        for (int i = 0; i < BURST; i++) {
            burst.held[i] = shared.pool.take(shared.bytes);
        }
        for (int i = 0; i < BURST; i++) {
            shared.pool.release(burst.held[i]);
        }
    }

    /** One release and one cycle begun. */
    @Benchmark
    public void mixed(Shared shared, Ring ring) {
        int turn = ring.turn++;
        int oldest = turn & (RING - 1);
        shared.pool.release(ring.held[oldest]);
        ring.held[oldest] = shared.pool.take(ring.sizes[turn & (MixedSizes.COUNT - 1)]);
    }
}
