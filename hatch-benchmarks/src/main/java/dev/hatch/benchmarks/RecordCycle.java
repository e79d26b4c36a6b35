package dev.hatch.benchmarks;

import java.util.Arrays;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/** What JMH counts of record batches; public because JMH's generated code is in another package. */
public class RecordCycle {
    /** Who builds, and of what. */
    @State(Scope.Benchmark)
    public static class Shared {
        /** The arguments of a {@link PoolRun}. */
        @Param("")
        public String run = "";

        private final RecordData data = new RecordData();

        @SuppressWarnings("NullAway.Init")
        private RecordWriter writer;

        /** Before the first warm-up. */
        @Setup
        public void open() {
            writer = RecordFork.open(PoolRun.ofArguments(Arrays.asList(run.split(" ", -1))));
        }

        /** After the last window. */
        @TearDown
        public void close() {
            writer.close();
        }
    }

    /** One batch; counted in rows. */
    @Benchmark
    @OperationsPerInvocation(RecordData.ROWS)
    public void batch(Shared shared, Blackhole hole) {
        VectorSchemaRoot batch = shared.writer.write(shared.data);
        hole.consume(batch);
        shared.writer.done(batch);
    }
}
