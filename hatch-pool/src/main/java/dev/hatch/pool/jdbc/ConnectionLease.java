package dev.hatch.pool.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
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
 */
final class ConnectionLease {
    private static final Object[] NO_ARGS = {};

    private final BlockingConnectionPool pool;
    private final AtomicReference<BlockingConnectionPool.@Nullable Entry> entry;
    private final Connection proxy;
    private volatile boolean broken;

    /** Statements not yet closed. Guarded by itself. */
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

        @Nullable Object invoke(Object self, String name, Method method, Object[] args) throws Throwable {
            return switch (name) {
                case "equals" -> self == args[0];
                case "hashCode" -> System.identityHashCode(self);
                case "toString" -> (isOpen() ? "lease of pool " : "closed lease of pool ") + pool.name();
                case "isClosed" -> !isOpen() || Boolean.TRUE.equals(call(method, args));
                case "close" -> {
                    closed();
                    yield isOpen() ? call(method, args) : null;
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

        /** This object is being closed by its user. */
        void closed() {}

        private Object unwrap(Object self, Class<?> type) throws SQLException {
            if (type.isInstance(self)) {
                return self;
            }
            return type.isInstance(target) ? target : ((Wrapper) target).unwrap(type);
        }

        private @Nullable Object wrap(Method method, @Nullable Object result) {
            if (result instanceof Statement statement) {
                // Of a result set: its statement is known already, and the proxy is only a view of it.
                if (!(target instanceof ResultSet)) {
                    synchronized (statements) {
                        statements.add(statement);
                    }
                }
                return proxy(method.getReturnType(), new StatementHandler(statement));
            }
            if (result instanceof ResultSet || result instanceof DatabaseMetaData) {
                return proxy(method.getReturnType(), new Handler(result));
            }
            return result;
        }

        final @Nullable Object call(Method method, Object[] args) throws Throwable {
            try {
                return method.invoke(target, args);
            } catch (InvocationTargetException e) {
                Throwable cause = e.getCause();
                if (cause instanceof SQLException sql && isFatal(sql)) {
                    broken = true;
                }
                throw cause;
            }
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
