package dev.hatch.server;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.protobuf.ByteString;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * The transactions that clients have begun by Flight SQL's own actions: each on a connection of its own, named by an id that
 * cannot be guessed and is good for its user only.
 */
final class Transactions {
    /** So many ids are remembered that are over, so that a client can be told why. */
    private static final int REMEMBERED = 10_000;

    private final HeldLeases leases;
    private final Duration idleTimeout;
    private final Map<ByteString, Transaction> open = new ConcurrentHashMap<>();

    /** Why a transaction is over that its client did not end. */
    private final Cache<ByteString, String> ended =
            Caffeine.newBuilder().maximumSize(REMEMBERED).build();

    Transactions(HeldLeases leases, Duration idleTimeout) {
        this.leases = leases;
        this.idleTimeout = idleTimeout;
    }

    /** @param user with the role that it was begun with: with another it is nobody's */
    private record Transaction(User user, HeldLease lease) {}

    /**
     * Begins one.
     *
     * @param options what its session sets on its connections
     * @return its id
     */
    ByteString begin(RunningCalls.Call call, SessionOptions options) throws SQLException {
        User user = call.caller().user();
        HeldLease held = leases.hold(lease -> {
            options.apply(lease);
            Sql.execute(lease, user.role() == Role.READ_ONLY ? Lenders.BEGIN_READ_ONLY : "BEGIN TRANSACTION");
        });
        Connection unused = held.take(call);
        held.giveBack();
        ByteString id = Handles.random();
        open.put(id, new Transaction(user, held));
        return id;
    }

    /** @throws FlightRuntimeException NOT_FOUND if there is none of this id, or not this user's */
    Lender lender(ByteString id, User user) {
        Transaction transaction = require(id, open.get(id), user);
        return call -> {
            Connection lease = taken(transaction, call);
            return Lent.held(lease, Lent.Transaction.OF_CLIENT, succeeded -> transaction.lease.giveBack());
        };
    }

    /**
     * Commits. Then the id is used up, also if DuckDB could not; while another call has the connection it is not, and the
     * commit may be tried again.
     */
    void commit(ByteString id, RunningCalls.Call call) throws SQLException {
        Transaction transaction = require(id, open.get(id), call.caller().user());
        Connection lease = taken(transaction, call);
        try {
            if (!open.remove(id, transaction)) {
                throw unknown(id);
            }
            transaction.lease.letGo();
            requireCommittable(lease);
            Sql.execute(lease, "COMMIT");
        } finally {
            transaction.lease.giveBack();
        }
    }

    /**
     * DuckDB commits a transaction that has failed by rolling it back, and says nothing.
     *
     * @throws FlightRuntimeException INVALID_ARGUMENT if that would happen
     */
    static void requireCommittable(Connection lease) {
        try {
            Sql.execute(lease, "SELECT 1");
        } catch (SQLException e) {
            throw CallStatus.INVALID_ARGUMENT
                    .withDescription(
                            "nothing was committed: a statement of the transaction had failed, and it was rolled back ("
                                    + e.getMessage() + ")")
                    .withCause(e)
                    .toRuntimeException();
        }
    }

    /** Rolls back, which waits for no statement, but cancels it. */
    void rollBack(ByteString id, User user) {
        Transaction transaction = require(id, open.get(id), user);
        if (!open.remove(id, transaction)) {
            throw unknown(id);
        }
        transaction.lease.end("its transaction was rolled back");
    }

    private static Connection taken(Transaction transaction, RunningCalls.Call call) throws SQLException {
        Connection lease = transaction.lease.take(call);
        if (lease == null) {
            throw CallStatus.NOT_FOUND
                    .withDescription("the transaction is over")
                    .toRuntimeException();
        }
        return lease;
    }

    private Transaction require(ByteString id, @Nullable Transaction transaction, User user) {
        if (transaction == null || !transaction.user.equals(user)) {
            throw unknown(id);
        }
        return transaction;
    }

    private FlightRuntimeException unknown(ByteString id) {
        String why = ended.getIfPresent(id);
        return CallStatus.NOT_FOUND
                .withDescription(
                        why != null ? why : "unknown transaction: it was committed, rolled back, or never begun")
                .toRuntimeException();
    }

    /** Rolls back what is idle for too long. */
    void endIdle() {
        String why = "the transaction was rolled back: it was idle for " + idleTimeout.toMillis() + " ms";
        open.forEach((id, transaction) -> {
            transaction.lease.endIfIdle(idleTimeout.toNanos(), why);
            String over = transaction.lease.over();
            if (over != null && open.remove(id, transaction)) {
                ended.put(id, over);
            }
        });
    }
}
