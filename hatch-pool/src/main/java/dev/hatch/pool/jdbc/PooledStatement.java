package dev.hatch.pool.jdbc;

import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** A statement made on a lease, which closes it on return. Every call asks the lease first. */
class PooledStatement extends StatementMethods {
    final PooledConnection connection;
    private final Statement raw;

    /** Of the {@link PhysicalConnection}'s stack. */
    @Nullable PooledStatement below;

    /** That it was closed: written before the stack is asked to let it go. */
    private volatile boolean done;

    PooledStatement(PooledConnection connection, Statement raw) {
        this.connection = connection;
        this.raw = raw;
    }

    @Override
    Statement raw() throws SQLException {
        connection.requireOpen();
        return raw;
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
        if (done || !connection.isOpen()) {
            return;
        }
        try {
            raw.close();
        } catch (SQLException e) {
            throw failed(e);
        }
        done = true;
        connection.closedStatement();
    }

    /** By the pool, when the lease is over. */
    final void closeRaw() throws SQLException {
        if (!done) {
            done = true;
            raw.close();
        }
    }

    final boolean isDone() {
        return done;
    }

    @Override
    public final boolean isClosed() throws SQLException {
        return done || !connection.isOpen() || raw.isClosed();
    }

    @Override
    public final Connection getConnection() throws SQLException {
        connection.requireOpen();
        return connection;
    }

    /** The raw statement, which is about to run a text. */
    @Override
    final Statement running(String sql) throws SQLException {
        connection.physical().willRun(sql);
        return raw;
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
        return raw.toString();
    }
}
