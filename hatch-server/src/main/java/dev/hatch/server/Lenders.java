package dev.hatch.server;

import com.google.protobuf.ByteString;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.SessionOptionValue;
import org.apache.arrow.flight.SetSessionOptionsResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where a caller's statement runs: in a transaction, on what its session keeps, or on any connection of the pool. */
final class Lenders implements AutoCloseable {
    static final String BEGIN_READ_ONLY = "BEGIN TRANSACTION READ ONLY";

    private static final Logger LOG = LoggerFactory.getLogger(HatchServer.class);

    /** What a read-only user's statement begins with: others return rows as well, and do something. */
    private static final Set<String> READS = Set.of(
            "SELECT",
            "FROM",
            "WITH",
            "VALUES",
            "TABLE",
            "(",
            "DESCRIBE",
            "DESC",
            "SHOW",
            "SUMMARIZE",
            "PIVOT",
            "UNPIVOT");

    private final HeldLeases held;
    private final Sessions sessions;
    private final Transactions transactions;
    private final ScheduledExecutorService reaper;
    private final boolean lockedDown;

    Lenders(ServerConfig config) {
        lockedDown = config.lockDown();
        held = new HeldLeases(config.maxTransactions(), config.pool().connectionTimeout(), System::nanoTime);
        sessions = new Sessions(held, config);
        transactions = new Transactions(held, config.transactionIdleTimeout());
        reaper = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "hatch-reaper");
            thread.setDaemon(true);
            return thread;
        });
        long every = Math.max(
                10,
                Math.min(
                        1_000,
                        Math.min(
                                        config.transactionIdleTimeout().toMillis(),
                                        config.sessionIdleTimeout().toMillis())
                                / 4));
        var unused = reaper.scheduleWithFixedDelay(
                () -> {
                    try {
                        transactions.endIdle();
                        sessions.endIdle();
                    } catch (RuntimeException e) {
                        LOG.error("what is idle was not ended; it is tried again", e);
                    }
                },
                every,
                every,
                TimeUnit.MILLISECONDS);
    }

    Transactions transactions() {
        return transactions;
    }

    /**
     * Where this statement runs.
     *
     * @param transaction the id of one, or empty
     * @throws FlightRuntimeException if there is no such transaction, if the statement needs a session and the client keeps
     *     none, or if the caller may not run it
     */
    Lender of(Caller caller, SingleStatement statement, ByteString transaction) {
        Effect effect = statement.effect();
        requireLockedDown(caller);
        if (isReadOnly(caller) && (!READS.contains(statement.verb()) || statement.called() != null)) {
            String called = statement.called();
            throw refusedToReadOnly(caller.user(), called != null ? called : statement.verb());
        }
        if (!transaction.isEmpty()) {
            if (effect.isOfTransactions()) {
                throw CallStatus.INVALID_ARGUMENT
                        .withDescription(
                                statement.verb() + " in a transaction of Flight SQL: end it by EndTransaction instead")
                        .toRuntimeException();
            }
            return transactions.lender(transaction, caller.user());
        }
        if (isReadOnly(caller)) {
            return readOnly(any(caller));
        }
        String key = caller.sessionKey();
        if (key == null) {
            if (effect.keepsConnection() || effect.isOfTransactions()) {
                throw needsSession(statement);
            }
            return Lenders::lend;
        }
        sessions.requireNotForgotten(key);
        Session session = sessions.find(key);
        if (session == null && effect.keepsConnection()) {
            session = sessions.findOrCreate(key);
            session.confirm();
        }
        if (session != null) {
            return session.lender(effect, withOptions(session.options()));
        }
        if (effect.isOfTransactions()) {
            throw CallStatus.INVALID_ARGUMENT
                    .withDescription(statement.verb() + ": the session is in no transaction; BEGIN one first")
                    .toRuntimeException();
        }
        return Lenders::lend;
    }

    /** For what asks no statement of the client's own: lists. In its session, if there is one. */
    Lender of(Caller caller) {
        requireLockedDown(caller);
        if (isReadOnly(caller)) {
            return readOnly(any(caller));
        }
        String key = caller.sessionKey();
        Session session = key == null ? null : sessions.find(key);
        return session == null ? Lenders::lend : session.lender(Effect.NONE, withOptions(session.options()));
    }

    /** Begins a transaction and returns its id. */
    ByteString begin(RunningCalls.Call call) throws SQLException {
        requireLockedDown(call.caller());
        return transactions.begin(call, options(call.caller()));
    }

    /** Sets options of the caller's session; returns what is wrong with those that cannot be set. */
    Map<String, SetSessionOptionsResult.Error> setOptions(
            RunningCalls.Call call, Map<String, SessionOptionValue> wanted) throws SQLException {
        requireLockedDown(call.caller());
        String shown = call.caller().sessionKey();
        Session known = shown == null ? null : sessions.find(shown);
        Session session =
                known != null ? known : sessions.findOrCreate(call.caller().keptKey());
        Map<String, SetSessionOptionsResult.Error> errors = new TreeMap<>();
        try (Lent lent = session.lender(Effect.NONE, Lenders::lend).lend(call)) {
            SessionOptions options = session.options();
            for (Map.Entry<String, SessionOptionValue> option : new TreeMap<>(wanted).entrySet()) {
                String value = option.getValue().acceptVisitor(SessionOptions.TEXT);
                SessionOptions changed = options.with(option.getKey(), value);
                SetSessionOptionsResult.ErrorValue wrong =
                        changed.check(lent.connection(), option.getKey(), !isReadOnly(call.caller()));
                if (wrong == null) {
                    options = changed;
                } else {
                    errors.put(option.getKey(), new SetSessionOptionsResult.Error(wrong));
                }
            }
            session.setOptions(options);
            lent.succeeded();
        }
        return errors;
    }

    /** False if the caller has none. */
    boolean closeSession(Caller caller) {
        String key = caller.sessionKey();
        return key != null && sessions.close(key);
    }

    SessionOptions options(Caller caller) {
        String key = caller.sessionKey();
        Session session = key == null ? null : sessions.find(key);
        return session == null ? SessionOptions.NONE : session.options();
    }

    private Lender any(Caller caller) {
        return withOptions(options(caller));
    }

    /** A file that a query reads is no database's, so no transaction keeps a read-only user from it. */
    private void requireLockedDown(Caller caller) {
        if (isReadOnly(caller) && !lockedDown) {
            throw CallStatus.UNAUTHORIZED
                    .withDescription("user '" + caller.user().name()
                            + "' is read-only, which this server can only grant without files and network: start it with"
                            + " --lock-down")
                    .toRuntimeException();
        }
    }

    static boolean isReadOnly(Caller caller) {
        return caller.user().role() == Role.READ_ONLY;
    }

    private static Lent lend(RunningCalls.Call call) throws SQLException {
        return Lent.ofPool(call.lease(), Lent.Transaction.NONE);
    }

    private static Lender withOptions(SessionOptions options) {
        return options.isEmpty() ? Lenders::lend : call -> begun(call.lease(), Lent.Transaction.NONE, options::apply);
    }

    /** In a transaction that DuckDB lets write to no database. It ends with the lease. */
    private static Lender readOnly(Lender any) {
        return call -> begun(
                any.lend(call).connection(), Lent.Transaction.OF_CALL, lease -> Sql.execute(lease, BEGIN_READ_ONLY));
    }

    private static Lent begun(Connection lease, Lent.Transaction transaction, HeldLeases.Start start)
            throws SQLException {
        try {
            start.on(lease);
            return Lent.ofPool(lease, transaction);
        } catch (Throwable t) {
            lease.close();
            throw t;
        }
    }

    static FlightRuntimeException refusedToReadOnly(User user, String what) {
        return CallStatus.UNAUTHORIZED
                .withDescription(what + ": user '" + user.name() + "' is read-only; only queries are run")
                .toRuntimeException();
    }

    private static FlightRuntimeException needsSession(SingleStatement statement) {
        String instead = statement.effect().isOfTransactions() ? ", or use Flight SQL's own transactions" : "";
        return CallStatus.INVALID_ARGUMENT
                .withDescription(
                        statement.verb() + ": its effect lasts for a session, and this client keeps none: have it"
                                + " send cookies back, or the bearer token that it got when it authenticated" + instead)
                .toRuntimeException();
    }

    /** DuckDB takes nothing more until the last connection of it is closed; then it is opened again. */
    void databaseFailed() {
        held.endAll("the database has failed, and with it what was kept on a connection; what follows begins anew");
    }

    /** Once no call is at work any more. */
    @Override
    public void close() {
        reaper.shutdownNow();
        held.endAll("the server was closed");
    }
}
