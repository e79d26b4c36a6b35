package dev.hatch.pool.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.Statement;
import java.sql.Wrapper;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One caller's hold on a connection. {@code entry} goes once, by compare-and-set, from the entry to null; whoever makes
 * that step gives the entry back, so a second close does nothing.
 *
 * <p>The caller sees proxies of the connection and of the statements, result sets and meta data that come from it. They
 * end with the lease, and none of them hands out the raw connection except through {@code unwrap}.
 *
 * <p>The limit of it: a call that is already inside the driver when another thread closes the lease is not stopped, and
 * may still run while the connection is reset and lent again. Whoever shares a lease among threads closes it when the
 * others are done.
 */
final class ConnectionLease {
    private static final Object[] NO_ARGS = {};

    private final BlockingConnectionPool pool;
    private final AtomicReference<BlockingConnectionPool.@Nullable Entry> entry;
    private final Connection proxy;
    private volatile boolean broken;

    /**
     * Statements not yet closed. Guarded by itself. One is taken out only after the driver has closed it, so that
     * whoever closes the lease meanwhile closes it too, and nobody needs to after him.
     */
    private final Set<Statement> statements = Collections.newSetFromMap(new IdentityHashMap<>());

    static Connection of(BlockingConnectionPool pool, BlockingConnectionPool.Entry entry) {
        return new ConnectionLease(pool, entry).proxy;
    }

    private ConnectionLease(BlockingConnectionPool pool, BlockingConnectionPool.Entry entry) {
        this.pool = pool;
        this.entry = new AtomicReference<>(entry);
        proxy = proxy(Connection.class, new ConnectionHandler(entry.connection));
    }

    private boolean isOpen() {
        return entry.get() != null;
    }

    private void close() {
        BlockingConnectionPool.Entry held = entry.getAndSet(null);
        if (held == null) {
            return;
        }
        try {
            closeStatements();
        } finally {
            pool.release(held, broken);
        }
    }

