package dev.hatch.conformance;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * One kind of state that a user of a connection can leave on it.
 *
 * @param kind what is left, for people
 * @param leave leaves it; throws if the database or the driver cannot do it
 * @param look what the next user sees of it, as a text that says nothing of other kinds; what it throws counts as seen, too
 */
public record Trace(String kind, Leave leave, Look look) {
    /** Does something to a connection. */
    public interface Leave {
        void on(Connection connection) throws SQLException;
    }

    /** Looks at a connection. */
    public interface Look {
        String at(Connection connection) throws SQLException;
    }

    /** What is left by statements and seen by a query. */
    public static Trace of(String kind, String query, String... statements) {
        return new Trace(
                kind,
                connection -> {
                    for (String statement : statements) {
                        execute(connection, statement);
                    }
                },
                connection -> value(connection, query));
    }

    /** What is left by statements and seen by whether a query works. */
    static Trace working(String kind, String query, String... statements) {
        Trace trace = of(kind, query, statements);
        return new Trace(kind, trace.leave(), connection -> {
            try {
                value(connection, query);
                return "works";
            } catch (SQLException e) {
                return "does not work";
            }
        });
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static void fail(Connection connection, String sql) {
        try {
            execute(connection, sql);
        } catch (SQLException e) {
            return;
        }
        throw new AssertionError("does not fail: " + sql);
    }

    /** The first value of the first row. */
    static String value(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            return rows.next() ? String.valueOf(rows.getString(1)) : "no row";
        }
    }

    /** What the look sees; a failure is a sight as well. */
    String seen(Connection connection) {
        try {
            return look.at(connection);
        } catch (SQLException e) {
            return "fails with " + e.getSQLState() + ": " + e.getMessage();
        }
    }

    @Override
    public String toString() {
        return kind;
    }
}
