package dev.hatch.duckdb;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.pool.jdbc.ConnectionSource;
import dev.hatch.pool.jdbc.ResetPolicy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;

/**
 * Opens one DuckDB instance for a pool. A root connection keeps it alive and is never lent; a lease is a duplicate of
 * the root, and a used one is replaced by a fresh duplicate, since DuckDB has no statement that resets a session and a
 * duplicate costs microseconds. So {@code :memory:} is one database that all leases share, for as long as the pool is
 * open.
 *
 * <p>Results stream ({@code jdbc_stream_results}): a large one is never held in memory as a whole.
 */
public final class DuckDbSource implements ConnectionSource {
    private static final String PREFIX = "jdbc:duckdb:";

    /** Accepts a path, {@code :memory:} or a {@code jdbc:duckdb:} URL. */
    @Override
    public boolean accepts(String dsn) {
        return dsn.startsWith(PREFIX) || !dsn.startsWith("jdbc:");
    }

    @Override
    public Database open(ConnectionPoolConfig config) throws SQLException {
        String dsn = config.dsn();
        Properties properties = new Properties();
        properties.setProperty(DuckDBDriver.JDBC_STREAM_RESULTS, "true");
        config.driverProperties().forEach(properties::setProperty);
        String url = dsn.startsWith(PREFIX) ? dsn : PREFIX + dsn;
        Connection root = new DuckDBDriver().connect(url, properties);
        return new Instance(root.unwrap(DuckDBConnection.class));
    }

    private record Instance(DuckDBConnection root) implements Database {
        @Override
        public Connection connect() throws SQLException {
            return root.duplicate();
        }

        /** DuckDB has no statement that resets a session, and a duplicate takes microseconds. */
        @Override
        public ResetPolicy resetPolicy() {
            return ResetPolicy.REPLACE;
        }

        @Override
        public void probe(Connection connection, Duration timeout) throws SQLException {
            try (Statement statement = connection.createStatement();
                    ResultSet result = statement.executeQuery("SELECT 42")) {
                if (!result.next() || result.getInt(1) != 42) {
                    throw new SQLException("DuckDB did not answer SELECT 42 with 42", "08006");
                }
            }
        }

        @Override
        public void close() throws SQLException {
            root.close();
        }
    }
}
