package dev.hatch.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.Arrays;
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
        /** The arguments of a {@link PoolRun}. */
        @Param("")
        public String run = "";

        @SuppressWarnings("NullAway.Init")
        private BenchPool pool;

        /** Before the first warm-up. */
        @Setup
        public void open() throws Exception {
            pool = PoolRun.ofArguments(Arrays.asList(run.split(" ", -1))).open(TIMEOUT);
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

        /** The last one that was prepared. */
        public @Nullable PreparedStatement statement;
    }

    /** One cycle. */
    @Benchmark
    public void cycle(Shared shared, Own own) throws Exception {
        Object lease = shared.pool.acquire();
        own.lease = lease;
        shared.pool.release(lease);
    }

    /** One cycle in which the connection that is lent executes a statement. */
    @Benchmark
    public void statement(Shared shared, Own own) throws Exception {
        Object lease = shared.pool.acquire();
        own.lease = lease;
        PreparedStatement statement = ((Connection) lease).prepareStatement("SELECT 1");
        own.statement = statement;
        statement.execute();
        statement.close();
        shared.pool.release(lease);
    }
}
