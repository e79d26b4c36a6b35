package dev.hatch.pool.jdbc;

import dev.hatch.pool.Claim;
import dev.hatch.pool.LeaseClosedException;
import java.sql.Array;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.sql.Wrapper;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One caller's hold on a connection: what {@link ConnectionPool#getConnection} gives. It is the lease itself, a small object of
 * its own for each caller, so nobody reaches another's connection through one that he kept.
 */
final class PooledConnection extends ConnectionMethods {
    PooledConnection(Claim<PhysicalConnection> claim) {
        super(claim);
    }

    PhysicalConnection physical() throws SQLException {
        try {
            PhysicalConnection physical = resource();
            used();
            return physical;
        } catch (LeaseClosedException e) {
            throw new SQLNonTransientConnectionException(
                    "this connection was given back to its pool; it cannot be used after close()",
                    LeasingConnectionPool.CLOSED);
        }
    }

    @Override
    Connection raw() throws SQLException {
        return physical().raw();
    }

    /** Of what it gave out, for a call that {@link #physical} does not see. */
    void noteUse() {
        used();
    }

    void requireOpen() throws SQLException {
        if (!isOpen()) {
            physical();
        }
    }

    /** The connection is not lent again if the failure says that it is lost. */
    @Override
    SQLException failed(SQLException failure) {
        if (Failures.isFatal(failure)) {
            breakIt();
        } else {
            try {
                if (physical().database().isFatal(failure)) {
                    breakIt();
                }
            } catch (SQLException e) {
                // Closed: nothing to mark.
            }
        }
        return failure;
    }

    /** The connection is lost: it is not lent again, nor asked for anything before it is closed. */
    void breakIt() {
        markBroken();
        try {
            physical().giveUp();
        } catch (SQLException e) {
            // Closed: nothing to mark.
        }
    }

    // What leads back to the connection is wrapped. Drivers return null where JDBC lets them.

    @SuppressWarnings("NullAway")
    ResultSet wrap(@Nullable PooledStatement statement, ResultSet result) {
        return result == null ? null : new PooledResultSet(this, statement, result);
    }

    @SuppressWarnings("NullAway")
    Array wrap(@Nullable PooledStatement statement, Array array) {
        return array == null ? null : new PooledArray(this, statement, array);
    }

    @Override
    Array wrap(Array array) {
        return wrap(null, array);
    }

    Object wrap(@Nullable PooledStatement statement, Object value) {
        if (value instanceof ResultSet result) {
            return wrap(statement, result);
        }
        return value instanceof Array array ? wrap(statement, array) : value;
    }

    /** A user who asks for the driver's own class gets that. */
    <T> T wrap(@Nullable PooledStatement statement, Class<T> type, T value) {
        Object wrapped = wrap(statement, (Object) value);
        return type.isInstance(wrapped) ? type.cast(wrapped) : value;
    }

    <T> T unwrap(Object self, Object raw, Class<T> type) throws SQLException {
        if (type.isInstance(self)) {
            return type.cast(self);
        }
        physical().unwrapped();
        if (type.isInstance(raw)) {
            return type.cast(raw);
        }
        if (raw instanceof Wrapper wrapper) {
            try {
                return wrapper.unwrap(type);
            } catch (SQLException e) {
                throw failed(e);
            }
        }
        throw new SQLException(
                "neither the pool's object nor the driver's " + raw.getClass().getName() + " is a " + type.getName());
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        return unwrap(this, raw(), type);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) throws SQLException {
        Connection raw = raw();
        return type.isInstance(this) || type.isInstance(raw) || raw.isWrapperFor(type);
    }

    // Statements

    private interface Maker<R> {
        R make(Connection raw) throws SQLException;
    }

    private interface Wrap<R, S> {
        S of(PooledConnection connection, R raw);
    }

