package dev.hatch.pool.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** A database that does what a test tells it: connects, refuses, hangs; resets, fails to; answers a probe, or not. */
final class FakeDatabase implements ConnectionSource, ConnectionSource.Database {
    /** A vendor's code that says that the connection is lost. */
    static final int FATAL_CODE = 4711;

    final AtomicInteger connecting = new AtomicInteger();
    final AtomicInteger connects = new AtomicInteger();
    final AtomicInteger closes = new AtomicInteger();
    final AtomicInteger resets = new AtomicInteger();
    final AtomicReference<Throwable> refuse = new AtomicReference<>();
    final AtomicReference<Throwable> failReset = new AtomicReference<>();
    final AtomicReference<Throwable> failProbe = new AtomicReference<>();
    final AtomicReference<Throwable> failClose = new AtomicReference<>();
    final AtomicReference<SQLException> failStatements = new AtomicReference<>();
    final AtomicReference<Throwable> failOpen = new AtomicReference<>();
    final AtomicReference<CountDownLatch> hangOpen = new AtomicReference<>();
    final AtomicReference<CountDownLatch> hangConnect = new AtomicReference<>();
    final AtomicReference<CountDownLatch> hangClose = new AtomicReference<>();
    final AtomicReference<CountDownLatch> hangProbe = new AtomicReference<>();
    final AtomicInteger databaseCloses = new AtomicInteger();
    final AtomicInteger openStatements = new AtomicInteger();
    final AtomicInteger madeStatements = new AtomicInteger();
    final AtomicInteger makingStatement = new AtomicInteger();
    final AtomicReference<CountDownLatch> hangStatements = new AtomicReference<>();
    /** If set, what is executed goes on until it is cancelled; opened when it has begun. */
    final AtomicReference<CountDownLatch> executing = new AtomicReference<>();

    final AtomicInteger cancels = new AtomicInteger();
    final AtomicInteger connectionCancels = new AtomicInteger();
    final AtomicReference<Integer> queryTimeout = new AtomicReference<>();
    final AtomicReference<Object> parameter = new AtomicReference<>();
    final AtomicReference<ResetPolicy> resetPolicy = new AtomicReference<>(ResetPolicy.ATTRIBUTES);
    final AtomicInteger sessionResets = new AtomicInteger();
    final AtomicReference<Throwable> failSessionReset = new AtomicReference<>();

    private final ConcurrentHashMap<AtomicInteger, Boolean> open = new ConcurrentHashMap<>();

    int openConnections() {
        return open.size();
    }

    @Override
    public boolean accepts(String dsn) {
        return true;
    }

    @Override
    public Database open(ConnectionPoolConfig config) throws SQLException {
        await(hangOpen.get());
        throwIfSet(failOpen);
        return this;
    }

    @Override
    public ResetPolicy resetPolicy() {
        return resetPolicy.get();
    }

    @Override
    public void resetSession(Connection connection) throws SQLException {
        sessionResets.incrementAndGet();
        throwIfSet(failSessionReset);
    }

    @Override
    public void cancel(Connection connection) {
        connectionCancels.incrementAndGet();
    }

    @Override
    public Connection connect() throws SQLException {
        CountDownLatch hang = hangConnect.get();
        connecting.incrementAndGet();
        try {
            await(hang);
        } finally {
            connecting.decrementAndGet();
        }
        throwIfSet(refuse);
        int number = connects.incrementAndGet();
        AtomicInteger self = new AtomicInteger();
        open.put(self, true);
        return proxy(Connection.class, (proxy, method, args) -> switch (method.getName()) {
            case "close" -> {
                await(hangClose.get());
                if (open.remove(self) != null) {
                    closes.incrementAndGet();
                    openStatements.addAndGet(-self.getAndSet(0));
                }
                throwIfSet(failClose);
                yield null;
            }
            case "isClosed" -> !open.containsKey(self);
            case "getAutoCommit" -> true;
            case "clearWarnings" -> {
                resets.incrementAndGet();
                throwIfSet(failReset);
                yield null;
            }
            case "abort", "rollback" -> null;
            case "createStatement", "prepareStatement" -> statement((Connection) proxy, method.getReturnType(), self);
            case "getCatalog" -> "catalog " + number;
            case "isValid" -> true;
            case "unwrap" -> throw new SQLException("not a wrapper");
            case "isWrapperFor" -> false;
            case "toString" -> "fake connection " + number;
            default -> throw new UnsupportedOperationException(method.toString());
        });
    }

    /** @param own the open statements of its connection, which closes them */
    private <T> Object statement(Connection connection, Class<T> type, AtomicInteger own) throws SQLException {
        makingStatement.incrementAndGet();
        await(hangStatements.get());
        makingStatement.decrementAndGet();
        madeStatements.incrementAndGet();
        openStatements.incrementAndGet();
        own.incrementAndGet();
        AtomicBoolean closed = new AtomicBoolean();
        CountDownLatch cancelled = new CountDownLatch(1);
        Class<?> kind = type == Statement.class ? Statement.class : PreparedStatement.class;
        return proxy(kind, (proxy, method, args) -> switch (method.getName()) {
            case "execute" -> {
                CountDownLatch begun = executing.get();
                if (begun != null) {
                    begun.countDown();
                    await(cancelled);
                    throw new SQLException("cancelled", "57014");
                }
                yield false;
            }
            case "cancel" -> {
                // As drivers do, it misses what is only just being started.
                if (cancels.incrementAndGet() > 1) {
                    cancelled.countDown();
                }
                yield null;
            }
            case "setQueryTimeout" -> {
                queryTimeout.set((Integer) args[0]);
                yield null;
            }
            case "close" -> {
                if (executing.get() != null) {
                    await(cancelled);
                }
                if (closed.compareAndSet(false, true) && own.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                    openStatements.decrementAndGet();
                }
                yield null;
            }
            case "getConnection" -> connection;
            case "executeQuery" -> {
                SQLException failure = failStatements.get();
                if (failure != null) {
                    throw failure;
                }
                yield result((Statement) proxy);
            }
            case "isClosed" -> closed.get();
            case "setArray" -> {
                parameter.set(args[1]);
                yield null;
            }
            default -> throw new UnsupportedOperationException(method.toString());
        });
    }

    private static ResultSet result(Statement statement) {
        return proxy(ResultSet.class, (proxy, method, args) -> switch (method.getName()) {
            case "getStatement" -> statement;
            case "getObject" -> args[0].equals(1) ? result(statement) : "a value";
            case "getArray" -> array(statement);
            case "close" -> null;
            default -> throw new UnsupportedOperationException(method.toString());
        });
    }

    private static Array array(Statement statement) {
        return proxy(Array.class, (proxy, method, args) -> switch (method.getName()) {
            case "getResultSet" -> result(statement);
            case "getBaseTypeName" -> "INTEGER";
            case "toString" -> "{1}";
            default -> throw new UnsupportedOperationException(method.toString());
        });
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    @Override
    public void probe(Connection connection, Duration timeout) throws SQLException {
        await(hangProbe.get());
        throwIfSet(failProbe);
    }

    @Override
    public boolean isFatal(SQLException failure) {
        return failure.getErrorCode() == FATAL_CODE;
    }

    @Override
    public void close() {
        databaseCloses.incrementAndGet();
    }

    private static void throwIfSet(AtomicReference<Throwable> failure) throws SQLException {
        Throwable thrown = failure.get();
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof SQLException failed) {
            throw failed;
        }
    }

    private static void await(CountDownLatch latch) throws SQLException {
        if (latch != null) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new SQLException("interrupted", e);
            }
        }
    }
}
