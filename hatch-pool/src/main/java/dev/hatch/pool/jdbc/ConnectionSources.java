package dev.hatch.pool.jdbc;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** Finds the source for a DSN: a service that accepts it, else the JDBC driver of its URL. */
final class ConnectionSources {
    private ConnectionSources() {}

    static ConnectionSource find(String dsn) throws SQLException {
        for (ConnectionSource source : ServiceLoader.load(ConnectionSource.class)) {
            if (source.accepts(dsn)) {
                return source;
            }
        }
        // A plain JDBC pool on DuckDB would give every borrower of ":memory:" another database.
        if (!dsn.startsWith("jdbc:") || dsn.startsWith("jdbc:duckdb:")) {
            throw new SQLNonTransientConnectionException(
                    "a DSN that is a path, \":memory:\" or jdbc:duckdb:… means DuckDB: add dev.hatch:hatch-duckdb to"
                            + " the class path, or give a JDBC URL of another database",
                    "08001");
        }
        return new DriverSource();
    }

    private static final class DriverSource implements ConnectionSource {
        @Override
        public boolean accepts(String dsn) {
            return dsn.startsWith("jdbc:");
        }

        @Override
        public Database open(ConnectionPoolConfig config) throws SQLException {
            String url = config.dsn();
            try {
                return new DriverDatabase(DriverManager.getDriver(url), url);
            } catch (SQLException e) {
                // Only the kind of database: the rest of the URL may hold a password.
                String kind = url.substring(0, Math.max(url.indexOf(':', "jdbc:".length()) + 1, "jdbc:".length()));
                throw new SQLNonTransientConnectionException(
                        "no JDBC driver on the class path accepts this " + kind + " URL: add the driver's jar",
                        "08001",
                        e);
            }
        }
    }

    /**
     * Resets what JDBC can see: ends the transaction, then restores the attributes of {@link Attribute#ALL}, as far as
     * the driver could tell what they were on its first connection, and clears the warnings.
     *
     * <p>Nothing else is restored, because JDBC has no call for it: session variables set by statements, temporary
     * tables, prepared statements and cursors of SQL text, advisory and table locks, a role taken on, notifications
     * listened for, whatever was changed in an object given by {@code unwrap}. Nor is a transaction ended that a
     * statement began ({@code BEGIN}) while auto-commit was on, if the driver then refuses {@code rollback()}, as some
     * do: turning auto-commit off for it might commit it. Users who do these things undo them, or {@code abort} the
     * connection.
     */
    private static final class DriverDatabase implements ConnectionSource.Database {
        private final Driver driver;
        private final String url;
        private volatile @Nullable List<Saved<?>> pristine;

        DriverDatabase(Driver driver, String url) {
            this.driver = driver;
            this.url = url;
        }

        @Override
        public Connection connect() throws SQLException {
            Connection connection = driver.connect(url, new Properties());
            if (connection == null) {
                throw new SQLNonTransientConnectionException("the JDBC driver refused its own URL", "08001");
            }
            if (pristine == null) {
                try {
                    pristine = Attribute.saveAll(connection);
                } catch (Throwable t) {
                    try (connection) {
                        throw t;
                    }
                }
            }
            return connection;
        }

        @Override
        public Connection reset(Connection used) throws SQLException {
            rollback(used);
            List<Saved<?>> attributes = pristine;
            if (attributes != null) {
                for (Saved<?> attribute : attributes) {
                    attribute.restore(used);
                }
            }
            // Without auto-commit, reading them may have begun a transaction.
            if (!used.getAutoCommit()) {
                used.rollback();
            }
            used.clearWarnings();
            return used;
        }

        /** Before auto-commit is restored, which would commit. */
        private static void rollback(Connection used) throws SQLException {
            boolean autoCommit = used.getAutoCommit();
            try {
                // With auto-commit too: a statement may have begun a transaction.
                used.rollback();
            } catch (SQLException e) {
                if (!autoCommit || ConnectionLease.isFatal(e)) {
                    throw e;
                }
            }
        }

