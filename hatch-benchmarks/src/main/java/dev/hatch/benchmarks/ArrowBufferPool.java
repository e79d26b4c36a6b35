package dev.hatch.benchmarks;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/** Arrow's allocator, with the manager of memory that a property of the JVM says. */
final class ArrowBufferPool implements BufferPool {
    private final BufferAllocator allocator = new RootAllocator();

    @Override
    public Object take(int size) {
        return allocator.buffer(size);
    }

    @Override
    public void release(Object buffer) {
        ((ArrowBuf) buffer).close();
    }

    @Override
    public void close() {
        allocator.close();
    }
}
