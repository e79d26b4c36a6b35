package dev.hatch.benchmarks;

/**
 * A pool of buffers as the benchmarks use it. The implementations allocate nothing themselves, and a fork loads only one
 * of them, so that the JIT inlines its calls.
 */
interface BufferPool extends AutoCloseable {
    /** Never waits. */
    Object take(int size);

    /** Gives back what {@link #take} returned, on any thread. */
    void release(Object buffer);

    @Override
    void close();
}
