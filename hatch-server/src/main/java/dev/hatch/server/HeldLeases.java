package dev.hatch.server;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All {@link HeldLease}s: bounded in number, so that calls without a transaction still find connections. */
final class HeldLeases {
    private static final Logger LOG = LoggerFactory.getLogger(HatchServer.class);

    /** Is run on a connection that has just been leased. */
    interface Start {
        void on(Connection lease) throws SQLException;
    }

    private final int most;
    private final Semaphore free;
    private final long patienceNanos;
    private final LongSupplier clock;
    private final Set<HeldLease> filled = ConcurrentHashMap.newKeySet();

    /**
     * @param most how many there are at once, at most
     * @param patience how long a call waits until another one of the same transaction or session has ended
     */
    HeldLeases(int most, Duration patience, LongSupplier clock) {
        this.most = most;
        free = new Semaphore(most);
        patienceNanos = patience.toNanos();
        this.clock = clock;
    }

    HeldLease hold(Start start) {
        return new HeldLease(this, start);
    }

    long now() {
        return clock.getAsLong();
    }

    long patienceNanos() {
        return patienceNanos;
    }

    /** For the one that has its turn. */
    Connection fill(HeldLease held, RunningCalls.Call call, Start start) throws SQLException {
        if (!free.tryAcquire()) {
            throw FlightErrors.busy(
                    most + " connections are held by transactions and sessions, which is the most: end one",
                    call.retryDelay());
        }
        Connection lease = null;
        try {
            lease = call.lease();
            start.on(lease);
            filled.add(held);
            return lease;
        } catch (Throwable t) {
            giveBack(lease);
            throw t;
        }
    }

    void giveBack(HeldLease held, Connection lease) {
        filled.remove(held);
        giveBack(lease);
    }

    private void giveBack(@Nullable Connection lease) {
        free.release();
        if (lease == null) {
            return;
        }
        try {
            lease.close();
        } catch (SQLException e) {
            LOG.warn("a connection that was held did not come back well", e);
        }
    }

    void endAll(String why) {
        for (HeldLease held : filled) {
            held.end(why);
        }
    }
}
