package dev.hatch.duckdb;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Pristine connections at hand, so that who returns a used one need not wait while another is made. A thread of its own makes
 * several at a time: to wake it for each would cost the caller as much as to make one. Thread-safe by its queue.
 */
final class Spares {
    static final int MOST = 8;

    /** When more are made. */
    private static final int FEW = 4;

    private static final long THREAD_IDLE_SECONDS = 10;

    /** Makes one. */
    interface Maker {
        Connection make() throws SQLException;
    }

    private final Maker maker;
    private final Executor thread;
    private final ArrayBlockingQueue<Connection> spares = new ArrayBlockingQueue<>(MOST);
    private final AtomicBoolean filling = new AtomicBoolean();
    private volatile boolean closed;

    Spares(Maker maker) {
        this(
                maker,
                new ThreadPoolExecutor(
                        0, 1, THREAD_IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                            Thread thread = new Thread(null, task, "hatch-duckdb-spares", 0, false);
                            thread.setDaemon(true);
                            return thread;
                        }));
    }

    /** For tests. */
    Spares(Maker maker, Executor thread) {
        this.maker = maker;
        this.thread = thread;
    }

    /** Null if none is at hand: then the caller makes his own. */
    @Nullable Connection take() {
        Connection spare = spares.poll();
        if (spares.size() <= FEW && !closed && filling.compareAndSet(false, true)) {
            try {
                thread.execute(this::fill);
            } catch (RuntimeException | OutOfMemoryError e) {
                // Closed meanwhile, or no thread to be had.
                filling.set(false);
            }
        }
        return spare;
    }

    private void fill() {
        try {
            while (!closed && spares.remainingCapacity() > 0) {
                Connection spare = maker.make();
                if (!spares.offer(spare)) {
                    spare.close();
                }
            }
        } catch (SQLException e) {
            // Who needs one meets it.
        } finally {
            filling.set(false);
            if (closed) {
                clear();
            }
        }
    }

    /** Closes those that are at hand. */
    void clear() {
        for (Connection spare = spares.poll(); spare != null; spare = spares.poll()) {
            try {
                spare.close();
            } catch (SQLException e) {
                // It was never used.
            }
        }
    }

    /** Closes them for good; one that is being made is closed when it is made. */
    void close() {
        closed = true;
        clear();
        if (thread instanceof ExecutorService service) {
            service.shutdown();
        }
    }
}
