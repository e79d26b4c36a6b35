package dev.hatch.pool.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * MariaDB from 10.3.13 on, and MySQL: the driver's reset of the session (COM_RESET_CONNECTION). That keeps the role and the
 * present database, and undoes what the driver has said once, after it connected: character set, SQL mode, what the URL has as
 * sessionVariables. So what a session of this pool begins with is learnt on the first connection, as what a reset changes, and
 * said again after each reset.
 */
final class MySqlDialect implements Dialect {
    /** MariaDB's driver does not reset without. */
    private static final String RESET = "useResetConnection";

    /** Other than by a reset: by each statement. */
    private static final List<String> CHANGING = List.of(
            "error_count",
            "identity",
            "insert_id",
            "last_gtid",
            "last_insert_id",
            "rand_seed1",
            "rand_seed2",
            "timestamp",
            "warning_count");

    /** Of which the driver remembers what it was told, and is not told by a reset. */
    private static final List<String> BELIEVED = List.of("tx_isolation", "transaction_isolation");

    private final boolean mariaDb;
    private final String type;
    private final String method;

    /** What is to be run after each reset; null until it is learnt. Written under this. */
    private volatile @Nullable List<String> beginning;

    /** Written before {@link #beginning}. */
    private boolean hasDatabase;

    private MySqlDialect(boolean mariaDb, String type, String method) {
        this.mariaDb = mariaDb;
        this.type = type;
        this.method = method;
    }

    static Dialect mariaDb() {
        return new MySqlDialect(true, "org.mariadb.jdbc.Connection", "reset");
    }

    static Dialect mySql() {
        return new MySqlDialect(false, "com.mysql.cj.jdbc.JdbcConnection", "resetServerState");
    }

    @Override
    public ResetPolicy resetPolicy() {
        return ResetPolicy.STATEMENT;
    }

    @Override
    public void complete(Properties properties) {
        if (mariaDb) {
            properties.setProperty(RESET, "true");
        }
    }

    @Override
    public void connected(Connection connection) throws SQLException {
        if (beginning == null) {
            synchronized (this) {
                if (beginning == null) {
                    beginning = learn(connection);
                }
            }
        }
    }

    private List<String> learn(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            Map<String, String> before = variables(statement);
            String role = one(statement, "SELECT current_role()");
            String database = one(statement, "SELECT database()");
            reset(connection);
            Map<String, String> after = variables(statement);
            List<String> learnt = new ArrayList<>();
            before.forEach((name, value) -> {
                boolean changes = !value.equals(after.get(name)) && !CHANGING.contains(name);
                if (changes || BELIEVED.contains(name)) {
                    learnt.add("SET SESSION " + name + " = " + literal(value));
                }
            });
            learnt.removeIf(sql -> !isPossible(statement, sql));
            learnt.add("SET ROLE " + (role == null ? "NONE" : mariaDb ? quoted(role) : role));
            statement.execute(learnt.get(learnt.size() - 1));
            if (database != null) {
                learnt.add("USE " + quoted(database));
            }
            hasDatabase = database != null;
            return List.copyOf(learnt);
        }
    }

    private static String quoted(String name) {
        return '`' + name.replace("`", "``") + '`';
    }

    private static Map<String, String> variables(Statement statement) throws SQLException {
        Map<String, String> variables = new TreeMap<>();
        try (ResultSet rows = statement.executeQuery("SHOW SESSION VARIABLES")) {
            while (rows.next()) {
                variables.put(rows.getString(1), rows.getString(2));
            }
        }
        return variables;
    }

    private static @Nullable String one(Statement statement, String query) throws SQLException {
        try (ResultSet rows = statement.executeQuery(query)) {
            return rows.next() ? rows.getString(1) : null;
        }
    }

    private static String literal(String value) {
        return value.matches("-?\\d+(\\.\\d+)?")
                ? value
                : "'" + value.replace("\\", "\\\\").replace("'", "''") + "'";
    }

    /** Some cannot be set; those are not the driver's. */
    private static boolean isPossible(Statement statement, String sql) {
        try {
            statement.execute(sql);
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    @Override
    public void resetSession(Connection connection) throws SQLException {
        List<String> again = beginning;
        if (again == null) {
            throw new SQLException("it is not known what a session begins with");
        }
        reset(connection);
        try (Statement statement = connection.createStatement()) {
            for (String sql : again) {
                statement.execute(sql);
            }
            if (!hasDatabase && one(statement, "SELECT database()") != null) {
                throw new SQLException("a database is used, which nothing undoes");
            }
        }
    }

    private void reset(Connection connection) throws SQLException {
        try {
            Class.forName(type, false, connection.getClass().getClassLoader())
                    .getMethod(method)
                    .invoke(connection);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof SQLException failure ? failure : new SQLException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new SQLException("this driver cannot reset a session: it has no " + type + "." + method + "()", e);
        }
    }
}
