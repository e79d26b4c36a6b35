package dev.hatch.pool.jdbc;

import java.sql.PreparedStatement;

/** As {@link PooledStatement}. */
class PooledPreparedStatement extends PreparedStatementMethods {
    PooledPreparedStatement(PooledConnection connection, PreparedStatement raw) {
        super(connection, raw);
    }
}
