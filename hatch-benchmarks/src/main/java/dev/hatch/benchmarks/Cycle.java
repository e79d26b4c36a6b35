package dev.hatch.benchmarks;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What JMH counts for {@link CycleFork}; public because JMH's generated code is in another package. */
public class Cycle {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** The pool that all threads share. */
    @State(Scope.Benchmark)
    public static class Shared {
        /** The name of an {@link EngineRival}. */
        @Param("HATCH")
        public String rival = "";

        /** Of the pool. */
        @Param("32")
        public int size;

        @SuppressWarnings("NullAway.Init")
        private BenchPool pool;

        /** Before the first warm-up. */
        @Setup
        public void open() throws Exception {
            pool = EngineRival.valueOf(rival).open(size, TIMEOUT);
        }

        /** After the last window. */
        @TearDown
        public void close() {
            pool.close();
        }
    }

    /** What one thread holds. Other threads could see it, so that the JIT cannot do without allocating a lease. */
    @State(Scope.Thread)
    public static class Own {
        /** The last one. */
        public @Nullable Object lease;
    }

    /** One cycle. */
    @Benchmark
    public void cycle(Shared shared, Own own) throws Exception {
        Object lease = shared.pool.acquire();
        own.lease = lease;
        shared.pool.release(lease);
    }
}
