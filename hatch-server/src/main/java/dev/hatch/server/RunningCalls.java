package dev.hatch.server;

import com.google.protobuf.ByteString;
import dev.hatch.duckdb.Interruption;
import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.server.admin.RunningStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightRuntimeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls that are at work on the database, of whatever kind, and the one way to stop them: because the client went
 * away or cancelled, because a statement worked for too long, or because the server is closed.
 *
 * <p>A watcher looks after all of them every 20 ms. It cancels what runs for a call that is to stop, and does so again
 * until the call has ended, since DuckDB does not hear it for a statement that is only just being started. It sleeps
 * while there is no call. Lock order: a call may be locked alone or within nothing; this is never held while a call is.
 */
final class RunningCalls {
    private static final long LOOK_EVERY_MILLIS = 20;

    /** For so long a query in its client's transaction may go on after its client has left it. */
    private static final long SPARED_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final Logger LOG = LoggerFactory.getLogger(HatchServer.class);

    /** Of what a call takes on average, by how much the latest counts. */
    private static final double WEIGHT_OF_LATEST = 0.1;

    private static final Duration SHORTEST_RETRY = Duration.ofMillis(100);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(10);

    private final ConnectionPool pool;
    private final ServerConfig config;
    private final Runnable onFatal;

    /** Guarded by this. */
    private final Set<Call> calls = new HashSet<>();

    /** How long a call takes. Guarded by this. */
    private double meanNanos = SHORTEST_RETRY.toNanos();

    /** How many were told to try again, each counting half as much with every second. Guarded by this, as is the next. */
    private double refusedLately;

    private long refusedAt = System.nanoTime();

    /** Written under this. */
    private volatile boolean stopping;

    /** @param onFatal is run when a call has failed in a way in which all others will */
    RunningCalls(ConnectionPool pool, ServerConfig config, Runnable onFatal) {
        this.onFatal = onFatal;
        this.pool = pool;
        this.config = config;
        Thread watcher = new Thread(this::watch, "hatch-watcher");
        watcher.setDaemon(true);
        watcher.start();
    }

    /**
     * Before the first use of the database; the call is closed when it is over.
     *
     * @param kind names it in the log
     * @param caller who asked for it
     * @param isClientGone asked from the watcher's thread, too
     * @throws FlightRuntimeException UNAVAILABLE if the server is being closed; RESOURCE_EXHAUSTED if its user or its session
     *     has as many calls as it may
     */
    synchronized Call begin(String kind, Caller caller, BooleanSupplier isClientGone) {
        if (stopping) {
            throw CallStatus.UNAVAILABLE
                    .withDescription("the server is being closed")
                    .toRuntimeException();
        }
        requireFewerThan(
                config.maxCallsPerUser(),
                "user '" + caller.user().name() + "'",
                other -> other.user().name().equals(caller.user().name()));
        String session = caller.sessionKey();
        if (session != null) {
            requireFewerThan(config.maxCallsPerSession(), "this session", other -> session.equals(other.sessionKey()));
        }
        Call call = new Call(kind, caller, isClientGone);
        calls.add(call);
        notifyAll();
        return call;
    }

    private void requireFewerThan(int most, String whose, Predicate<Caller> isSame) {
        if (most < Integer.MAX_VALUE
                && calls.stream().filter(call -> isSame.test(call.caller)).count() >= most) {
            throw FlightErrors.busy(most + " calls of " + whose + " are at work, which is the most", retryDelay());
        }
    }

