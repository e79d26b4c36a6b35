package dev.hatch.conformance;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What can be left on a connection through {@link Connection}'s own methods. */
final class JdbcTraces {
    private JdbcTraces() {}

    /** What is set by methods, and what is found out by them. */
    static List<Trace> all(String otherCatalog, String otherSchema) {
        return List.of(
                new Trace("setAutoCommit", c -> c.setAutoCommit(false), c -> "" + c.getAutoCommit()),
                new Trace("setReadOnly", c -> c.setReadOnly(!c.isReadOnly()), c -> "" + c.isReadOnly()),
                new Trace(
                        "setTransactionIsolation",
                        c -> c.setTransactionIsolation(
                                c.getTransactionIsolation() == Connection.TRANSACTION_SERIALIZABLE
                                        ? Connection.TRANSACTION_READ_COMMITTED
                                        : Connection.TRANSACTION_SERIALIZABLE),
                        c -> "" + c.getTransactionIsolation()),
                new Trace(
                        "setHoldability",
                        c -> c.setHoldability(
                                c.getHoldability() == ResultSet.HOLD_CURSORS_OVER_COMMIT
                                        ? ResultSet.CLOSE_CURSORS_AT_COMMIT
                                        : ResultSet.HOLD_CURSORS_OVER_COMMIT),
                        c -> "" + c.getHoldability()),
                new Trace(
                        "setNetworkTimeout",
                        c -> c.setNetworkTimeout(Runnable::run, 61_000),
                        c -> "" + c.getNetworkTimeout()),
                new Trace(
                        "setClientInfo",
                        c -> c.setClientInfo("ApplicationName", "left"),
                        c -> "" + new TreeMap<Object, Object>(c.getClientInfo())),
                new Trace("setTypeMap", c -> c.setTypeMap(Map.of("left", String.class)), c -> "" + c.getTypeMap()),
                new Trace("setCatalog", c -> c.setCatalog(otherCatalog), c -> "" + c.getCatalog()),
                new Trace("setSchema", c -> c.setSchema(otherSchema), c -> "" + c.getSchema()));
    }

    /** A statement that nobody closed: whether its rows can still be read is what the next user would have to bear. */
    static Trace unclosedStatement(String query) {
        AtomicReference<@Nullable ResultSet> kept = new AtomicReference<>();
        return new Trace(
                "unclosed statement",
                c -> {
                    kept.set(null);
                    ResultSet rows = c.createStatement().executeQuery(query);
                    rows.next();
                    kept.set(rows);
                },
                c -> {
                    ResultSet rows = kept.get();
                    try {
                        return rows != null && rows.next() ? "still works" : "does not work";
                    } catch (SQLException e) {
                        return "does not work";
                    }
                });
    }

    /** A query whose user gives the connection back while another thread is still in it. */
    static Trace runningQuery(String slow) {
        AtomicReference<@Nullable RunningQuery> kept = new AtomicReference<>();
        return new Trace("running query of a borrower that gave up", c -> kept.set(RunningQuery.start(c, slow)), c -> {
            RunningQuery query = kept.get();
            return query == null ? "nothing runs" : query.look();
        });
    }
}