    private <R> R made(PhysicalConnection physical, Maker<R> maker) throws SQLException {
        try {
            return maker.make(physical.raw());
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** @param sql what it is prepared for; null if nothing yet */
    private <R extends Statement, S extends PooledStatement> S kept(
            @Nullable String sql, Maker<R> maker, Wrap<R, S> wrap) throws SQLException {
        PhysicalConnection physical = physical();
        if (sql != null) {
            physical.willRun(sql);
        }
        R raw = made(physical, maker);
        S statement = wrap.of(this, raw);
        try {
            physical.push(statement.kept);
            physical.limit(raw);
            requireOpen();
            return statement;
        } catch (Throwable e) {
            // Whoever closed the lease meanwhile may not have seen it.
            statement.kept.close();
            throw e;
        }
    }

    private Statement created(Maker<Statement> maker) throws SQLException {
        return kept(null, maker, PooledStatement::new);
    }

    private PreparedStatement prepared(String sql, Maker<PreparedStatement> maker) throws SQLException {
        return kept(sql, maker, PooledPreparedStatement::new);
    }

    private CallableStatement preparedCall(String sql, Maker<CallableStatement> maker) throws SQLException {
        return kept(sql, maker, PooledCallableStatement::new);
    }

    @Override
    public Statement createStatement() throws SQLException {
        return created(raw -> raw.createStatement());
    }

    @Override
    public Statement createStatement(int resultSetType, int resultSetConcurrency) throws SQLException {
        return created(raw -> raw.createStatement(resultSetType, resultSetConcurrency));
    }

    @Override
    public Statement createStatement(int resultSetType, int resultSetConcurrency, int resultSetHoldability)
            throws SQLException {
        return created(raw -> raw.createStatement(resultSetType, resultSetConcurrency, resultSetHoldability));
    }

    @Override
    public PreparedStatement prepareStatement(String sql) throws SQLException {
        return prepared(sql, raw -> raw.prepareStatement(sql));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int resultSetType, int resultSetConcurrency)
            throws SQLException {
        return prepared(sql, raw -> raw.prepareStatement(sql, resultSetType, resultSetConcurrency));
    }

    @Override
    public PreparedStatement prepareStatement(
            String sql, int resultSetType, int resultSetConcurrency, int resultSetHoldability) throws SQLException {
        return prepared(
                sql, raw -> raw.prepareStatement(sql, resultSetType, resultSetConcurrency, resultSetHoldability));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int autoGeneratedKeys) throws SQLException {
        return prepared(sql, raw -> raw.prepareStatement(sql, autoGeneratedKeys));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int[] columnIndexes) throws SQLException {
        return prepared(sql, raw -> raw.prepareStatement(sql, columnIndexes));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, String[] columnNames) throws SQLException {
        return prepared(sql, raw -> raw.prepareStatement(sql, columnNames));
    }

    @Override
    public CallableStatement prepareCall(String sql) throws SQLException {
        return preparedCall(sql, raw -> raw.prepareCall(sql));
    }

    @Override
    public CallableStatement prepareCall(String sql, int resultSetType, int resultSetConcurrency) throws SQLException {
        return preparedCall(sql, raw -> raw.prepareCall(sql, resultSetType, resultSetConcurrency));
    }

    @Override
    public CallableStatement prepareCall(
            String sql, int resultSetType, int resultSetConcurrency, int resultSetHoldability) throws SQLException {
        return preparedCall(
                sql, raw -> raw.prepareCall(sql, resultSetType, resultSetConcurrency, resultSetHoldability));
    }

    @Override
    public DatabaseMetaData getMetaData() throws SQLException {
        PhysicalConnection physical = physical();
        physical.willRun("");
        return new PooledDatabaseMetaData(this, made(physical, Connection::getMetaData));
    }

    // Attributes

    private void change(Attribute attribute, PhysicalConnection.Setting setting) throws SQLException {
        PhysicalConnection physical = physical();
        try {
            physical.change(attribute, setting);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    @Override
    public void setAutoCommit(boolean autoCommit) throws SQLException {
        PhysicalConnection physical = physical();
        try {
            physical.changeAutoCommit(autoCommit);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    @Override
    public void setReadOnly(boolean readOnly) throws SQLException {
        change(Attribute.READ_ONLY, raw -> raw.setReadOnly(readOnly));
    }

    @Override
    public void setTransactionIsolation(int level) throws SQLException {
        change(Attribute.ISOLATION, raw -> raw.setTransactionIsolation(level));
    }

    @Override
    public void setHoldability(int holdability) throws SQLException {
        change(Attribute.HOLDABILITY, raw -> raw.setHoldability(holdability));
    }

    @Override
    public void setCatalog(String catalog) throws SQLException {
        change(Attribute.CATALOG, raw -> raw.setCatalog(catalog));
    }

    @Override
    public void setSchema(String schema) throws SQLException {
        change(Attribute.SCHEMA, raw -> raw.setSchema(schema));
    }

    @Override
    public void setNetworkTimeout(Executor executor, int milliseconds) throws SQLException {
        change(Attribute.NETWORK_TIMEOUT, raw -> raw.setNetworkTimeout(executor, milliseconds));
    }

    /** A copy, so that what the user does to it changes nothing before {@link #setTypeMap}. */
    @Override
    public @Nullable Map<String, Class<?>> getTypeMap() throws SQLException {
        try {
            return Attribute.copy(raw().getTypeMap());
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    @Override
    public void setTypeMap(Map<String, Class<?>> map) throws SQLException {
        change(Attribute.TYPE_MAP, raw -> raw.setTypeMap(map));
    }

    /** A copy, as {@link #getTypeMap} gives. */
    @Override
    public @Nullable Properties getClientInfo() throws SQLException {
        try {
            return Attribute.copy(raw().getClientInfo());
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    @Override
    public void setClientInfo(String name, String value) throws SQLClientInfoException {
        changeClientInfo(raw -> raw.setClientInfo(name, value));
    }

    @Override
    public void setClientInfo(Properties properties) throws SQLClientInfoException {
        changeClientInfo(raw -> raw.setClientInfo(properties));
    }

    private void changeClientInfo(PhysicalConnection.Setting setting) throws SQLClientInfoException {
        try {
            change(Attribute.CLIENT_INFO, setting);
        } catch (SQLClientInfoException e) {
            throw e;
        } catch (SQLException e) {
            throw new SQLClientInfoException(e.getMessage(), e.getSQLState(), Map.of(), e);
        }
    }

    // The end

    @Override
    public boolean isClosed() {
        return !isOpen();
    }

    /** One that is not is not lent again: the driver may tell nobody else. */
    @Override
    public boolean isValid(int timeout) throws SQLException {
        if (timeout < 0) {
            throw new SQLException("timeout is " + timeout + ": at least 0 s");
        }
        if (!isOpen()) {
            return false;
        }
        try {
            boolean valid = raw().isValid(timeout);
            if (!valid) {
                breakIt();
            }
            return valid;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Ends the connection, not only the lease: what it runs is ended as well, as far as the driver can. */
    @Override
    public void abort(Executor executor) throws SQLException {
        if (!isOpen()) {
            return;
        }
        breakIt();
        try {
            raw().abort(executor);
        } finally {
            close();
        }
    }

    /** Gives the connection back. A second close does nothing. */
    @Override
    public void close() {
        super.close();
    }

    @Override
    public String toString() {
        return isOpen() ? "lease of " + resource() : "closed lease";
    }
}
