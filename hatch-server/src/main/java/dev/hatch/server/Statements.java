package dev.hatch.server;

import dev.hatch.duckdb.StreamingFailures;
import dev.hatch.pool.jdbc.ConnectionPool;
import java.sql.Connection;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.duckdb.DuckDBResultSetMetaData;
import org.duckdb.StatementReturnType;
import org.jspecify.annotations.Nullable;

/** Describes statements and runs updates, each on a lease of its own that is returned at once. */
final class Statements {
    static final Duration TIME_TO_FIND_REASON = Duration.ofSeconds(10);
    private static final long UNKNOWN = -1;

    private final ConnectionPool pool;
    private final DuckDbTypes types;

    Statements(ConnectionPool pool, DuckDbTypes types) {
        this.pool = pool;
        this.types = types;
    }

    /**
     * What a statement takes and gives.
     *
     * @param schema the result's columns; null where a type depends on a parameter's value
     * @param parameters a field for each parameter
     * @param returnsRows whether it gives rows, rather than a count or nothing
     */
    record Description(@Nullable Schema schema, Schema parameters, boolean returnsRows) {}

    /** Prepares a single statement, which runs nothing. */
    Description describe(String sql) throws SQLException {
        try (Connection lease = pool.getConnection()) {
            return describe(lease, sql);
        }
    }

    /** As {@link #describe(String)}, on a lease that the caller holds. */
    Description describe(Connection lease, String sql) throws SQLException {
        try (PreparedStatement statement = lease.prepareStatement(sql)) {
            DuckDBResultSetMetaData columns = (DuckDBResultSetMetaData) statement.getMetaData();
            StatementReturnType type = columns.getReturnType();
            Schema schema = switch (type) {
                case QUERY_RESULT -> schema(columns);
                case CHANGED_ROWS -> ResultStream.COUNT;
                case NOTHING -> new Schema(List.of());
            };
            return new Description(
                    schema, parameters(statement.getParameterMetaData()), type == StatementReturnType.QUERY_RESULT);
        }
    }

    private @Nullable Schema schema(DuckDBResultSetMetaData columns) throws SQLException {
        List<Field> fields = new ArrayList<>();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            String type = columns.getColumnTypeName(i);
            if (type.equals("UNKNOWN")) {
                return null;
            }
            fields.add(types.field(columns.getColumnName(i), type));
        }
        return new Schema(fields);
    }

    private Schema parameters(ParameterMetaData parameters) throws SQLException {
        List<Field> fields = new ArrayList<>();
        for (int i = 1; i <= parameters.getParameterCount(); i++) {
            fields.add(types.parameter("$" + i, parameters.getParameterTypeName(i)));
        }
        return new Schema(fields);
    }

    /**
     * Runs a single statement once for each row of parameters, all or none of it.
     *
     * @return the rows changed in all; -1 if that is not known, because the statement returned rows instead
     */
    long update(String sql, List<List<@Nullable Object>> rows) throws SQLException {
        try (Connection lease = pool.getConnection()) {
            if (rows.size() == 1) {
                return updateOnce(lease, sql, rows.get(0));
            }
            lease.setAutoCommit(false);
            long changed = 0;
            try (PreparedStatement statement = lease.prepareStatement(sql)) {
                for (List<@Nullable Object> row : rows) {
                    long count = update(statement, row);
                    changed = count < 0 || changed < 0 ? UNKNOWN : changed + count;
                }
            }
            lease.commit();
            return changed;
        }
    }

    private static long updateOnce(Connection lease, String sql, List<@Nullable Object> parameters)
            throws SQLException {
        try (PreparedStatement statement = lease.prepareStatement(sql)) {
            return update(statement, parameters);
        } catch (SQLException e) {
            throw StreamingFailures.isMessageLost(e)
                    ? StreamingFailures.reason(
                            lease, sql, again -> Parameters.bind(again, parameters), TIME_TO_FIND_REASON, e)
                    : e;
        }
    }

    private static long update(PreparedStatement statement, List<@Nullable Object> parameters) throws SQLException {
        Parameters.bind(statement, parameters);
        if (!statement.execute()) {
            return Math.max(0, statement.getLargeUpdateCount());
        }
        try (ResultSet rows = statement.getResultSet()) {
            // A streaming result runs only as far as it is read.
            while (rows.next()) {}
        }
        return UNKNOWN;
    }
}
