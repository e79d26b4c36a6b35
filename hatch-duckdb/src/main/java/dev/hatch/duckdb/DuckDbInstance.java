package dev.hatch.duckdb;

import dev.hatch.pool.jdbc.ConnectionSource.Database;
import dev.hatch.pool.jdbc.ResetPolicy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;

/**
 * One instance of DuckDB, kept alive by its root connection. After a fatal error DuckDB refuses everything until the last
 * connection of the instance is closed; the root is given up at once then, and opened again by the first connect that finds
 * the others gone.
 */
final class DuckDbInstance implements Database {
    /** SQLState: the connection does not exist. */
    private static final String GONE = "08003";

    private final String url;
    private final Properties properties;

    /** Never lent: a duplicate would copy the settings of whoever had it. Written under this. */
    private volatile DuckDBConnection root;

    private final Spares spares = new Spares(() -> root.duplicate());

    /** A fatal error was seen since the root was opened. */
    private volatile boolean fatal;

    /** Guarded by this. */
    private boolean closed;

    DuckDbInstance(String url, Properties properties) throws SQLException {
        this.url = url;
        this.properties = properties;
        if (Boolean.parseBoolean(properties.getProperty("lock_configuration"))) {
            properties.putIfAbsent(DuckDBDriver.JDBC_STREAM_RESULTS, "true");
        }
        root = openRoot();
    }

    private DuckDBConnection openRoot() throws SQLException {
        Properties copy = new Properties();
        copy.putAll(properties);
        DuckDBConnection opened = new DuckDBDriver().connect(url, copy).unwrap(DuckDBConnection.class);
        try {
            stream(opened);
            ask(opened);
            return opened;
        } catch (SQLException e) {
            try (opened) {
                throw e;
            }
        }
    }

    /**
     * Duplicates inherit it. Told when the instance is opened, as {@link DuckDBDriver#JDBC_STREAM_RESULTS}, it would keep
     * others in this JVM from opening the same file without.
     */
    private void stream(Connection opened) throws SQLException {
        if (properties.containsKey(DuckDBDriver.JDBC_STREAM_RESULTS)) {
            return;
        }
        try (Statement statement = opened.createStatement()) {
            statement.execute("SET jdbc_stream_results = true");
        }
    }

    @Override
    public Connection connect() throws SQLException {
        DuckDBConnection source = root;
        if (fatal || source.isClosed()) {
            source = reopened(source);
        }
        Connection spare = spares.take();
        return spare != null ? spare : source.duplicate();
    }

    /** @param broken the root that it is to replace, unless somebody else has */
    private synchronized DuckDBConnection reopened(DuckDBConnection broken) throws SQLException {
        if (closed) {
            throw new SQLNonTransientConnectionException("the DuckDB instance was closed", GONE);
        }
        if (root != broken) {
            return root;
        }
        if (answers(broken)) {
            fatal = false;
            return broken;
        }
        spares.clear();
        broken.close();
        if (DuckDbSource.isInMemory(url)) {
            throw new SQLNonTransientConnectionException(
                    "the DuckDB database in memory is lost, after a fatal error or because its root connection was closed:"
                            + " close this pool and open another",
                    GONE);
        }
        try {
            root = openRoot();
        } catch (SQLException e) {
            throw new SQLTransientConnectionException(
                    "DuckDB has met a fatal error; it can be opened again when the last connection to it is closed",
                    GONE,
                    e);
        }
        fatal = false;
        return root;
    }

    /** DuckDB has no statement that resets a session, and a duplicate takes microseconds. */
    @Override
    public ResetPolicy resetPolicy() {
        return ResetPolicy.REPLACE;
    }

    @Override
    public void probe(Connection connection, Duration timeout) throws SQLException {
        try {
            ask(connection);
        } catch (SQLException e) {
            isFatal(e);
            throw e;
        }
    }

    private static void ask(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT 42")) {
            if (!result.next() || result.getInt(1) != 42) {
                throw new SQLException("DuckDB did not answer SELECT 42 with 42", "08006");
            }
        }
    }

    private static boolean answers(Connection connection) {
        try {
            ask(connection);
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    @Override
    public void cancel(Connection connection) throws SQLException {
        Interruption.interrupt(connection);
    }

    /** The driver sets no SQLState; the kind of error is in DuckDB's message. */
    @Override
    public boolean isFatal(SQLException failure) {
        String message = failure.getMessage();
        boolean is = message != null && (message.contains("FATAL Error:") || message.contains("INTERNAL Error:"));
        if (is) {
            fatal = true;
        }
        return is;
    }

    /** For tests. */
    void closeRoot() throws SQLException {
        root.close();
    }

    @Override
    public synchronized void close() throws SQLException {
        closed = true;
        spares.close();
        root.close();
    }
}
