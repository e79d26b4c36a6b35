package dev.hatch.pool.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * What a user can change of a {@link Connection} through its methods, in the order in which it is restored: auto-commit first,
 * since most drivers refuse the others within a transaction, which reading one may begin.
 */
@SuppressWarnings("ImmutableEnumChecker") // The functions keep nothing.
enum Attribute {
    AUTO_COMMIT("auto-commit", Connection::getAutoCommit, (c, value) -> c.setAutoCommit((boolean) value)),
    READ_ONLY("read-only", Connection::isReadOnly, (c, value) -> c.setReadOnly((boolean) value)),
    ISOLATION("isolation", Connection::getTransactionIsolation, (c, value) -> c.setTransactionIsolation((int) value)),
    HOLDABILITY("holdability", Connection::getHoldability, (c, value) -> c.setHoldability((int) value)),
    CATALOG("catalog", Connection::getCatalog, (c, value) -> c.setCatalog((String) value)),
    SCHEMA("schema", Connection::getSchema, (c, value) -> c.setSchema((String) value)),
    NETWORK_TIMEOUT(
            "network timeout",
            Connection::getNetworkTimeout,
            (c, value) -> c.setNetworkTimeout(Runnable::run, (int) value)),
    CLIENT_INFO("client info", c -> copy(c.getClientInfo()), (c, value) -> c.setClientInfo((Properties) value)),
    TYPE_MAP("type map", c -> copy(c.getTypeMap()), Attribute::setTypeMap);

    private interface Getter {
        @Nullable Object get(Connection connection) throws SQLException;
    }

    private interface Setter {
        void set(Connection connection, Object value) throws SQLException;
    }

    private final String title;
    private final Getter getter;
    private final Setter setter;

    Attribute(String title, Getter getter, Setter setter) {
        this.title = title;
        this.getter = getter;
        this.setter = setter;
    }

    /** Its value, or a copy of what can be changed in place. */
    @Nullable Object read(Connection connection) throws SQLException {
        return getter.get(connection);
    }

    /** Sets it, unless it is that already. What was null is set to null; what a driver says to that, it says. */
    @SuppressWarnings("NullAway")
    void restore(Connection connection, @Nullable Object value) throws SQLException {
        if (Objects.equals(read(connection), value)) {
            return;
        }
        setter.set(connection, value);
        if (!Objects.equals(read(connection), value)) {
            throw new SQLException("the driver does not restore the connection's " + title);
        }
    }

    static @Nullable Properties copy(@Nullable Properties info) {
        if (info == null) {
            return null;
        }
        Properties copy = new Properties();
        info.stringPropertyNames().forEach(name -> copy.setProperty(name, info.getProperty(name)));
        return copy;
    }

    static @Nullable Map<String, Class<?>> copy(@Nullable Map<String, Class<?>> types) {
        return types == null ? null : new HashMap<>(types);
    }

    @SuppressWarnings("unchecked") // What copy() gave.
    private static void setTypeMap(Connection connection, Object value) throws SQLException {
        connection.setTypeMap((Map<String, Class<?>>) value);
    }
}