    /**
     * After how long it makes sense to ask again: when those who wait now, and those who were told so lately, will have had
     * their turn, if all is as before.
     */
    synchronized Duration retryDelay() {
        long now = System.nanoTime();
        refusedLately = 1 + refusedLately * Math.pow(0.5, (now - refusedAt) / 1e9);
        refusedAt = now;
        double before = pool.stats().waiting() + refusedLately;
        Duration delay =
                Duration.ofNanos((long) (meanNanos * before / config.pool().maxOpenConnections()));
        return delay.compareTo(SHORTEST_RETRY) < 0
                ? SHORTEST_RETRY
                : delay.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : delay;
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

    /** Stops what runs for that ticket of that user's; false if there is no such call. */
    boolean cancel(ByteString handle, User user) {
        boolean found = false;
        for (Call call : current()) {
            if (handle.equals(call.handle) && call.caller.user().name().equals(user.name())) {
                call.stop(CallStatus.CANCELLED.withDescription("the query was cancelled"));
                found = true;
            }
        }
        return found;
    }

    private synchronized void end(Call call) {
        if (calls.remove(call)) {
            meanNanos += WEIGHT_OF_LATEST * (System.nanoTime() - call.begun - meanNanos);
        }
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
                for (Call call : current) {
                    try {
                        call.stopIfLate();
                        call.cancelIfStopped();
                    } catch (RuntimeException e) {
                        LOG.error("a call was not looked after: {}", call, e);
                    }
                }
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
        private final Caller caller;
        private final BooleanSupplier isClientGone;
        private final long begun = System.nanoTime();

        /** Why it is to end; the first reason stays. Written under this. */
        private volatile @Nullable CallStatus stop;

        /** How long statements worked for it before {@link #workingSince}. Guarded by this, as are the next two. */
        private long workedNanos;

        private boolean working;
        private long workingSince;

        /** Whether an interrupt would abort its client's transaction. Guarded by this, as is the next. */
        private boolean spared;

        /** When it was first not interrupted because of that; 0 before. */
        private long sparedSince;

        /** What to cancel. Guarded by this, so that nothing is cancelled that has ended. */
        private @Nullable Statement statement;

        /** The thread that waits for a lease. Guarded by this. */
        private @Nullable Thread waiting;

        /** Whether {@link #waiting} was interrupted. Guarded by this. */
        private boolean woken;

        /** Whether {@link #waiting} waits for the client, and no longer than {@link #patienceEnds}. Guarded by this. */
        private boolean isClientAwaited;

        private long patienceEnds;

        /** Written by the thread that works for it, as is the next. */
        private volatile @Nullable String sql;

        private volatile @Nullable Thread worker;
        private volatile @Nullable ByteString handle;

        private volatile Lender lender = call -> Lent.ofPool(call.lease(), Lent.Transaction.NONE);

        /** Wakes the thread that works for it from a wait of its own, so that it looks whether to stop. */
        private volatile Runnable wake = () -> {};

        private Call(String kind, Caller caller, BooleanSupplier isClientGone) {
            this.kind = kind;
            this.caller = caller;
            this.isClientGone = isClientGone;
        }

        /** Says which statement it is for, to whoever looks at the server. */
        Call of(String text) {
            sql = text;
            return this;
        }

        /** Says under which handle it was asked for, so that it can be cancelled by that. */
        Call of(ByteString asked) {
            handle = asked;
            return this;
        }

        boolean isStopped() {
            return stop != null || stopping || isClientGone.getAsBoolean();
        }

        /** Has it end soon, and its client be told why. */
        void stop(CallStatus why) {
            synchronized (this) {
                if (stop == null) {
                    stop = why;
                }
            }
            cancelIfStopped();
        }

        /** Says where its statements run. */
        Call on(Lender chosen) {
            lender = chosen;
            return this;
        }

        /** A connection where its statements run. */
        Lent lend() throws SQLException {
            return lender.lend(this);
        }

        /** What its client is told of this. */
        FlightRuntimeException failed(Throwable failure) {
            FlightRuntimeException told = isStopped() ? stopped() : FlightErrors.of(failure);
            if (FlightErrors.isFatal(failure)) {
                onFatal.run();
            }
            return told;
        }

        Caller caller() {
            return caller;
        }

        Duration retryDelay() {
            return RunningCalls.this.retryDelay();
        }

        /** A lease of the pool; a call that is stopped does not go on waiting for it. */
        Connection lease() throws SQLException {
            worker = Thread.currentThread();
            waits(Thread.currentThread());
            try {
                return pool.getConnection();
            } catch (SQLTransientConnectionException e) {
                throw isStopped() ? stopped() : FlightErrors.busy(String.valueOf(e.getMessage()), retryDelay());
            } finally {
                waits(null);
            }
        }

        /**
         * Waits for a lock; a call that is stopped does not go on waiting.
         *
         * @throws FlightRuntimeException RESOURCE_EXHAUSTED if the lock is not free in time
         */
        void awaitTurn(ReentrantLock turn, long nanos) {
            worker = Thread.currentThread();
            waits(Thread.currentThread());
            boolean locked = false;
            boolean interrupted = false;
            try {
                locked = turn.tryLock(nanos, TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            } finally {
                waits(null);
            }
            if (locked) {
                return;
            }
            if (isStopped()) {
                throw stopped();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            throw FlightErrors.busy(
                    "another call of the same transaction or session has its connection; read or cancel that call's result first",
                    retryDelay());
        }

        /**
         * Runs what waits for the client to send something. If the call is stopped or {@code patience} has passed, the
         * thread is interrupted, as after a wait for a lease.
         */
        boolean awaitClient(Duration patience, BooleanSupplier wait) {
            synchronized (this) {
                isClientAwaited = true;
                patienceEnds = System.nanoTime() + patience.toNanos();
            }
            waits(Thread.currentThread());
            try {
                return wait.getAsBoolean();
            } finally {
                waits(null);
            }
        }

        private synchronized void waits(@Nullable Thread thread) {
            waiting = thread;
            isClientAwaited &= thread != null;
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
                works(running != null);
            }
            if (running != null && isStopped()) {
                throw stopped();
            }
        }

        /**
         * What runs is in a transaction that goes on when the client leaves a result before its end. DuckDB aborts a
         * transaction in which it is interrupted, so the query is left to come to its next batch, for a second.
         */
        synchronized void spareTransaction() {
            spared = true;
        }

        private boolean isSpared() {
            if (!spared || stop != null || stopping) {
                return false;
            }
            long now = System.nanoTime();
            if (sparedSince == 0) {
                sparedSince = now;
            }
            return now - sparedSince < SPARED_NANOS;
        }

        /** While it waits for its client, the statement is not at work. */
        synchronized void awaitsClient(boolean awaits) {
            if (statement != null) {
                works(!awaits);
            }
        }

        private void works(boolean works) {
            long now = System.nanoTime();
            if (working) {
                workedNanos += now - workingSince;
            }
            working = works;
            workingSince = now;
        }

        private void stopIfLate() {
            Duration most = config.statementTimeout();
            if (most == null) {
                return;
            }
            long nanos;
            synchronized (this) {
                nanos = workedNanos + (working ? System.nanoTime() - workingSince : 0);
            }
            if (nanos > most.toNanos()) {
                stop(CallStatus.TIMED_OUT.withDescription(
                        "the " + kind + " worked for longer than " + most.toMillis() + " ms, the statement timeout"));
            }
        }

        /** What the client is told, should it still be there. */
        FlightRuntimeException stopped() {
            CallStatus why = stop;
            if (why == null) {
                why = isClientGone.getAsBoolean()
                        ? CallStatus.CANCELLED.withDescription("the client went away")
                        : CallStatus.UNAVAILABLE.withDescription(
                                "the server was closed before the " + kind + " was complete");
            }
            return why.toRuntimeException();
        }

        void wakeBy(Runnable waking) {
            wake = waking;
        }

        private void cancelIfStopped() {
            boolean stopped = isStopped();
            if (stopped) {
                wake.run();
            }
            cancel(stopped);
        }

        private synchronized void cancel(boolean stopped) {
            boolean impatient = isClientAwaited && System.nanoTime() - patienceEnds >= 0;
            if (waiting != null && (stopped || impatient)) {
                woken = true;
                waiting.interrupt();
            }
            if (statement != null && stopped && !isSpared()) {
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
                isWaiting = waiting != null && !isClientAwaited;
            }
            return new RunningStatement(
                    kind,
                    sql,
                    caller.peer(),
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
