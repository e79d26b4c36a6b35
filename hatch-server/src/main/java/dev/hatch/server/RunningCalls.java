package dev.hatch.server;

import dev.hatch.duckdb.Interruption;
import dev.hatch.server.admin.RunningStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * The calls that are at work on the database, of whatever kind, and the one way to stop them: because the client went
 * away, or because the server is closed.
 *
 * <p>A watcher looks after all of them every 20 ms. It cancels what runs for a call that is to stop, and does so again
 * until the call has ended, since DuckDB does not hear it for a statement that is only just being started. It sleeps
 * while there is no call. Lock order: a call may be locked alone or within nothing; this is never held while a call is.
 */
final class RunningCalls {
    private static final long LOOK_EVERY_MILLIS = 20;

    private final DataSource pool;

    /** Guarded by this. */
    private final Set<Call> calls = new HashSet<>();

    /** Written under this. */
    private volatile boolean stopping;

    RunningCalls(DataSource pool) {
        this.pool = pool;
        Thread watcher = new Thread(this::watch, "hatch-watcher");
        watcher.setDaemon(true);
        watcher.start();
    }

    /**
     * Before the first use of the database; the call is closed when it is over.
     *
     * @param kind names it in the log
     * @param peer where its client is; null if that is not known
     * @param isClientGone asked from the watcher's thread, too
     * @throws FlightRuntimeException UNAVAILABLE if the server is being closed
     */
    synchronized Call begin(String kind, @Nullable String peer, BooleanSupplier isClientGone) {
        if (stopping) {
            throw CallStatus.UNAVAILABLE
                    .withDescription("the server is being closed")
                    .toRuntimeException();
        }
        Call call = new Call(kind, peer, isClientGone);
        calls.add(call);
        notifyAll();
        return call;
    }

    /** All that have begun and not ended, the oldest first. */
    List<RunningStatement> list() {
        return current().stream()
                .map(Call::describe)
                .sorted(Comparator.comparing(RunningStatement::age).reversed())
                .toList();
    }

    private synchronized List<Call> current() {
        return List.copyOf(calls);
    }

    private synchronized void end(Call call) {
        calls.remove(call);
        notifyAll();
    }

    /**
     * Stops all calls at once and begins no more. An interrupt does not end the waiting, which is short, but is kept.
     *
     * @return what has not ended within {@code bound}
     */
    synchronized List<String> stop(Duration bound) {
        stopping = true;
        notifyAll();
        long end = System.nanoTime() + bound.toNanos();
        boolean interrupted = false;
        while (!calls.isEmpty()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                break;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return calls.stream().map(Call::toString).toList();
    }

    private void watch() {
        try {
            for (List<Call> current = next(); !current.isEmpty(); current = next()) {
                current.forEach(Call::cancelIfStopped);
                TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for a call to be there; empty once there will be none. */
    private synchronized List<Call> next() throws InterruptedException {
        while (calls.isEmpty() && !stopping) {
            wait();
        }
        return List.copyOf(calls);
    }

    /** One call, used by the thread that works for it. */
    final class Call implements AutoCloseable {
        private final String kind;
        private final @Nullable String peer;
        private final BooleanSupplier isClientGone;
        private final long begun = System.nanoTime();

        /** What to cancel. Guarded by this, so that nothing is cancelled that has ended. */
        private @Nullable Statement statement;

        /** The thread that waits for a lease. Guarded by this. */
        private @Nullable Thread waiting;

        /** Whether {@link #waiting} was interrupted. Guarded by this. */
        private boolean woken;

        /** Written by the thread that works for it, as is the next. */
        private volatile @Nullable String sql;

        private volatile @Nullable Thread worker;

        private Call(String kind, @Nullable String peer, BooleanSupplier isClientGone) {
            this.kind = kind;
            this.peer = peer;
            this.isClientGone = isClientGone;
        }

        /** Says which statement it is for, to whoever looks at the server. */
        Call of(String text) {
            sql = text;
            return this;
        }

        boolean isStopped() {
            return stopping || isClientGone.getAsBoolean();
        }

        /** A lease of the pool; a call that is stopped does not go on waiting for it. */
        Connection lease() throws SQLException {
            worker = Thread.currentThread();
            waits(Thread.currentThread());
            try {
                return pool.getConnection();
            } finally {
                waits(null);
            }
        }

        private synchronized void waits(@Nullable Thread thread) {
            waiting = thread;
            if (woken) {
                // It was meant for the waiting alone, and may have come too late for it.
                woken = false;
                boolean unused = Thread.interrupted();
            }
        }

        /**
         * From now on {@code running} is cancelled if the call is stopped; null when it has ended.
         *
         * @throws FlightRuntimeException if it must not be run any more
         */
        void runs(@Nullable Statement running) {
            synchronized (this) {
                statement = running;
            }
            if (running != null && isStopped()) {
                throw stopped();
            }
        }

        /** What the client is told, should it still be there. */
        FlightRuntimeException stopped() {
            CallStatus status = isClientGone.getAsBoolean()
                    ? CallStatus.CANCELLED.withDescription("the client went away")
                    : CallStatus.UNAVAILABLE.withDescription(
                            "the server was closed before the " + kind + " was complete");
            return status.toRuntimeException();
        }

        private synchronized void cancelIfStopped() {
            if (!isStopped()) {
                return;
            }
            if (waiting != null) {
                woken = true;
                waiting.interrupt();
            }
            if (statement != null) {
                try {
                    Interruption.interrupt(statement.getConnection());
                } catch (SQLException e) {
                    // It has ended by itself.
                }
            }
        }

        private RunningStatement describe() {
            Thread thread = worker;
            boolean isWaiting;
            synchronized (this) {
                isWaiting = waiting != null;
            }
            return new RunningStatement(
                    kind,
                    sql,
                    peer,
                    thread == null ? null : thread.getName(),
                    Duration.ofNanos(System.nanoTime() - begun),
                    isWaiting);
        }

        @Override
        public void close() {
            end(this);
        }

        @Override
        public String toString() {
            return kind + " begun " + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun) + " s ago";
        }
    }
}
