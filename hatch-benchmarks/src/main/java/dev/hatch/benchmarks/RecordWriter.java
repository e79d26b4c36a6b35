package dev.hatch.benchmarks;

import java.util.concurrent.atomic.AtomicLong;
import org.apache.arrow.memory.AllocationListener;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Builds one batch after another, in one of the ways that are compared. */
interface RecordWriter extends AutoCloseable {
    /** Builds one. */
    VectorSchemaRoot write(RecordData data);

    /** Whoever wanted that batch is done with it. */
    void done(VectorSchemaRoot batch);

    /** How often memory was allocated from Arrow so far. */
    long allocations();

    @Override
    void close();

    /** Counts them. */
    final class Allocations implements AllocationListener {
        private final AtomicLong count = new AtomicLong();

        @Override
        public void onAllocation(long size) {
            count.incrementAndGet();
        }

        long count() {
            return count.get();
        }
    }
}
