package dev.hatch.server;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.arrow.flight.CallStatus;
import org.jspecify.annotations.Nullable;

/**
 * What a client has had kept from one call to the next: options, which any connection is given before it is lent, and,
 * while there is something that lives on one connection only, that connection.
 *
 * <p>Calls of a session may come at once. {@code kept} is guarded by this.
 */
final class Session {
    private final HeldLeases leases;
    private final Duration transactionIdleTimeout;
    private volatile SessionOptions options = SessionOptions.NONE;
    private @Nullable Kept kept;
    private boolean ended;
    private volatile long usedNanos;

    /** Whether its client has shown that it keeps what names it. */
    private volatile boolean confirmed;

    /** Calls that have a connection that is not kept. */
    private final AtomicInteger atWork = new AtomicInteger();

    Session(HeldLeases leases, Duration transactionIdleTimeout) {
        this.leases = leases;
        this.transactionIdleTimeout = transactionIdleTimeout;
        usedNanos = leases.now();
    }

    SessionOptions options() {
        return options;
    }

    void setOptions(SessionOptions options) {
        this.options = options;
    }

    void used() {
        usedNanos = leases.now();
    }

    void confirm() {
        confirmed = true;
    }

    boolean isConfirmed() {
        return confirmed;
    }

    boolean isUnusedFor(Duration time) {
        return leases.now() - usedNanos >= time.toNanos();
    }

    /** Whether nothing is kept, so that the session need not be either. */
    synchronized boolean isEmpty() {
        return options.isEmpty() && kept == null;
    }

    /** The connection that is kept, or becomes so by a statement of this effect; null: any will do. */
    private synchronized @Nullable Kept kept(Effect effect) {
        if (ended) {
            // Nobody would end what it kept from now on.
            throw CallStatus.NOT_FOUND
                    .withDescription("the session was closed meanwhile; try again")
                    .toRuntimeException();
        }
        if (kept == null && effect.keepsConnection()) {
            kept = new Kept(leases.hold(lease -> options.apply(lease)));
        }
        return kept;
    }

    private synchronized void forget(Kept gone) {
        if (kept == gone) {
            kept = null;
        }
    }

    /** For a statement of this effect, if need be on the connection that is kept; {@code any} gives others. */
    Lender lender(Effect effect, Lender any) {
        return call -> {
            used();
            while (true) {
                Kept now = kept(effect);
                if (now == null) {
                    Lent lent = any.lend(call);
                    atWork.incrementAndGet();
                    return lent.then(() -> {
                        used();
                        atWork.decrementAndGet();
                    });
                }
                Lent lent = now.lend(call, effect);
                if (lent != null) {
                    return lent;
                }
            }
        };
    }

    /** Rolls back what has been idle for too long. */
    void endIdleTransaction() {
        Kept now;
        synchronized (this) {
            now = kept;
        }
        if (now != null && now.isInTransaction()) {
            now.lease.endIfIdle(
                    transactionIdleTimeout.toNanos(),
                    "the session's transaction was rolled back and its connection closed: it was idle for "
                            + transactionIdleTimeout.toMillis() + " ms");
        }
    }

    /** Whether one of its calls has a connection. */
    synchronized boolean isInUse() {
        return atWork.get() > 0 || (kept != null && kept.lease.isInUse());
    }

    /** Nothing is kept any more. */
    void end(String why) {
        Kept now;
        synchronized (this) {
            ended = true;
            now = kept;
            kept = null;
            options = SessionOptions.NONE;
        }
        if (now != null) {
            now.lease.end(why);
        }
    }

    /** The connection that is kept, and why. */
    private final class Kept {
        private enum Reason {
            TRANSACTION,
            SETTING,
            TEMPORARY
        }

        private static final String TEMPORARY = "SELECT 1 FROM duckdb_tables() WHERE database_name = 'temp'"
                + " UNION ALL SELECT 1 FROM duckdb_views() WHERE database_name = 'temp' AND NOT internal"
                + " UNION ALL SELECT 1 FROM duckdb_sequences() WHERE database_name = 'temp'"
                + " UNION ALL SELECT 1 FROM duckdb_types() WHERE database_name = 'temp' AND NOT internal"
                + " UNION ALL SELECT 1 FROM duckdb_functions() WHERE database_name = 'temp' AND NOT internal LIMIT 1";

        private final HeldLease lease;

        /** Written by who has the lease. */
        private final Set<Reason> reasons = EnumSet.noneOf(Reason.class);

        private volatile boolean inTransaction;

        Kept(HeldLease lease) {
            this.lease = lease;
        }

        boolean isInTransaction() {
            return inTransaction;
        }

        /** Null if it was let go of meanwhile. */
        @Nullable Lent lend(RunningCalls.Call call, Effect effect) throws SQLException {
            Connection connection;
            try {
                connection = lease.take(call);
            } catch (Throwable t) {
                if (lease.over() != null) {
                    // The client is told once; its next statement begins anew.
                    forget(this);
                }
                throw t;
            }
            if (connection == null) {
                forget(this);
                return null;
            }
            if (effect == Effect.COMMITS && inTransaction) {
                requireCommittable(connection);
            }
            return Lent.held(
                    connection,
                    inTransaction ? Lent.Transaction.OF_CLIENT : Lent.Transaction.NONE,
                    succeeded -> giveBack(connection, effect, succeeded));
        }

        /** DuckDB answers the COMMIT of a transaction that has failed with success, and rolls back. */
        private void requireCommittable(Connection connection) {
            try {
                Transactions.requireCommittable(connection);
            } catch (Throwable t) {
                giveBack(connection, Effect.ROLLS_BACK, false);
                throw t;
            }
        }

        private void giveBack(Connection connection, Effect effect, boolean succeeded) {
            try {
                used();
                learn(connection, effect, succeeded);
                if (reasons.isEmpty()) {
                    lease.letGo();
                    forget(this);
                }
            } finally {
                lease.giveBack();
            }
        }

        /** What a statement of this effect has left on the connection. */
        private void learn(Connection connection, Effect effect, boolean succeeded) {
            switch (effect) {
                case BEGINS -> keep(Reason.TRANSACTION, succeeded || inTransaction);
                case COMMITS, ROLLS_BACK -> {
                    if (!succeeded) {
                        // What could not be committed is over all the same.
                        rollBack(connection);
                    }
                    keep(Reason.TRANSACTION, false);
                    keep(Reason.TEMPORARY, hasTemporary(connection));
                }
                case SETS -> keep(Reason.SETTING, succeeded || reasons.contains(Reason.SETTING));
                case CREATES_TEMPORARY, DROPS -> keep(Reason.TEMPORARY, hasTemporary(connection));
                case NONE -> {
                    // It is as it was.
                }
            }
            inTransaction = reasons.contains(Reason.TRANSACTION);
        }

        private void keep(Reason reason, boolean keep) {
            if (keep) {
                reasons.add(reason);
            } else {
                reasons.remove(reason);
            }
        }

        /** In a transaction that has failed nobody can say: then it stays as it was. */
        private boolean hasTemporary(Connection connection) {
            try (PreparedStatement statement = connection.prepareStatement(TEMPORARY);
                    ResultSet any = statement.executeQuery()) {
                return any.next();
            } catch (SQLException e) {
                return reasons.contains(Reason.TEMPORARY);
            }
        }

        private static void rollBack(Connection connection) {
            try {
                Sql.execute(connection, "ROLLBACK");
            } catch (SQLException e) {
                // There was nothing to roll back.
            }
        }
    }
}
