package dev.hatch.server;

import dev.hatch.arrow.Appender;
import dev.hatch.arrow.RecordBuilder;
import dev.hatch.arrow.RecordBuilderPool;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.sql.FlightSqlProducer.Schemas;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetDbSchemas;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetTables;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlInfo;
import org.apache.arrow.vector.types.pojo.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the server is, and what there is in the database: catalogs, schemas, tables and their types, each as one batch. */
final class Metadata {
    private static final Logger LOG = LoggerFactory.getLogger(HatchServer.class);

    /** Of the members of the value's union. */
    private static final int INFO_STRING = 0;

    private static final int INFO_BOOL = 1;

    /** By their numbers in Flight SQL. */
    private static final SortedMap<Integer, Object> SQL_INFO = new TreeMap<>(Map.of(
            SqlInfo.FLIGHT_SQL_SERVER_NAME_VALUE,
            "Hatch",
            SqlInfo.FLIGHT_SQL_SERVER_VERSION_VALUE,
            Versions.hatch(),
            SqlInfo.FLIGHT_SQL_SERVER_ARROW_VERSION_VALUE,
            Versions.arrow(),
            SqlInfo.FLIGHT_SQL_SERVER_READ_ONLY_VALUE,
            false,
            SqlInfo.FLIGHT_SQL_SERVER_SQL_VALUE,
            true,
            SqlInfo.FLIGHT_SQL_SERVER_SUBSTRAIT_VALUE,
            false,
            SqlInfo.SQL_IDENTIFIER_QUOTE_CHAR_VALUE,
            "\""));

    private final RecordBuilderPool builders;
    private final Statements statements;

    Metadata(RecordBuilderPool builders, Statements statements) {
        this.builders = builders;
        this.statements = statements;
    }

    /**
     * What the server is and can do.
     *
     * @param wanted the numbers of what is asked for; none: all that there is
     */
    void sendSqlInfo(List<Integer> wanted, ServerStreamListener listener) {
        try (RecordBuilder builder = builders.get(Schemas.GET_SQL_INFO_SCHEMA)) {
            Appender union = builder.column("value");
            for (int number : wanted.isEmpty() ? SQL_INFO.keySet() : wanted) {
                Object value = SQL_INFO.get(number);
                builder.append(0, number);
                if (value instanceof String text) {
                    union.begin(INFO_STRING).append(text);
                } else if (value instanceof Boolean is) {
                    union.begin(INFO_BOOL).append(is);
                } else {
                    throw CallStatus.INVALID_ARGUMENT
                            .withDescription(
                                    "there is no SQL info of the number " + number + ": only of " + SQL_INFO.keySet())
                            .toRuntimeException();
                }
                builder.endRow();
            }
            sendBatch(builder, listener);
        }
    }

    void sendCatalogs(RunningCalls.Call call, ServerStreamListener listener) throws SQLException {
        String sql = "SELECT database_name FROM duckdb_databases() WHERE NOT internal ORDER BY 1";
        send(call, Schemas.GET_CATALOGS_SCHEMA, sql, List.of(), listener);
    }

    void sendTableTypes(RunningCalls.Call call, ServerStreamListener listener) throws SQLException {
        String sql = "VALUES ('BASE TABLE'), ('LOCAL TEMPORARY'), ('VIEW')";
        send(call, Schemas.GET_TABLE_TYPES_SCHEMA, sql, List.of(), listener);
    }

    void sendSchemas(RunningCalls.Call call, CommandGetDbSchemas command, ServerStreamListener listener)
            throws SQLException {
        Filter filter = new Filter("SELECT catalog_name, schema_name FROM information_schema.schemata");
        if (command.hasCatalog()) {
            filter.equal("catalog_name", command.getCatalog());
        }
        if (command.hasDbSchemaFilterPattern()) {
            filter.like("schema_name", command.getDbSchemaFilterPattern());
        }
        send(call, Schemas.GET_SCHEMAS_SCHEMA, filter.orderedBy("1, 2"), filter.values, listener);
    }

