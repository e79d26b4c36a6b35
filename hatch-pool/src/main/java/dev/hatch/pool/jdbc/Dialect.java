package dev.hatch.pool.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;

/** What is special about a database that is opened by its JDBC driver. One for each pool; used by many threads at once. */
interface Dialect {
    static Dialect of(String url) {
        if (url.startsWith("jdbc:postgresql:")) {
            return new PostgresDialect();
        }
        if (url.startsWith("jdbc:mariadb:")) {
            return MySqlDialect.mariaDb();
        }
        return url.startsWith("jdbc:mysql:") ? MySqlDialect.mySql() : new Dialect() {};
    }

    default ResetPolicy resetPolicy() {
        return ResetPolicy.ATTRIBUTES;
    }

    /** Adds to what the user has the driver told. */
    default void complete(Properties properties) {}

    /** Of each new connection, before anybody has it, if sessions are to be reset. */
    default void connected(Connection connection) throws SQLException {}

    /** As {@link ConnectionSource.Database#resetSession}. */
    default void resetSession(Connection connection) throws SQLException {
        throw new IllegalStateException("this database has no way to reset a session");
    }
}
