package dev.hatch.pool.jdbc;

import dev.hatch.pool.jdbc.ConnectionSource.Database;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A connection to the database with what its present user has done to it: which statements are open, which attributes were
 * changed and from what, whether there may be a transaction. {@link #reset} undoes that and nothing else, so that a lease
 * that did nothing costs nothing.
 *
 * <p>The statements are a stack without a lock, to which a push adds by one compare-and-set. One that is closed lets go of the
 * driver's; it is left out by the next push if it is on top, else by {@link #prune}. One that is pushed while the lease is
 * being closed is closed by its maker, who looks at the lease after the push.
 */
final class PhysicalConnection {
    /** Something was done that only a new connection undoes. */
    private static final int USED = 1;

    /** There may be a transaction. */
    private static final int TRANSACTION = 2;

    /** An attribute was set of which it is not known what it was. */
    private static final int BEYOND_REPAIR = 4;

    /** How many statements may be pushed before all are looked through; then as many more as were found open. */
    private static final int FEW = 64;

    private static final VarHandle STATEMENTS;

    static {
        try {
            STATEMENTS =
                    MethodHandles.lookup().findVarHandle(PhysicalConnection.class, "statements", PooledStatement.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Database database;
    private final @Nullable String initialSql;
    private final boolean replaced;
    private volatile Connection raw;
    private volatile boolean autoCommit;

    /** What is set is written under this. */
    private volatile int done;

    /** What the changed attributes were. Guarded by this; empty if and only if {@code changed} is false. */
    private final Map<Attribute, @Nullable Object> originals = new EnumMap<>(Attribute.class);

    private volatile boolean changed;

    /** It was lost, or its reset has not succeeded: the only thing left to ask of it is its close. */
    private volatile boolean givenUp;

    @SuppressWarnings("unused") // By its handle.
    private volatile @Nullable PooledStatement statements;

    /** How many more may be pushed before all are looked through. It decides no more than that, so it may be off. */
    private int untilPrune = FEW;

    PhysicalConnection(Database database, @Nullable String initialSql) throws SQLException {
        this.database = database;
        this.initialSql = initialSql;
        replaced = database.resetPolicy() == ResetPolicy.REPLACE;
        raw = connect();
    }

    private Connection connect() throws SQLException {
        Connection connection = Objects.requireNonNull(database.connect(), "connect() returned null");
        try {
            if (initialSql != null) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute(initialSql);
                }
                if (!connection.getAutoCommit()) {
                    connection.commit();
                }
            }
            autoCommit = connection.getAutoCommit();
            return connection;
        } catch (Throwable e) {
            try (connection) {
                throw e;
            }
        }
    }

    Connection raw() {
        return raw;
    }

    Database database() {
        return database;
    }

    /** Before a statement is made or run: whether there is anything to undo afterwards, as far as one can see. */
    void willRun(@Nullable String sql) {
        if (replaced) {
            done(USED);
        } else if (!autoCommit || (sql != null && TransactionControl.mayBegin(sql))) {
            done(TRANSACTION);
        }
    }

    /** The user takes the raw connection, of which nothing is known after. */
    void unwrapped() throws SQLException {
        if (replaced) {
            done(USED);
        } else {
            done(TRANSACTION);
            for (Attribute attribute : Attribute.values()) {
                // One that the driver cannot read it is unlikely to let be set.
                remember(attribute);
            }
        }
    }

    private void done(int what) {
        if ((done & what) == 0) {
            synchronized (this) {
                done |= what;
            }
        }
    }

    /** Sets an attribute, and remembers what it was. */
    void change(Attribute attribute, Setting setting) throws SQLException {
        if (replaced) {
            done(USED);
            setting.set(raw);
        } else if (remember(attribute)) {
            setting.set(raw);
        } else {
            setting.set(raw);
            done(BEYOND_REPAIR);
        }
    }

    /** Sets an attribute of a connection. */
    interface Setting {
        void set(Connection connection) throws SQLException;
    }

    void changeAutoCommit(boolean value) throws SQLException {
        change(Attribute.AUTO_COMMIT, connection -> connection.setAutoCommit(value));
        autoCommit = value;
    }

    /** False if the driver cannot tell what it is. */
    private synchronized boolean remember(Attribute attribute) throws SQLException {
        if (originals.containsKey(attribute)) {
            return true;
        }
        try {
            originals.put(attribute, attribute.read(raw));
        } catch (SQLFeatureNotSupportedException | AbstractMethodError e) {
            return false;
        }
        changed = true;
        return true;
    }

    /** Adds an open statement; whoever made it looks afterwards whether its lease has been closed meanwhile. */
    void push(PooledStatement statement) {
        PooledStatement top;
        do {
            top = statements;
            statement.below = firstOpen(top);
        } while (!STATEMENTS.compareAndSet(this, top, statement));
        if (--untilPrune < 0) {
            prune();
        }
    }

    private static @Nullable PooledStatement firstOpen(@Nullable PooledStatement top) {
        PooledStatement statement = top;
        while (statement != null && statement.isDone()) {
            statement = statement.below;
        }
        return statement;
    }

    /**
     * Leaves out those that were closed below others. Threads may do so at once: what one writes leads further down than what
     * it read, past some that are closed for good, and no other was ever put between.
     */
    private void prune() {
        int open = 0;
        for (PooledStatement statement = firstOpen(statements); statement != null; statement = statement.below) {
            statement.below = firstOpen(statement.below);
            open++;
        }
        untilPrune = FEW + open;
    }

    /** For tests: how many are in the stack. */
    int statements() {
        int count = 0;
        for (PooledStatement statement = statements; statement != null; statement = statement.below) {
            count++;
        }
        return count;
    }

    /** Whether a return has no more to do than to clear the warnings, which this does. */
    boolean isClean() {
        if (done != 0 || changed || firstOpen(statements) != null) {
            return false;
        }
        if (!replaced) {
            try {
                raw.clearWarnings();
            } catch (SQLException e) {
                return false;
            }
        }
        return true;
    }

    /** Makes it as good as new, by the thread that gives it back, which owns it. */
    void reset() throws SQLException {
        givenUp = true;
        closeStatements();
        if (replaced) {
            if (done != 0) {
                replace();
            }
        } else {
            rollback();
            if ((done & BEYOND_REPAIR) != 0) {
                throw new SQLException("an attribute was set that the driver cannot read");
            }
            if (changed) {
                restore();
            }
            raw.clearWarnings();
        }
        done = 0;
        givenUp = false;
    }

    private void replace() throws SQLException {
        Connection used = raw;
        raw = connect();
        used.close();
    }

    private void closeStatements() throws SQLException {
        for (PooledStatement statement = (PooledStatement) STATEMENTS.getAndSet(this, null);
                statement != null;
                statement = statement.below) {
            statement.closeRaw();
        }
    }

    /** Before auto-commit is restored, which would commit. */
    private void rollback() throws SQLException {
        boolean byItself = raw.getAutoCommit();
        if (byItself && (done & TRANSACTION) == 0) {
            return;
        }
        try {
            raw.rollback();
        } catch (SQLException e) {
            if (!byItself || Failures.isFatal(e)) {
                throw e;
            }
            // Some drivers refuse it then, though a statement may have begun a transaction. It ends as it began.
            try (Statement statement = raw.createStatement()) {
                statement.execute("ROLLBACK");
            }
        }
    }

    private synchronized void restore() throws SQLException {
        for (Map.Entry<Attribute, @Nullable Object> original : originals.entrySet()) {
            original.getKey().restore(raw, original.getValue());
        }
        originals.clear();
        changed = false;
        autoCommit = raw.getAutoCommit();
        // Without auto-commit, reading them may have begun a transaction.
        if (!autoCommit) {
            raw.rollback();
        }
    }

    void giveUp() {
        givenUp = true;
    }

    /** One that came back too old was not reset; it is rolled back first, since some drivers commit when they close. */
    void close() throws SQLException {
        Connection closing = raw;
        try (closing) {
            if (!replaced && !givenUp && (done != 0 || changed)) {
                rollback();
            }
        }
    }

    @Override
    public String toString() {
        return raw.toString();
    }
}
