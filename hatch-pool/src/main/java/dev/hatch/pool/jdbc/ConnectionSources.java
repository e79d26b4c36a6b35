package dev.hatch.pool.jdbc;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.ServiceLoader;

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
}
