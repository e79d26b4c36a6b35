package dev.hatch.server;

import java.sql.Connection;
import java.sql.SQLException;

/** A connection that a call has. Of one thread. */
final class Lent implements AutoCloseable {
    /** Whose transaction a statement is in. */
    enum Transaction {
        /** Each statement commits by itself. */
        NONE,
        /** A read-only one, which ends with the call. */
        OF_CALL,
        /** One that the client ends. */
        OF_CLIENT
    }

    /** Takes the connection back. */
    interface Return {
        void giveBack(boolean succeeded) throws SQLException;
    }

    private final Connection connection;
    private final Transaction transaction;
    private final boolean outlivesCall;
    private final Return way;
    private boolean succeeded;

    private Lent(Connection connection, Transaction transaction, boolean outlivesCall, Return way) {
        this.connection = connection;
        this.transaction = transaction;
        this.outlivesCall = outlivesCall;
        this.way = way;
    }

    /** One of the pool, for this call alone. */
    static Lent ofPool(Connection lease, Transaction transaction) {
        return new Lent(lease, transaction, false, succeeded -> lease.close());
    }

    /** One that outlives the call. */
    static Lent held(Connection lease, Transaction transaction, Return way) {
        return new Lent(lease, transaction, true, way);
    }

    /** The same, which says when it is given back. */
    Lent then(Runnable givenBack) {
        return new Lent(connection, transaction, outlivesCall, succeeds -> {
            try {
                way.giveBack(succeeds);
            } finally {
                givenBack.run();
            }
        });
    }

    Connection connection() {
        return connection;
    }

    Transaction transaction() {
        return transaction;
    }

    /** Whether others use the connection after this call, so that it must be left as it was. */
    boolean outlivesCall() {
        return outlivesCall;
    }

    /** What it was lent for has been done. */
    void succeeded() {
        succeeded = true;
    }

    @Override
    public void close() throws SQLException {
        way.giveBack(succeeded);
    }
}
