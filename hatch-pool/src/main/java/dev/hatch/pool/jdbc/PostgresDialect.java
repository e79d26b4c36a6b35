package dev.hatch.pool.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/** PostgreSQL: {@code DISCARD ALL}. */
final class PostgresDialect implements Dialect {
    @Override
    public ResetPolicy resetPolicy() {
        return ResetPolicy.STATEMENT;
    }

    /**
     * The driver would say who the application is by a statement, which DISCARD ALL undoes. So it is to be part of the
     * connect, as it can be with servers since 9.0.
     */
    @Override
    public void complete(Properties properties) {
        properties.putIfAbsent("assumeMinServerVersion", "9.0");
    }

    @Override
    public void resetSession(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("DISCARD ALL");
        }
    }
}
