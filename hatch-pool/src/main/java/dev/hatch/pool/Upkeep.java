package dev.hatch.pool;

import java.lang.ref.WeakReference;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What object pools do by the clock. One thread for all of them says when; others do it, as many as needed, since dropping an object
 * is the user's code, which may take its time. Both kinds end when there is nothing to do. A pool that nobody closed and nobody
 * has any more is not kept by this.
 */
final class Upkeep implements Runnable {
    private static final long IDLE_SECONDS = 10;
    private static final ScheduledThreadPoolExecutor CLOCK = clock();
    private static final ThreadPoolExecutor WORKERS = new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            work -> daemon(work, "hatch-object-upkeep"));

    private final WeakReference<ObjectPool<?>> pool;
    private final AtomicBoolean running = new AtomicBoolean();

    private Upkeep(ObjectPool<?> pool) {
        this.pool = new WeakReference<>(pool);
    }

    private static ScheduledThreadPoolExecutor clock() {
        ScheduledThreadPoolExecutor clock =
                new ScheduledThreadPoolExecutor(1, work -> daemon(work, "hatch-object-clock"));
        clock.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        clock.allowCoreThreadTimeOut(true);
        clock.setRemoveOnCancelPolicy(true);
        return clock;
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(null, work, name, 0, false);
        thread.setDaemon(true);
        return thread;
    }

    /** Has {@link ObjectPool#tick} called again and again, never twice at a time, until the result is cancelled. */
    static Future<?> every(long nanos, ObjectPool<?> pool) {
        return CLOCK.scheduleAtFixedRate(new Upkeep(pool), nanos, nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void run() {
        ObjectPool<?> kept = pool.get();
        if (kept == null) {
            // Its task ends with this.
            throw new IllegalStateException("the pool is gone");
        }
        if (running.compareAndSet(false, true)) {
            WORKERS.execute(() -> {
                try {
                    kept.tick();
                } finally {
                    running.set(false);
                }
            });
        }
    }
}
