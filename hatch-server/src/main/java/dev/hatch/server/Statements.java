package dev.hatch.server;

import dev.hatch.duckdb.StreamingFailures;
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
    private static final Duration TIME_TO_FIND_REASON = Duration.ofSeconds(10);
    private static final long UNKNOWN = -1;

    private final DuckDbTypes types;

    Statements(DuckDbTypes types) {
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
    Description describe(RunningCalls.Call call, String sql) throws SQLException {
        try (Connection lease = call.lease()) {
            return describe(lease, sql);
        }
    }

    private Description describe(Connection lease, String sql) throws SQLException {
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
    long update(RunningCalls.Call call, String sql, List<List<@Nullable Object>> rows) throws SQLException {
        try (Connection lease = call.lease()) {
            if (rows.size() == 1) {
                return updateOnce(call, lease, sql, rows.get(0));
            }
            lease.setAutoCommit(false);
            long changed = 0;
            try (PreparedStatement statement = lease.prepareStatement(sql)) {
                for (List<@Nullable Object> row : rows) {
                    long count = update(call, statement, row);
                    changed = count < 0 || changed < 0 ? UNKNOWN : changed + count;
                }
            }
            lease.commit();
            return changed;
        }
    }

    private static long updateOnce(
            RunningCalls.Call call, Connection lease, String sql, List<@Nullable Object> parameters)
            throws SQLException {
        try (PreparedStatement statement = lease.prepareStatement(sql)) {
            return update(call, statement, parameters);
        } catch (SQLException e) {
            throw StreamingFailures.isMessageLost(e) && !call.isStopped() ? reason(call, lease, sql, parameters, e) : e;
        }
    }

    private static long update(RunningCalls.Call call, PreparedStatement statement, List<@Nullable Object> parameters)
            throws SQLException {
        Parameters.bind(statement, parameters);
        try {
            call.runs(statement);
            if (!statement.execute()) {
                return Math.max(0, statement.getLargeUpdateCount());
            }
            try (ResultSet rows = statement.getResultSet()) {
                // A streaming result runs only as far as it is read.
                while (rows.next()) {
                    if (call.isStopped()) {
                        throw call.stopped();
                    }
                }
            }
            return UNKNOWN;
        } finally {
            call.runs(null);
        }
    }

    /** Why a query failed whose message was lost, as far as that can be found out. */
    static SQLException reason(
            RunningCalls.Call call,
            Connection lease,
            String sql,
            List<@Nullable Object> parameters,
            SQLException failure) {
        StreamingFailures.Binder binder = statement -> {
            Parameters.bind(statement, parameters);
            call.runs(statement);
        };
        try {
            return StreamingFailures.reason(lease, sql, binder, TIME_TO_FIND_REASON, failure);
        } finally {
            call.runs(null);
        }
    }
}
