package dev.hatch.pool.jdbc;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Wrapper;
import org.jspecify.annotations.Nullable;

/** What a lease or one of its statements gave out and that ends with it. Every call asks the lease first. */
abstract class PooledPart<T> {
    final PooledConnection connection;
    final @Nullable PooledStatement statement;
    final T raw;

    PooledPart(PooledConnection connection, @Nullable PooledStatement statement, T raw) {
        this.connection = connection;
        this.statement = statement;
        this.raw = raw;
    }

    final T raw() throws SQLException {
        connection.requireOpen();
        return raw;
    }

    final SQLException failed(SQLException failure) {
        return connection.failed(failure);
    }

    final ResultSet wrap(ResultSet result) {
        return connection.wrap(statement, result);
    }

    final Array wrap(Array array) {
        return connection.wrap(statement, array);
    }

    final Object wrap(Object value) {
        return connection.wrap(statement, value);
    }

    final <V> V wrap(Class<V> type, V value) {
        return connection.wrap(statement, type, value);
    }

    public final boolean isWrapperFor(Class<?> type) throws SQLException {
        return type.isInstance(this)
                || type.isInstance(raw)
                || (raw() instanceof Wrapper wrapper && wrapper.isWrapperFor(type));
    }

    public final <V> V unwrap(Class<V> type) throws SQLException {
        return connection.unwrap(this, raw(), type);
    }

    @Override
    public final String toString() {
        return raw.toString();
    }
}
