package dev.hatch.server;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** The server's own statements: how they are written and run. */
final class Sql {
    private Sql() {}

    /** A name as it is, whatever is in it. */
    static String name(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** A text as it is, whatever is in it. */
    static String text(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** Runs a statement of which nobody wants a result. */
    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
