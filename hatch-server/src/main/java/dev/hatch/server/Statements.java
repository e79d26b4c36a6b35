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

/** Describes statements and runs updates, each on a connection that is lent for that. */
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
    Description describe(RunningCalls.Call call, Lender lender, String sql) throws SQLException {
        try (Lent lent = lender.lend(call)) {
            return describe(lent.connection(), sql);
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
    long update(RunningCalls.Call call, Lender lender, String sql, List<List<@Nullable Object>> rows)
            throws SQLException {
        try (Lent lent = lender.lend(call)) {
            long changed = rows.size() > 1 && lent.transaction() == Lent.Transaction.NONE
                    ? updateAsOne(call, lent, sql, rows)
                    : updateEach(call, lent, sql, rows);
            lent.succeeded();
            return changed;
        }
    }

    private static long updateAsOne(RunningCalls.Call call, Lent lent, String sql, List<List<@Nullable Object>> rows)
            throws SQLException {
        Connection connection = lent.connection();
        connection.setAutoCommit(false);
        boolean committed = false;
        try {
            long changed = updateEach(call, lent, sql, rows);
            connection.commit();
            committed = true;
            return changed;
        } finally {
            if (lent.outlivesCall()) {
                if (!committed) {
                    connection.rollback();
                }
                connection.setAutoCommit(true);
            }
        }
    }

    private static long updateEach(RunningCalls.Call call, Lent lent, String sql, List<List<@Nullable Object>> rows)
            throws SQLException {
        long changed = 0;
        try (PreparedStatement statement = lent.connection().prepareStatement(sql)) {
            for (List<@Nullable Object> row : rows) {
                long count = update(call, lent, sql, statement, row);
                changed = count < 0 || changed < 0 ? UNKNOWN : changed + count;
            }
        }
        return changed;
    }

    private static long update(
            RunningCalls.Call call, Lent lent, String sql, PreparedStatement statement, List<@Nullable Object> row)
            throws SQLException {
        Parameters.bind(statement, row);
        try {
            call.runs(statement);
            if (!statement.execute()) {
                return Math.max(0, statement.getLargeUpdateCount());
            }
            try (ResultSet result = statement.getResultSet()) {
                // A streaming result runs only as far as it is read.
                while (result.next()) {
                    if (call.isStopped()) {
                        throw call.stopped();
                    }
                }
            }
            return UNKNOWN;
        } catch (SQLException e) {
            throw reason(call, lent, sql, row, e);
        } finally {
            call.runs(null);
        }
    }

    /** Why a statement failed; if the driver lost the message, as far as that can be found out. */
    static SQLException reason(
            RunningCalls.Call call, Lent lent, String sql, List<@Nullable Object> parameters, SQLException failure) {
        if (!StreamingFailures.isMessageLost(failure) || call.isStopped()) {
            return failure;
        }
        if (lent.outlivesCall() || !canRunAgain(lent)) {
            return StreamingFailures.unknown(failure);
        }
        StreamingFailures.Binder binder = statement -> {
            Parameters.bind(statement, parameters);
            call.runs(statement);
        };
        try {
            return StreamingFailures.reason(lent.connection(), sql, binder, TIME_TO_FIND_REASON, failure);
        } finally {
            call.runs(null);
        }
    }

    /** Ends the transaction that began with the call, which has failed. */
    private static boolean canRunAgain(Lent lent) {
        if (lent.transaction() == Lent.Transaction.NONE) {
            return true;
        }
        try {
            Sql.execute(lent.connection(), "ROLLBACK");
            return true;
        } catch (SQLException e) {
            return false;
        }
    }
}
