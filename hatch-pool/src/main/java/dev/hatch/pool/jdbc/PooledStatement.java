package dev.hatch.pool.jdbc;

import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientException;
import java.sql.Statement;

/** A statement made on a lease, which closes it on return. Every call asks the lease first. */
class PooledStatement extends StatementMethods {
    /** SQLState of ODBC: function sequence error. */
    private static final String CLOSED = "HY010";

    final PooledConnection connection;

    final OpenStatement kept;

    PooledStatement(PooledConnection connection, Statement raw) {
        this.connection = connection;
        kept = new OpenStatement(raw);
    }

    @Override
    Statement raw() throws SQLException {
        connection.requireOpen();
        connection.noteUse();
        Statement open = kept.raw();
        if (open == null) {
            throw new SQLNonTransientException("this statement was closed", CLOSED);
        }
        return open;
    }

    @Override
    SQLException failed(SQLException failure) {
        return connection.failed(failure);
    }

    @Override
    final ResultSet wrap(ResultSet result) {
        return connection.wrap(this, result);
    }

    final Array wrap(Array array) {
        return connection.wrap(this, array);
    }

    final Object wrap(Object value) {
        return connection.wrap(this, value);
    }

    final <T> T wrap(Class<T> type, T value) {
        return connection.wrap(this, type, value);
    }

    /** A second close, and one after the lease's, does nothing. */
    @Override
    public final void close() throws SQLException {
        if (!connection.isOpen()) {
            return;
        }
        try {
            kept.close();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    @Override
    public final boolean isClosed() throws SQLException {
        Statement open = kept.raw();
        return open == null || !connection.isOpen() || open.isClosed();
    }

    @Override
    public final Connection getConnection() throws SQLException {
        raw();
        return connection;
    }

    /** The raw statement, which is about to run a text. */
    @Override
    final Statement running(String sql) throws SQLException {
        connection.physical().willRun(sql);
        return raw();
    }

    @Override
    public final boolean isWrapperFor(Class<?> type) throws SQLException {
        return type.isInstance(this) || type.isInstance(kept.raw()) || raw().isWrapperFor(type);
    }

    @Override
    public final <T> T unwrap(Class<T> type) throws SQLException {
        return connection.unwrap(this, raw(), type);
    }

    @Override
    public final String toString() {
        Statement open = kept.raw();
        return open == null ? "closed statement" : open.toString();
    }
}
