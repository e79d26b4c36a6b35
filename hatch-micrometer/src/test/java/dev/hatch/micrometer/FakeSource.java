package dev.hatch.micrometer;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.pool.jdbc.ConnectionSource;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;

/** A database that connects, or refuses to. */
final class FakeSource implements ConnectionSource, ConnectionSource.Database {
    volatile boolean refuses;

    @Override
    public boolean accepts(String dsn) {
        return true;
    }

    @Override
    public Database open(ConnectionPoolConfig config) {
        return this;
    }

    @Override
    public Connection connect() throws SQLException {
        if (refuses) {
            throw new SQLException("refused", "08001");
        }
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
    public void close() {}
}