    void sendTables(RunningCalls.Call call, CommandGetTables command, ServerStreamListener listener)
            throws SQLException {
        Filter filter =
                new Filter("SELECT table_catalog, table_schema, table_name, table_type FROM information_schema.tables");
        if (command.hasCatalog()) {
            filter.equal("table_catalog", command.getCatalog());
        }
        if (command.hasDbSchemaFilterPattern()) {
            filter.like("table_schema", command.getDbSchemaFilterPattern());
        }
        if (command.hasTableNameFilterPattern()) {
            filter.like("table_name", command.getTableNameFilterPattern());
        }
        if (command.getTableTypesCount() > 0) {
            filter.in("table_type", command.getTableTypesList());
        }
        boolean withSchema = command.getIncludeSchema();
        send(
                call,
                withSchema ? Schemas.GET_TABLES_SCHEMA : Schemas.GET_TABLES_SCHEMA_NO_SCHEMA,
                filter.orderedBy("1, 2, 3, 4"),
                filter.values,
                listener);
    }

    /** Text columns come from the query as they are; a fifth, of bytes, is the schema of the table in the first three. */
    private void send(
            RunningCalls.Call call, Schema schema, String sql, List<String> values, ServerStreamListener listener)
            throws SQLException {
        // Read to the end before the tables are described: each takes a lease, and one call must not hold two.
        List<List<String>> rows = rows(call, sql, values);
        try (RecordBuilder builder = builders.get(schema)) {
            for (List<String> row : rows) {
                for (int column = 0; column < row.size(); column++) {
                    builder.append(column, row.get(column));
                }
                if (schema.getFields().size() > row.size()) {
                    builder.append(row.size(), tableSchema(call, row));
                }
                builder.endRow();
            }
            sendBatch(builder, listener);
        }
    }

    /** Copied by the time that it returns, as nobody asked for a stream without a copy. */
    private static void sendBatch(RecordBuilder builder, ServerStreamListener listener) {
        listener.start(builder.lend());
        listener.putNext();
        listener.completed();
    }

    private List<List<String>> rows(RunningCalls.Call call, String sql, List<String> values) throws SQLException {
        try (Connection lease = call.lease();
                PreparedStatement statement = lease.prepareStatement(sql)) {
            for (int i = 0; i < values.size(); i++) {
                statement.setString(i + 1, values.get(i));
            }
            List<List<String>> rows = new ArrayList<>();
            call.runs(statement);
            try (ResultSet result = statement.executeQuery()) {
                int columns = result.getMetaData().getColumnCount();
                while (result.next()) {
                    List<String> row = new ArrayList<>();
                    for (int column = 1; column <= columns; column++) {
                        row.add(result.getString(column));
                    }
                    rows.add(row);
                }
            } finally {
                call.runs(null);
            }
            return rows;
        }
    }

    /** Without columns where it has none that can be sent: a view of a table that is gone, an ENUM in a list. */
    private byte[] tableSchema(RunningCalls.Call call, List<String> table) throws SQLException {
        Schema columns = null;
        try {
            columns = statements
                    .describe(
                            call,
                            "SELECT * FROM " + quoted(table.get(0)) + "." + quoted(table.get(1)) + "."
                                    + quoted(table.get(2)))
                    .schema();
        } catch (SQLTransientConnectionException e) {
            throw e;
        } catch (SQLException | FlightRuntimeException e) {
            if (call.isStopped()) {
                throw e;
            }
            LOG.debug("table {} is listed without columns", table, e);
        }
        return (columns == null ? new Schema(List.of()) : columns).serializeAsMessage();
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** Conditions on a SELECT, joined by AND, and the values of their parameters. */
    private static final class Filter {
        private final StringBuilder sql;
        private final List<String> values = new ArrayList<>();

        Filter(String select) {
            sql = new StringBuilder(select);
        }

        void equal(String column, String value) {
            condition(column + " = ?", value);
        }

        /** The patterns of Flight SQL are those of LIKE. */
        void like(String column, String pattern) {
            condition(column + " LIKE ? ESCAPE '\\'", pattern);
        }

        void in(String column, List<String> anyOf) {
            condition(column + " IN (" + "?, ".repeat(anyOf.size() - 1) + "?)", anyOf.toArray(String[]::new));
        }

        private void condition(String condition, String... parameters) {
            sql.append(values.isEmpty() ? " WHERE " : " AND ").append(condition);
            values.addAll(List.of(parameters));
        }

        String orderedBy(String columns) {
            return sql + " ORDER BY " + columns;
        }
    }
}
