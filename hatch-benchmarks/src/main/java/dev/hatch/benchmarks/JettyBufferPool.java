package dev.hatch.benchmarks;

import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;

/** Jetty's pool. By default it keeps no buffer above 64 KiB; here it keeps all that any case takes. */
final class JettyBufferPool implements BufferPool {
    private static final int DEFAULT = -1;
    private static final int LARGEST = 1 << 20;

    private final ArrayByteBufferPool pool = new ArrayByteBufferPool(DEFAULT, DEFAULT, LARGEST, Integer.MAX_VALUE);

    @Override
    public Object take(int size) {
        return pool.acquire(size, true);
    }

    @Override
    public void release(Object buffer) {
        ((RetainableByteBuffer) buffer).release();
    }

    @Override
    public void close() {
        pool.clear();
    }
}
