package dev.hatch.pool.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** Rows of a {@link PooledStatement}, or of meta data or an array, which have none to show. */
final class PooledResultSet extends ResultSetMethods {
    PooledResultSet(PooledConnection connection, @Nullable PooledStatement statement, ResultSet raw) {
        super(connection, statement, raw);
    }

    /** Reading a row's columns is not more use than that. */
    @Override
    public boolean next() throws SQLException {
        connection.noteUse();
        return super.next();
    }

    @Override
    public void close() throws SQLException {
        if (connection.isOpen()) {
            try {
                raw.close();
            } catch (SQLException e) {
                throw failed(e);
            }
        }
    }

    @Override
    public boolean isClosed() throws SQLException {
        return !connection.isOpen() || raw.isClosed();
    }

    @Override
    public @Nullable Statement getStatement() throws SQLException {
        connection.requireOpen();
        return statement;
    }
}
