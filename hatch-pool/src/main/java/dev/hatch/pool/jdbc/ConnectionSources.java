package dev.hatch.pool.jdbc;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
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

    /** Restores what JDBC can see; the state of the database's own session stays as its user left it. */
    private static final class DriverDatabase implements ConnectionSource.Database {
        private final Driver driver;
        private final String url;
        private volatile @Nullable Attributes pristine;

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
                pristine = Attributes.of(connection);
            }
            return connection;
        }

        @Override
        public Connection reset(Connection used) throws SQLException {
            if (!used.getAutoCommit()) {
                used.rollback();
            }
            Attributes attributes = pristine;
            if (attributes != null) {
                attributes.restore(used);
            }
            used.clearWarnings();
            return used;
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

    private record Attributes(
            boolean autoCommit,
            boolean readOnly,
            int isolation,
            @Nullable String catalog,
            @Nullable String schema) {
        static Attributes of(Connection connection) throws SQLException {
            return new Attributes(
                    connection.getAutoCommit(),
                    connection.isReadOnly(),
                    connection.getTransactionIsolation(),
                    connection.getCatalog(),
                    connection.getSchema());
        }

        void restore(Connection connection) throws SQLException {
            Attributes now = of(connection);
            if (now.autoCommit != autoCommit) {
                connection.setAutoCommit(autoCommit);
            }
            if (now.readOnly != readOnly) {
                connection.setReadOnly(readOnly);
            }
            if (now.isolation != isolation) {
                connection.setTransactionIsolation(isolation);
            }
            if (catalog != null && !catalog.equals(now.catalog)) {
                connection.setCatalog(catalog);
            }
            if (schema != null && !schema.equals(now.schema)) {
                connection.setSchema(schema);
            }
        }
    }
}
