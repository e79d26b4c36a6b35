package dev.hatch.pool.jdbc;

import java.sql.CallableStatement;

/** As {@link PooledStatement}. */
final class PooledCallableStatement extends CallableStatementMethods {
    PooledCallableStatement(PooledConnection connection, CallableStatement raw) {
        super(connection, raw);
    }
}
