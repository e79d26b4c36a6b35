package dev.hatch.pool.jdbc;

import dev.hatch.pool.ResourceLifecycle;
import dev.hatch.pool.jdbc.ConnectionSource.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;

/** What the engine asks of connections. It logs and tells what fails, so that is masked: a driver's text may have the URL. */
final class ConnectionLifecycle implements ResourceLifecycle<PhysicalConnection> {
    private final ConnectionPoolConfig config;
    private final Database database;
    private final ResetPolicy resetPolicy;

    ConnectionLifecycle(ConnectionPoolConfig config, Database database) {
        this.config = config;
        this.database = database;
        ResetPolicy set = config.resetPolicy();
        resetPolicy = set != null ? set : database.resetPolicy();
    }

    @Override
    public PhysicalConnection create() throws SQLException {
        return Secrets.masked(() -> new PhysicalConnection(config, database, resetPolicy), Secrets::mask);
    }

    @Override
    public boolean validate(PhysicalConnection connection) throws SQLException {
        probe(connection, LeasingConnectionPool.VALIDATION_LIMIT);
        return true;
    }

    /** Returns normally if the connection answers. */
    void probe(PhysicalConnection connection, Duration timeout) throws SQLException {
        Secrets.masked(() -> ask(connection, timeout), Secrets::mask);
    }

    private void ask(PhysicalConnection physical, Duration timeout) throws SQLException {
        Connection connection = physical.raw();
        String query = config.validationQuery();
        if (query == null) {
            database.probe(connection, timeout);
            return;
        }
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(seconds(timeout));
            statement.execute(query);
        }
        if (!connection.getAutoCommit()) {
            connection.rollback();
        }
    }

    /** At least 1, for 0 means without end. */
    static int seconds(Duration timeout) {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, timeout.toSeconds()));
    }

    @Override
    public boolean needsReset(PhysicalConnection connection) {
        return !connection.isClean();
    }

    @Override
    public void reset(PhysicalConnection connection) throws SQLException {
        Secrets.masked(() -> connection.reset(), Secrets::mask);
    }

    @Override
    public void cancel(PhysicalConnection connection) {
        connection.cancel();
    }

    @Override
    public void destroy(PhysicalConnection connection) throws SQLException {
        Secrets.masked(() -> connection.close(), Secrets::mask);
    }

    @Override
    public String describe(PhysicalConnection connection) {
        return Secrets.mask(connection.toString());
    }

    static SQLException invalid() {
        return new SQLNonTransientConnectionException("the connection is not valid any more", "08006");
    }
}
