package dev.hatch.benchmarks;

import java.sql.Array;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.NClob;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLWarning;
import java.sql.SQLXML;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Struct;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A connection to nothing: what a pool asks of it when it opens, lends and takes it back costs next to nothing, so that
 * the pool is measured and not the driver. It prepares one statement, which does nothing.
 */
final class StubConnection implements Connection {
    private final StubStatement statement = new StubStatement(this);
    private boolean autoCommit = true;
    private volatile boolean closed;

    static SQLException unsupported() {
        return new SQLFeatureNotSupportedException("a connection to nothing");
    }

    @Override
    public Statement createStatement() throws SQLException {
        throw unsupported();
    }

    @Override
    public PreparedStatement prepareStatement(String text) {
        return statement;
    }

    @Override
    public CallableStatement prepareCall(String text) throws SQLException {
        throw unsupported();
    }

    @Override
    public String nativeSQL(String text) throws SQLException {
        throw unsupported();
    }

    @Override
    public void setAutoCommit(boolean value) {
        autoCommit = value;
    }

    @Override
    public boolean getAutoCommit() {
        return autoCommit;
    }

    @Override
    public void commit() {}

    @Override
    public void rollback() {}

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public DatabaseMetaData getMetaData() throws SQLException {
        throw unsupported();
    }

    @Override
    public void setReadOnly(boolean value) {}

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public void setCatalog(String text) {}

    @Override
    public String getCatalog() {
        return "stub";
    }

    @Override
    public void setTransactionIsolation(int number) {}

    @Override
    public int getTransactionIsolation() {
        return TRANSACTION_READ_COMMITTED;
    }

    @Override
    public @Nullable SQLWarning getWarnings() {
        return null;
    }

    @Override
    public void clearWarnings() {}

    @Override
    public Statement createStatement(int number, int number2) throws SQLException {
        throw unsupported();
    }

    @Override
    public PreparedStatement prepareStatement(String text, int number, int number2) throws SQLException {
        throw unsupported();
    }

    @Override
    public CallableStatement prepareCall(String text, int number, int number2) throws SQLException {
        throw unsupported();
    }

    @Override
    public Map<String, Class<?>> getTypeMap() throws SQLException {
        throw unsupported();
    }

    @Override
    public void setTypeMap(Map<String, Class<?>> map) throws SQLException {
        throw unsupported();
    }

    @Override
    public void setHoldability(int number) {}

    @Override
    public int getHoldability() {
        return ResultSet.HOLD_CURSORS_OVER_COMMIT;
    }

    @Override
    public Savepoint setSavepoint() throws SQLException {
        throw unsupported();
    }

    @Override
    public Savepoint setSavepoint(String text) throws SQLException {
        throw unsupported();
    }

    @Override
    public void rollback(Savepoint savepoint) throws SQLException {
        throw unsupported();
    }

    @Override
    public void releaseSavepoint(Savepoint savepoint) throws SQLException {
        throw unsupported();
    }

    @Override
    public Statement createStatement(int number, int number2, int number3) throws SQLException {
        throw unsupported();
    }

    @Override
    public PreparedStatement prepareStatement(String text, int number, int number2, int number3) throws SQLException {
        throw unsupported();
    }

    @Override
    public CallableStatement prepareCall(String text, int number, int number2, int number3) throws SQLException {
        throw unsupported();
    }

    @Override
    public PreparedStatement prepareStatement(String text, int number) throws SQLException {
        throw unsupported();
    }

    @Override
    public PreparedStatement prepareStatement(String text, int[] numbers) throws SQLException {
        throw unsupported();
    }

    @Override
    public PreparedStatement prepareStatement(String text, String[] texts) throws SQLException {
        throw unsupported();
    }

    @Override
    public Clob createClob() throws SQLException {
        throw unsupported();
    }

    @Override
    public Blob createBlob() throws SQLException {
        throw unsupported();
    }

    @Override
    public NClob createNClob() throws SQLException {
        throw unsupported();
    }

    @Override
    public SQLXML createSQLXML() throws SQLException {
        throw unsupported();
    }

    @Override
    public boolean isValid(int number) {
        return !closed;
    }

    @Override
    public void setClientInfo(String text, String text2) {}

    @Override
    public void setClientInfo(Properties properties) {}

    @Override
    public String getClientInfo(String text) throws SQLException {
        throw unsupported();
    }

    @Override
    public Properties getClientInfo() throws SQLException {
        throw unsupported();
    }

    @Override
    public Array createArrayOf(String text, Object[] values) throws SQLException {
        throw unsupported();
    }

    @Override
    public Struct createStruct(String text, Object[] values) throws SQLException {
        throw unsupported();
    }

    @Override
    public void setSchema(String text) {}

    @Override
    public String getSchema() {
        return "stub";
    }

    @Override
    public void abort(Executor executor) {
        closed = true;
    }

    @Override
    public void setNetworkTimeout(Executor executor, int number) {}

    @Override
    public int getNetworkTimeout() {
        return 0;
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (!type.isInstance(this)) {
            throw new SQLException("not a " + type.getName());
        }
        return type.cast(this);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return type.isInstance(this);
    }
}
