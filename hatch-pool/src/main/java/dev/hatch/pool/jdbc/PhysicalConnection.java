package dev.hatch.pool.jdbc;

import dev.hatch.pool.jdbc.ConnectionSource.Database;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
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
    /** Something was done of which the session may keep a trace. */
    private static final int USED = 1;

    /** There may be a transaction. */
    private static final int TRANSACTION = 2;

    /** An attribute was set of which it is not known what it was. */
    private static final int BEYOND_REPAIR = 4;

    /** The driver's own state may have been changed, which no statement resets. */
    private static final int UNWRAPPED = 8;

    /** How many statements may be pushed before all are looked through; then as many more as were found open. */
    private static final int FEW = 64;

    private static final VarHandle STATEMENTS;

    static {
        try {
            STATEMENTS =
                    MethodHandles.lookup().findVarHandle(PhysicalConnection.class, "statements", OpenStatement.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Database database;
    private final @Nullable String initialSql;
    private final ResetPolicy policy;

    /** How long each statement may run; 0: without end. */
    private final int timeoutSeconds;

    private volatile Connection raw;
    private volatile boolean autoCommit;

    private volatile boolean autoCommitAtFirst;

    /** What is set is written under this. */
    private volatile int done;

    /** What the changed attributes were. Guarded by this; empty if and only if {@code changed} is false. */
    private final Map<Attribute, @Nullable Object> originals = new EnumMap<>(Attribute.class);

    private volatile boolean changed;

    /** It was lost, or its reset has not succeeded: the only thing left to ask of it is its close. */
    private volatile boolean givenUp;

    @SuppressWarnings("unused") // By its handle.
    private volatile @Nullable OpenStatement statements;

    /** How many more may be pushed before all are looked through. It decides no more than that, so it may be off. */
    private int untilPrune = FEW;

    PhysicalConnection(ConnectionPoolConfig config, Database database, ResetPolicy policy) throws SQLException {
        this.database = database;
        this.policy = policy;
        initialSql = config.initialSql();
        Duration timeout = config.statementTimeout();
        timeoutSeconds = timeout == null ? 0 : ConnectionLifecycle.seconds(timeout.plusNanos(999_999_999));
        raw = connect();
    }

    private Connection connect() throws SQLException {
        Connection connection = Objects.requireNonNull(database.connect(), "connect() returned null");
        try {
            runInitialSql(connection);
            autoCommit = connection.getAutoCommit();
            autoCommitAtFirst = autoCommit;
            return connection;
        } catch (Throwable e) {
            try (connection) {
                throw e;
            }
        }
    }

    private void runInitialSql(Connection connection) throws SQLException {
        if (initialSql != null) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(initialSql);
            }
            if (!connection.getAutoCommit()) {
                connection.commit();
            }
        }
    }

    Connection raw() {
        return raw;
    }

    /** Of a statement that was just made. */
    void limit(Statement statement) throws SQLException {
        if (timeoutSeconds > 0) {
            statement.setQueryTimeout(timeoutSeconds);
        }
    }

    Database database() {
        return database;
    }

    /** Before a statement is made or run: whether there is anything to undo afterwards, as far as one can see. */
    void willRun(@Nullable String sql) {
        if (policy != ResetPolicy.ATTRIBUTES) {
            done(USED);
        }
        if (policy != ResetPolicy.REPLACE && (!autoCommit || (sql != null && TransactionControl.mayBegin(sql)))) {
            done(TRANSACTION);
        }
    }

    /** The user takes the raw connection, of which nothing is known after. */
    void unwrapped() throws SQLException {
        switch (policy) {
            case REPLACE -> done(USED);
            case STATEMENT -> done(TRANSACTION | UNWRAPPED);
            case ATTRIBUTES -> {
                done(TRANSACTION);
                for (Attribute attribute : Attribute.values()) {
                    // One that the driver cannot read it is unlikely to let be set.
                    remember(attribute);
                }
            }
        }
    }

    private void done(int what) {
        if ((done & what) != what) {
            synchronized (this) {
                done |= what;
            }
        }
    }

    /** Sets an attribute, and remembers what it was. */
    void change(Attribute attribute, Setting setting) throws SQLException {
        if (policy != ResetPolicy.ATTRIBUTES) {
            done(USED);
        }
        if (policy == ResetPolicy.REPLACE || remember(attribute)) {
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
    void push(OpenStatement statement) {
        OpenStatement top;
        do {
            top = statements;
            statement.below = firstOpen(top);
        } while (!STATEMENTS.compareAndSet(this, top, statement));
        if (--untilPrune < 0) {
            prune();
        }
    }

    private static @Nullable OpenStatement firstOpen(@Nullable OpenStatement top) {
        OpenStatement statement = top;
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
        for (OpenStatement statement = firstOpen(statements); statement != null; statement = statement.below) {
            statement.below = firstOpen(statement.below);
            open++;
        }
        untilPrune = FEW + open;
    }

    /** For tests: how many are in the stack. */
    int statements() {
        int count = 0;
        for (OpenStatement statement = statements; statement != null; statement = statement.below) {
            count++;
        }
        return count;
    }

    /** Whether a return has no more to do than to clear the warnings, which this does. */
    boolean isClean() {
        if (done != 0 || changed || firstOpen(statements) != null) {
            return false;
        }
        if (policy != ResetPolicy.REPLACE) {
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
        if (policy != ResetPolicy.REPLACE) {
            rollback();
        }
        if (isToBeReplaced()) {
            replace();
        } else if (policy != ResetPolicy.REPLACE) {
            undo();
        }
        done = 0;
        givenUp = false;
    }

    private boolean isToBeReplaced() {
        return policy == ResetPolicy.REPLACE ? done != 0 : (done & UNWRAPPED) != 0;
    }

    /** The used one is closed first, so that there are never more connections than the pool may have. */
    private void replace() throws SQLException {
        raw.close();
        raw = connect();
        forgetOriginals();
    }

    private synchronized void forgetOriginals() {
        originals.clear();
        changed = false;
    }

    private void undo() throws SQLException {
        if ((done & BEYOND_REPAIR) != 0) {
            throw new SQLException("an attribute was set that the driver cannot read");
        }
        if (changed) {
            restore();
        }
        if (policy == ResetPolicy.STATEMENT && (done & USED) != 0) {
            resetSession();
        }
        raw.clearWarnings();
    }

    /** Nothing is open, so that to turn auto-commit on commits nothing. */
    private void resetSession() throws SQLException {
        setAutoCommit(true);
        database.resetSession(raw);
        setAutoCommit(autoCommitAtFirst);
        autoCommit = autoCommitAtFirst;
        runInitialSql(raw);
    }

    private void setAutoCommit(boolean value) throws SQLException {
        if (raw.getAutoCommit() != value) {
            raw.setAutoCommit(value);
        }
    }

    /** Has what the lease runs fail soon; from any thread. */
    void cancel() {
        cancel(statements);
    }

    /** Of the statements from {@code top} down. Does nothing if nothing runs; a cancel that does not work changes nothing. */
    void cancel(@Nullable OpenStatement top) {
        for (OpenStatement statement = top; statement != null; statement = statement.below) {
            statement.cancel();
        }
        try {
            database.cancel(raw);
        } catch (SQLException | RuntimeException e) {
            // Closed meanwhile, or it cannot.
        }
    }

    /**
     * Of a lease that another thread than this closes, a statement may be running, for whose end the driver would have its
     * close wait.
     */
    private void closeStatements() throws SQLException {
        OpenStatement top = firstOpen((OpenStatement) STATEMENTS.getAndSet(this, null));
        if (top == null) {
            return;
        }
        Cancelling cancelling = new Cancelling(this, top);
        try {
            for (OpenStatement statement = top; statement != null; statement = statement.below) {
                statement.close();
            }
        } finally {
            cancelling.end();
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
            if (policy != ResetPolicy.REPLACE && !givenUp && (done != 0 || changed)) {
                rollback();
            }
        }
    }

    @Override
    public String toString() {
        return raw.toString();
    }
}