    private void closeStatements() {
        Set<Statement> open = Collections.newSetFromMap(new IdentityHashMap<>());
        synchronized (statements) {
            open.addAll(statements);
            statements.clear();
        }
        for (Statement statement : open) {
            try {
                statement.close();
            } catch (Throwable t) {
                broken = true;
            }
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    /** What the methods of all proxies have in common: the lease must be open, errors are looked at, results wrapped. */
    private class Handler implements InvocationHandler {
        final Object target;

        Handler(Object target) {
            this.target = target;
        }

        @Override
        public final @Nullable Object invoke(Object self, Method method, Object @Nullable [] argsOrNull)
                throws Throwable {
            return invoke(self, method.getName(), method, argsOrNull == null ? NO_ARGS : argsOrNull);
        }

        @SuppressWarnings("ReferenceEquality") // Proxies are equal if they are the same.
        @Nullable Object invoke(Object self, String name, Method method, Object[] args) throws Throwable {
            return switch (name) {
                case "equals" -> self == args[0];
                case "hashCode" -> System.identityHashCode(self);
                case "toString" -> (isOpen() ? "lease of pool " : "closed lease of pool ") + pool.name();
                case "isClosed" -> !isOpen() || Boolean.TRUE.equals(call(method, args));
                case "close" -> {
                    if (isOpen()) {
                        call(method, args);
                        closed();
                    }
                    yield null;
                }
                case "getConnection" -> {
                    requireOpen();
                    yield proxy;
                }
                case "unwrap" -> {
                    requireOpen();
                    yield unwrap(self, (Class<?>) args[0]);
                }
                case "isWrapperFor" -> {
                    Class<?> type = (Class<?>) args[0];
                    yield type.isInstance(self) || type.isInstance(target) || ((Wrapper) target).isWrapperFor(type);
                }
                default -> {
                    requireOpen();
                    yield wrap(method, call(method, args));
                }
            };
        }

        /** The driver has closed this object for its user. */
        void closed() {}

        private Object unwrap(Object self, Class<?> type) throws SQLException {
            if (type.isInstance(self)) {
                return self;
            }
            return type.isInstance(target) ? target : ((Wrapper) target).unwrap(type);
        }

        private @Nullable Object wrap(Method method, @Nullable Object result) throws SQLException {
            if (result instanceof Statement statement) {
                // Of a result set: its statement is known already, and the proxy is only a view of it.
                if (!(target instanceof ResultSet)) {
                    keep(statement);
                }
                return proxy(type(method, Statement.class), new StatementHandler(statement));
            }
            if (result instanceof ResultSet) {
                return proxy(type(method, ResultSet.class), new Handler(result));
            }
            if (result instanceof DatabaseMetaData) {
                return proxy(type(method, DatabaseMetaData.class), new Handler(result));
            }
            if (result instanceof Array) {
                return proxy(type(method, Array.class), new ArrayHandler(result));
            }
            return result;
        }

        private void keep(Statement statement) throws SQLException {
            synchronized (statements) {
                statements.add(statement);
            }
            // Whoever closed the lease either saw it, or is seen here.
            if (!isOpen()) {
                statement.close();
                requireOpen();
            }
        }

        /** What the method promises, or {@code least} if that is less: an Object, say, which is a cursor here. */
        private static <T> Class<? extends T> type(Method method, Class<T> least) {
            Class<?> promised = method.getReturnType();
            return least.isAssignableFrom(promised) ? promised.asSubclass(least) : least;
        }

        final @Nullable Object call(Method method, Object[] args) throws Throwable {
            try {
                return method.invoke(target, raw(args));
            } catch (InvocationTargetException e) {
                Throwable cause = e.getCause();
                if (cause instanceof SQLException sql && isFatal(sql)) {
                    broken = true;
                }
                throw cause;
            }
        }

        /** A driver knows its own arrays only. */
        private static Object[] raw(Object[] args) {
            Object[] raw = args.clone();
            for (int i = 0; i < raw.length; i++) {
                if (raw[i] instanceof Array
                        && Proxy.isProxyClass(raw[i].getClass())
                        && Proxy.getInvocationHandler(raw[i]) instanceof ArrayHandler array) {
                    raw[i] = array.target;
                }
            }
            return raw;
        }

        private void requireOpen() throws SQLException {
            if (!isOpen()) {
                throw new SQLNonTransientConnectionException(
                        "this connection was given back to pool " + pool.name() + "; it cannot be used after close()",
                        "08003");
            }
        }
    }

    private final class ConnectionHandler extends Handler {
        ConnectionHandler(Connection connection) {
            super(connection);
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // Proxies are equal if they are the same.
        @Nullable Object invoke(Object self, String name, Method method, Object[] args) throws Throwable {
            return switch (name) {
                case "close" -> {
                    ConnectionLease.this.close();
                    yield null;
                }
                case "abort" -> {
                    broken = true;
                    ConnectionLease.this.close();
                    yield null;
                }
                case "isValid" -> isOpen() && Boolean.TRUE.equals(call(method, args));
                default -> super.invoke(self, name, method, args);
            };
        }
    }

    /** An array's result set knows its statement; its text is its value, which some drivers read. */
    private final class ArrayHandler extends Handler {
        ArrayHandler(Object array) {
            super(array);
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // Proxies are equal if they are the same.
        @Nullable Object invoke(Object self, String name, Method method, Object[] args) throws Throwable {
            return name.equals("toString") ? target.toString() : super.invoke(self, name, method, args);
        }
    }

    private final class StatementHandler extends Handler {
        private final Statement statement;

        StatementHandler(Statement statement) {
            super(statement);
            this.statement = statement;
        }

        @Override
        void closed() {
            synchronized (statements) {
                statements.remove(statement);
            }
        }
    }

    /** Whether the connection is lost, by the classes of SQLState that say so. */
    static boolean isFatal(SQLException e) {
        String state = e.getSQLState();
        return e instanceof SQLRecoverableException
                || (state != null && (state.startsWith("08") || state.startsWith("57P0")));
    }
}
