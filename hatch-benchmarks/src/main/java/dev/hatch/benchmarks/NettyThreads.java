package dev.hatch.benchmarks;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads of Netty's own class, which its allocators are fastest on. JMH makes them by the name of this class; public
 * because it does so by reflection.
 */
public final class NettyThreads extends ThreadPoolExecutor {
    /** As JMH calls it. */
    public NettyThreads(int maxThreads, String prefix) {
        super(
                maxThreads,
                maxThreads,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new DefaultThreadFactory(prefix));
    }
}
