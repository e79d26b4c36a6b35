package dev.hatch.benchmarks;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;

/** One of Netty's allocators. It is compiled against the Netty that Arrow needs, and its forks run the newest. */
final class NettyBufferPool implements BufferPool {
    private final ByteBufAllocator allocator;

    private NettyBufferPool(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    static NettyBufferPool adaptive() {
        return new NettyBufferPool(new AdaptiveByteBufAllocator(true));
    }

    static NettyBufferPool pooled() {
        return new NettyBufferPool(new PooledByteBufAllocator(true));
    }

    @Override
    public Object take(int size) {
        return allocator.directBuffer(size);
    }

    @Override
    public void release(Object buffer) {
        ((ByteBuf) buffer).release();
    }

    /** Netty's allocators cannot be closed. */
    @Override
    public void close() {}
}
