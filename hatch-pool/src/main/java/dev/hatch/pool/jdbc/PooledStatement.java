package dev.hatch.pool.jdbc;

import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** A statement made on a lease, which closes it on return. Every call asks the lease first. */
class PooledStatement extends StatementMethods {
    /** SQLState of ODBC: function sequence error. */
    private static final String CLOSED = "HY010";

    final PooledConnection connection;

    /** Null once it is closed. Plain: a thread that sees that late closes it again, which does nothing. */
    private @Nullable Statement raw;

    /** Of the {@link PhysicalConnection}'s stack. */
    @Nullable PooledStatement below;

    PooledStatement(PooledConnection connection, Statement raw) {
        this.connection = connection;
        this.raw = raw;
    }

    @Override
    Statement raw() throws SQLException {
        connection.requireOpen();
        Statement open = raw;
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
            closeRaw();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Also by the pool, when the lease is over. One that cannot be closed stays open, and its connection is not kept. */
    final void closeRaw() throws SQLException {
        Statement open = raw;
        if (open != null) {
            open.close();
            raw = null;
        }
    }

    /** By any thread, while another may be running it. */
    final void cancelRaw() {
        Statement open = raw;
        if (open != null) {
            try {
                open.cancel();
            } catch (SQLException | RuntimeException | AbstractMethodError e) {
                // Closed meanwhile, or the driver cannot.
            }
        }
    }

    /** Whether it was closed here. */
    final boolean isDone() {
        return raw == null;
    }

    @Override
    public final boolean isClosed() throws SQLException {
        Statement open = raw;
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
        return type.isInstance(this) || type.isInstance(raw) || raw().isWrapperFor(type);
    }

    @Override
    public final <T> T unwrap(Class<T> type) throws SQLException {
        return connection.unwrap(this, raw(), type);
    }

    @Override
    public final String toString() {
        Statement open = raw;
        return open == null ? "closed statement" : open.toString();
    }
}
