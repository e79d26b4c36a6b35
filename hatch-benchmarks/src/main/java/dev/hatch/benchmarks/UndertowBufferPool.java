package dev.hatch.benchmarks;

import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.DefaultByteBufferPool;

/**
 * Undertow's pool, whose buffers are all of one size. By default it keeps 12 for each thread and none beside them; here it
 * keeps all that any case takes at once.
 */
final class UndertowBufferPool implements BufferPool {
    private static final int KEPT = 1_024;
    private static final int KEPT_FOR_EACH_THREAD = 12;

    private final DefaultByteBufferPool pool;

    UndertowBufferPool(int size) {
        pool = new DefaultByteBufferPool(true, size, KEPT, KEPT_FOR_EACH_THREAD);
    }

    @Override
    public Object take(int size) {
        return pool.allocate();
    }

    @Override
    public void release(Object buffer) {
        ((PooledByteBuffer) buffer).close();
    }

    @Override
    public void close() {
        pool.close();
    }
}
