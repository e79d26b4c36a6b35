package dev.hatch.pool.jdbc;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;

/** The meta data of a lease; its connection is the lease. */
final class PooledDatabaseMetaData extends DatabaseMetaDataMethods {
    PooledDatabaseMetaData(PooledConnection connection, DatabaseMetaData raw) {
        super(connection, null, raw);
    }

    @Override
    public Connection getConnection() throws SQLException {
        connection.requireOpen();
        return connection;
    }
}
