package dev.hatch.benchmarks;

import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.Date;
import java.sql.NClob;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.Ref;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;
import org.jspecify.annotations.Nullable;

/** A statement of nothing: it executes in no time and has no result. A connection has one, which is never closed. */
final class StubStatement implements PreparedStatement {
    private final StubConnection connection;

    StubStatement(StubConnection connection) {
        this.connection = connection;
    }

    @Override
    public void addBatch() throws SQLException {
        throw StubConnection.unsupported();
    }

    @Override
    public void clearParameters() {}

    @Override
    public boolean execute() {
        return false;
    }

    @Override
    public ResultSet executeQuery() throws SQLException {
        throw StubConnection.unsupported();
    }

    @Override
    public int executeUpdate() {
        return 0;
    }

    @Override
    public ResultSetMetaData getMetaData() throws SQLException {
        throw StubConnection.unsupported();
    }

    @Override
    public ParameterMetaData getParameterMetaData() throws SQLException {
        throw StubConnection.unsupported();
    }

    @Override
    public void setArray(int number, Array value) {}

    @Override
    public void setAsciiStream(int number, InputStream stream, int number2) {}

    @Override
    public void setAsciiStream(int number, InputStream stream, long number2) {}

    @Override
    public void setAsciiStream(int number, InputStream stream) {}

    @Override
    public void setBigDecimal(int number, BigDecimal value) {}

    @Override
    public void setBinaryStream(int number, InputStream stream, int number2) {}

    @Override
    public void setBinaryStream(int number, InputStream stream, long number2) {}

    @Override
    public void setBinaryStream(int number, InputStream stream) {}

    @Override
    public void setBlob(int number, InputStream stream, long number2) {}

    @Override
    public void setBlob(int number, InputStream stream) {}

    @Override
    public void setBlob(int number, Blob value) {}

    @Override
    public void setBoolean(int number, boolean value) {}

    @Override
    public void setByte(int number, byte value) {}

    @Override
    public void setBytes(int number, byte[] texts) {}

    @Override
    public void setCharacterStream(int number, Reader reader, int number2) {}

    @Override
    public void setCharacterStream(int number, Reader reader, long number2) {}

    @Override
    public void setCharacterStream(int number, Reader reader) {}

    @Override
    public void setClob(int number, Reader reader, long number2) {}

    @Override
    public void setClob(int number, Reader reader) {}

    @Override
    public void setClob(int number, Clob value) {}

    @Override
    public void setDate(int number, Date value, Calendar calendar) {}

    @Override
    public void setDate(int number, Date value) {}

    @Override
    public void setDouble(int number, double number2) {}

    @Override
    public void setFloat(int number, float number2) {}

    @Override
    public void setInt(int number, int number2) {}

    @Override
    public void setLong(int number, long number2) {}

    @Override
    public void setNCharacterStream(int number, Reader reader, long number2) {}

    @Override
    public void setNCharacterStream(int number, Reader reader) {}

    @Override
    public void setNClob(int number, Reader reader, long number2) {}

    @Override
    public void setNClob(int number, Reader reader) {}

    @Override
    public void setNClob(int number, NClob value) {}

    @Override
    public void setNString(int number, String text) {}

    @Override
    public void setNull(int number, int number2, String text) {}

    @Override
    public void setNull(int number, int number2) {}

    @Override
    public void setObject(int number, Object value, int number2, int number3) {}

    @Override
    public void setObject(int number, Object value, int number2) {}

    @Override
    public void setObject(int number, Object value) {}

    @Override
    public void setRef(int number, Ref value) {}

    @Override
    public void setRowId(int number, RowId value) {}

    @Override
    public void setSQLXML(int number, SQLXML value) {}

    @Override
    public void setShort(int number, short number2) {}

    @Override
    public void setString(int number, String text) {}

    @Override
    public void setTime(int number, Time value, Calendar calendar) {}

