package dev.hatch.server;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * A lease that outlives a call: that of a transaction, or of a session that keeps something on a connection. Calls have it
 * in turn. It is empty, then filled when it is first taken, then over; whoever has it when it is ended closes it on the way
 * out.
 */
final class HeldLease {
    /** Over without anything that a client need know. */
    private static final String LET_GO = "";

    private final HeldLeases all;

    /** Begins what is done on the connection, once it is there. */
    private final HeldLeases.Start start;

    /** Fair, so that no call of a client is overtaken by its later ones. */
    private final ReentrantLock turn = new ReentrantLock(true);

    /** Guarded by turn. */
    private @Nullable Connection connection;

    private volatile long usedNanos;
    private volatile RunningCalls.@Nullable Call user;

    /** Why nobody gets it any more. The first reason stays. */
    private volatile @Nullable String over;

    HeldLease(HeldLeases all, HeldLeases.Start start) {
        this.all = all;
        this.start = start;
        usedNanos = all.now();
    }

    /**
     * The connection, for one call. {@link #giveBack} ends that, in the same thread.
     *
     * @return null if it was let go of
     * @throws FlightRuntimeException NOT_FOUND if it was ended, with the reason; RESOURCE_EXHAUSTED if another call has it for
     *     too long, or if too many are held
     */
    @Nullable Connection take(RunningCalls.Call call) throws SQLException {
        call.awaitTurn(turn, all.patienceNanos());
        try {
            // Before over is looked at: whoever ends it either is seen here or sees whom to stop.
            user = call;
            String why = over;
            if (why == null) {
                return filled(call);
            }
            if (!why.equals(LET_GO)) {
                throw CallStatus.NOT_FOUND.withDescription(why).toRuntimeException();
            }
        } catch (Throwable t) {
            giveBack();
            throw t;
        }
        giveBack();
        return null;
    }

    private Connection filled(RunningCalls.Call call) throws SQLException {
        Connection filled = connection;
        if (filled == null) {
            try {
                filled = all.fill(this, call, start);
            } catch (Throwable t) {
                letGo();
                throw t;
            }
            connection = filled;
        }
        return filled;
    }

    /** After {@link #take}. */
    void giveBack() {
        usedNanos = all.now();
        user = null;
        turn.unlock();
        if (over != null) {
            // Ended meanwhile.
            closeIfFree();
        }
    }

    /** Why nobody gets it any more; null while it is not over. */
    @Nullable String over() {
        return over;
    }

    boolean isInUse() {
        return user != null;
    }

    /** By who has it: nobody gets it any more, and who waits for it is told nothing. */
    void letGo() {
        over(LET_GO);
    }

    /** Nobody gets it any more; who has it is stopped. What was not committed is rolled back. */
    void end(String why) {
        over(why);
        RunningCalls.Call now = user;
        if (now != null) {
            now.stop(CallStatus.CANCELLED.withDescription(why));
        }
        closeIfFree();
    }

    /** Ends it if nobody has used it for so long. */
    void endIfIdle(long idleNanos, String why) {
        if (!turn.tryLock()) {
            return;
        }
        try {
            if (all.now() - usedNanos >= idleNanos) {
                end(why);
            }
        } finally {
            turn.unlock();
        }
    }

    private synchronized void over(String why) {
        if (over == null) {
            over = why;
        }
    }

    private void closeIfFree() {
        if (!turn.tryLock()) {
            return;
        }
        try {
            Connection filled = connection;
            if (filled != null && user == null) {
                connection = null;
                all.giveBack(this, filled);
            }
        } finally {
            turn.unlock();
        }
    }
}
