package dev.hatch.benchmarks;

import dev.hatch.pool.buffer.ByteBufferPool;
import dev.hatch.pool.buffer.PooledBuffer;

/** Hatch's pool of buffers, with its defaults. */
final class HatchBufferPool implements BufferPool {
    private final ByteBufferPool pool = ByteBufferPool.create();

    @Override
    public Object take(int size) {
        return pool.get(size);
    }

    @Override
    public void release(Object buffer) {
        ((PooledBuffer) buffer).close();
    }

    @Override
    public void close() {
        pool.close();
    }
}
