package dev.hatch.pool;

import java.lang.ref.WeakReference;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What object pools do by the clock. One thread for all of them says when; others do it, as many as needed, since dropping an object
 * is the user's code, which may take its time. Both kinds end when there is nothing to do. A pool that nobody closed and nobody
 * has any more is not kept by this.
 */
final class Upkeep implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ObjectPool.class);
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

    /** Begins with the first run at the earliest, so it is there by then. */
    private volatile @Nullable Future<?> task;

    /** A closed pool, which nobody else may have any more, while it watches what has not come back. */
    @SuppressWarnings("unused")
    private volatile @Nullable ObjectPool<?> kept;

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

    /** Has {@link ObjectPool#tick} called again and again, never twice at a time. */
    static Upkeep every(long nanos, ObjectPool<?> pool) {
        Upkeep upkeep = new Upkeep(pool);
        upkeep.task = CLOCK.scheduleWithFixedDelay(upkeep, nanos, nanos, TimeUnit.NANOSECONDS);
        return upkeep;
    }

    /** Goes on even if nobody else has the pool. */
    void keep(ObjectPool<?> closed) {
        kept = closed;
    }

    void end() {
        kept = null;
        Future<?> now = task;
        if (now != null) {
            now.cancel(false);
        }
    }

    @Override
    public void run() {
        ObjectPool<?> now = pool.get();
        if (now == null) {
            end();
        } else if (running.compareAndSet(false, true)) {
            try {
                WORKERS.execute(() -> {
                    try {
                        now.tick();
                    } finally {
                        running.set(false);
                    }
                });
            } catch (Throwable e) {
                // No thread is to be had now. An exception would end this for ever.
                running.set(false);
                LOG.warn("The upkeep of an object pool is put off until its next turn", e);
            }
        }
    }
}