    @Override
    public void setTime(int number, Time value) {}

    @Override
    public void setTimestamp(int number, Timestamp value, Calendar calendar) {}

    @Override
    public void setTimestamp(int number, Timestamp value) {}

    @Override
    public void setURL(int number, URL value) {}

    @Override
    @Deprecated
    public void setUnicodeStream(int number, InputStream stream, int number2) {}

    @Override
    public void addBatch(String text) throws SQLException {
        throw StubConnection.unsupported();
    }

    @Override
    public void cancel() {}

    @Override
    public void clearBatch() {}

    @Override
    public void clearWarnings() {}

    @Override
    public void close() {}

    @Override
    public void closeOnCompletion() {}

    @Override
    public boolean execute(String text, int[] numbers) throws SQLException {
        throw StubConnection.unsupported();
    }

    @Override
    public boolean execute(String text, String[] texts) throws SQLException {
        throw StubConnection.unsupported();
    }

    @Override
    public boolean execute(String text, int number) throws SQLException {
        throw StubConnection.unsupported();
    }

    @Override
    public boolean execute(String text) throws SQLException {
        throw StubConnection.unsupported();
    }

    @Override
    public int[] executeBatch() throws SQLException {
        throw StubConnection.unsupported();
    }

    @Override
    public ResultSet executeQuery(String text) throws SQLException {
        throw StubConnection.unsupported();
    }

    @Override
    public int executeUpdate(String text, int[] numbers) throws SQLException {
        throw StubConnection.unsupported();
    }

    @Override
    public int executeUpdate(String text, String[] texts) throws SQLException {
        throw StubConnection.unsupported();
    }

    @Override
    public int executeUpdate(String text, int number) throws SQLException {
        throw StubConnection.unsupported();
    }

    @Override
    public int executeUpdate(String text) throws SQLException {
        throw StubConnection.unsupported();
    }

    @Override
    public Connection getConnection() {
        return connection;
    }

    @Override
    public int getFetchDirection() {
        return ResultSet.FETCH_FORWARD;
    }

    @Override
    public int getFetchSize() {
        return 0;
    }

    @Override
    public ResultSet getGeneratedKeys() throws SQLException {
        throw StubConnection.unsupported();
    }

    @Override
    public int getMaxFieldSize() {
        return 0;
    }

    @Override
    public int getMaxRows() {
        return 0;
    }

    @Override
    public boolean getMoreResults() {
        return false;
    }

    @Override
    public boolean getMoreResults(int number) {
        return false;
    }

    @Override
    public int getQueryTimeout() {
        return 0;
    }

    @Override
    public ResultSet getResultSet() throws SQLException {
        throw StubConnection.unsupported();
    }

    @Override
    public int getResultSetConcurrency() {
        return ResultSet.CONCUR_READ_ONLY;
    }

    @Override
    public int getResultSetHoldability() {
        return ResultSet.HOLD_CURSORS_OVER_COMMIT;
    }

    @Override
    public int getResultSetType() {
        return ResultSet.TYPE_FORWARD_ONLY;
    }

    @Override
    public int getUpdateCount() {
        return -1;
    }

    @Override
    public @Nullable SQLWarning getWarnings() {
        return null;
    }

    @Override
    public boolean isCloseOnCompletion() {
        return false;
    }

    @Override
    public boolean isClosed() {
        return false;
    }

    @Override
    public boolean isPoolable() {
        return false;
    }

    @Override
    public void setCursorName(String text) {}

    @Override
    public void setEscapeProcessing(boolean value) {}

    @Override
    public void setFetchDirection(int number) {}

    @Override
    public void setFetchSize(int number) {}

    @Override
    public void setMaxFieldSize(int number) {}

    @Override
    public void setMaxRows(int number) {}

    @Override
    public void setPoolable(boolean value) {}

    @Override
    public void setQueryTimeout(int number) {}

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
