package dev.hatch.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * A pool as the benchmarks use it. The implementations allocate nothing themselves, and a fork loads only
 * one of them, so that the JIT inlines its calls.
 */
interface BenchPool extends AutoCloseable {
    /** Waits for what is lent, at most as long as the pool was told to. */
    Object acquire() throws Exception;

    /** Gives back what {@link #acquire} returned. */
    void release(Object lease) throws Exception;

    @Override
    void close();

    /** Has the pool make all that it may hold. */
    default void fill(int size) throws Exception {
        List<Object> leases = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            leases.add(acquire());
        }
        for (Object lease : leases) {
            release(lease);
        }
    }
}
