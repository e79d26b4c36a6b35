package dev.hatch.spring;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.pool.jdbc.ConnectionSource;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A database that answers, or does not, and remembers how it was opened. */
final class FakeSource implements ConnectionSource, ConnectionSource.Database {
    final AtomicInteger cancels = new AtomicInteger();
    volatile boolean broken;
    volatile @Nullable ConnectionPoolConfig config;

    @Override
    public boolean accepts(String dsn) {
        return true;
    }

    @Override
    public Database open(ConnectionPoolConfig opened) {
        config = opened;
        return this;
    }

    @Override
    public Connection connect() throws SQLException {
        failIfBroken();
        return (Connection) Proxy.newProxyInstance(
                FakeSource.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (self, method, args) -> switch (method.getName()) {
                    case "isValid", "getAutoCommit" -> true;
                    case "hashCode" -> System.identityHashCode(self);
                    case "equals" -> self == args[0];
                    case "toString" -> "a connection";
                    default -> {
                        Class<?> type = method.getReturnType();
                        yield type == boolean.class ? (Object) false : type == int.class ? (Object) 0 : null;
                    }
                });
    }

    @Override
    public void probe(Connection connection, Duration timeout) throws SQLException {
        failIfBroken();
    }

    private void failIfBroken() throws SQLException {
        if (broken) {
            throw new SQLException("the disk is gone", "08006");
        }
    }

    @Override
    public void cancel(Connection connection) {
        cancels.incrementAndGet();
    }

    @Override
    public void close() {}
}
