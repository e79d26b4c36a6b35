package dev.hatch.duckdb;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.pool.jdbc.ConnectionSource;
import java.sql.SQLException;
import java.util.Properties;

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
        config.driverProperties().forEach(properties::setProperty);
        return new DuckDbInstance(dsn.startsWith(PREFIX) ? dsn : PREFIX + dsn, properties);
    }

    /** Whether nothing of the database outlives its last connection. */
    static boolean isInMemory(String url) {
        String path = url.substring(PREFIX.length()).split(";", 2)[0];
        return path.isEmpty() || path.startsWith(":memory:") || path.startsWith("memory:");
    }
}
