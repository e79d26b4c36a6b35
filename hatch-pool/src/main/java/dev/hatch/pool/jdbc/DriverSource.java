package dev.hatch.pool.jdbc;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.List;
import java.util.Properties;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Opens any JDBC URL by the driver that accepts it. */
final class DriverSource implements ConnectionSource {
    @Override
    public boolean accepts(String dsn) {
        return dsn.startsWith("jdbc:");
    }

    @Override
    public Database open(ConnectionPoolConfig config) throws SQLException {
        String url = config.dsn();
        try {
            return new DriverDatabase(DriverManager.getDriver(url), url, Dialect.of(url), config);
        } catch (SQLException e) {
            // Only the kind of database: the rest of the URL may hold a password.
            String kind = url.substring(0, Math.max(url.indexOf(':', "jdbc:".length()) + 1, "jdbc:".length()));
            throw new SQLNonTransientConnectionException(
                    "no JDBC driver on the class path accepts this " + kind + " URL: add the driver's jar", "08001", e);
        }
    }

    private record DriverDatabase(Driver driver, String url, Dialect dialect, ConnectionPoolConfig config)
            implements ConnectionSource.Database {
        @Override
        public Connection connect() throws SQLException {
            Properties properties = new Properties();
            config.driverProperties().forEach(properties::setProperty);
            dialect.complete(properties);
            @Nullable Supplier<Credentials> credentials = config.credentials();
            if (credentials != null) {
                Credentials now = credentials.get();
                properties.setProperty("user", now.user());
                properties.setProperty("password", now.password());
            }
            Connection connection = connect(properties);
            if (connection == null) {
                throw new SQLNonTransientConnectionException("the JDBC driver refused its own URL", "08001");
            }
            if (config.resetPolicy() == null || config.resetPolicy() == ResetPolicy.STATEMENT) {
                prepare(connection);
            }
            return connection;
        }

        private void prepare(Connection connection) throws SQLException {
            try {
                dialect.connected(connection);
            } catch (SQLException e) {
                try (connection) {
                    throw e;
                }
            }
        }

        /** What the driver says may quote a secret that it was given, in whatever way. */
        private @Nullable Connection connect(Properties properties) throws SQLException {
            List<String> secrets = properties.stringPropertyNames().stream()
                    .filter(Secrets::isSecret)
                    .map(properties::getProperty)
                    .toList();
            return Secrets.masked(() -> driver.connect(url, properties), Secrets.maskOf(secrets));
        }

        @Override
        public ResetPolicy resetPolicy() {
            return dialect.resetPolicy();
        }

        @Override
        public void resetSession(Connection connection) throws SQLException {
            dialect.resetSession(connection);
        }

        @Override
        public void close() {}
    }
}