        @Override
        public void probe(Connection connection, Duration timeout) throws SQLException {
            int seconds = (int) Math.max(1, Math.min(Integer.MAX_VALUE, timeout.toSeconds()));
            if (!connection.isValid(seconds)) {
                throw new SQLNonTransientConnectionException("the connection is not valid any more", "08006");
            }
        }

        @Override
        public void close() {}
    }

    /** An attribute of a connection that JDBC reads and sets. {@code getter} gives a copy of what can be changed. */
    private record Attribute<T>(String name, Getter<T> getter, Setter<T> setter) {
        /** Auto-commit first: most drivers refuse the others within a transaction, which reading one may begin. */
        static final List<Attribute<?>> ALL = List.of(
                new Attribute<>("auto-commit", Connection::getAutoCommit, Connection::setAutoCommit),
                new Attribute<>("read-only", Connection::isReadOnly, Connection::setReadOnly),
                new Attribute<>("isolation", Connection::getTransactionIsolation, Connection::setTransactionIsolation),
                new Attribute<>("holdability", Connection::getHoldability, Connection::setHoldability),
                new Attribute<String>("catalog", Connection::getCatalog, Connection::setCatalog),
                new Attribute<String>("schema", Connection::getSchema, Connection::setSchema),
                new Attribute<>(
                        "network timeout",
                        Connection::getNetworkTimeout,
                        (connection, millis) -> connection.setNetworkTimeout(Runnable::run, millis)),
                new Attribute<Properties>("client info", Attribute::clientInfo, Connection::setClientInfo),
                new Attribute<Map<String, Class<?>>>("type map", Attribute::typeMap, Connection::setTypeMap));

        interface Getter<T> {
            @Nullable T get(Connection connection) throws SQLException;
        }

        interface Setter<T> {
            void set(Connection connection, T value) throws SQLException;
        }

        /** Those that the driver knows. */
        static List<Saved<?>> saveAll(Connection connection) throws SQLException {
            List<Saved<?>> saved = new ArrayList<>();
            for (Attribute<?> attribute : ALL) {
                try {
                    saved.add(attribute.save(connection));
                } catch (SQLFeatureNotSupportedException | AbstractMethodError e) {
                    // It cannot have been changed either.
                }
            }
            return List.copyOf(saved);
        }

        private Saved<T> save(Connection connection) throws SQLException {
            return new Saved<>(this, getter.get(connection));
        }

        private static @Nullable Properties clientInfo(Connection connection) throws SQLException {
            Properties info = connection.getClientInfo();
            if (info == null) {
                return null;
            }
            Properties copy = new Properties();
            info.stringPropertyNames().forEach(name -> copy.setProperty(name, info.getProperty(name)));
            return copy;
        }

        private static @Nullable Map<String, Class<?>> typeMap(Connection connection) throws SQLException {
            Map<String, Class<?>> map = connection.getTypeMap();
            return map == null ? null : new HashMap<>(map);
        }
    }

    private record Saved<T>(
            Attribute<T> attribute, @Nullable T value) {
        @SuppressWarnings("NullAway") // A value that was null is set to null; what a driver says to that, it says.
        void restore(Connection connection) throws SQLException {
            if (isRestored(connection)) {
                return;
            }
            // A copy is set, for the driver may keep the object and hand it to the next user.
            attribute.setter.set(connection, copied(value));
            if (!isRestored(connection)) {
                throw new SQLException("the driver does not restore the connection's " + attribute.name);
            }
        }

        private boolean isRestored(Connection connection) throws SQLException {
            return Objects.equals(value, attribute.getter.get(connection));
        }

        @SuppressWarnings("unchecked")
        private static <T> @Nullable T copied(@Nullable T value) {
            if (value instanceof Properties properties) {
                return (T) properties.clone();
            }
            return value instanceof HashMap<?, ?> map ? (T) map.clone() : value;
        }
    }
}
