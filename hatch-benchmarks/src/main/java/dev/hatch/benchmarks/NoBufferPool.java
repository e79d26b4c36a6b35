package dev.hatch.benchmarks;

import java.nio.ByteBuffer;

/** No pool: what the JDK allocates, left to the collector. */
final class NoBufferPool implements BufferPool {
    private final boolean direct;

    NoBufferPool(boolean direct) {
        this.direct = direct;
    }

    @Override
    public Object take(int size) {
        return direct ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size);
    }

    @Override
    public void release(Object buffer) {}

    @Override
    public void close() {}
}
