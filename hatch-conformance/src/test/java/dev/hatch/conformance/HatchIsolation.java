package dev.hatch.conformance;

import dev.hatch.pool.jdbc.ConnectionPool;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/** The suite for Hatch. */
abstract class HatchIsolation extends IsolationSuite {
    /** Keeps what is attached to a DuckDB instance. */
    private Connection admin;

    abstract TestedDatabase database();

    @Override
    protected List<Trace> traces() {
        return database().traces();
    }

    @Override
    protected List<Trace> alone() {
        return database().alone();
    }

    @Override
    protected DataSource open() throws SQLException {
        admin = database().connect();
        database().setUp(admin);
        return TestedPool.HATCH.open(database());
    }

    @Override
    protected void close(DataSource pool) throws SQLException {
        ((ConnectionPool) pool).close();
        admin.close();
    }
}
