package dev.hatch.server;

import dev.hatch.arrow.RecordBuilder;
import dev.hatch.arrow.RecordBuilderPool;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.flight.sql.FlightSqlProducer.Schemas;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetDbSchemas;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetTables;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What there is in the database: catalogs, schemas, tables and their types. DuckDB's own catalogs are left out, but for
 * the temporary objects of the lease that is asked.
 */
final class Metadata {
    /** As {@code information_schema.tables} has them, and as clients of DuckDB know them. */
    private static final List<String> TABLE_TYPES = List.of("BASE TABLE", "LOCAL TEMPORARY", "VIEW");

    private static final String TABLES = """
            SELECT t.table_catalog, t.table_schema, t.table_name, t.table_type
            FROM information_schema.tables t
            WHERE true""";

    /** A row for each column; one without a column for what has none, such as a view of a table that is gone. */
    private static final String TABLES_WITH_COLUMNS = """
            SELECT t.table_catalog, t.table_schema, t.table_name, t.table_type, %s
            FROM information_schema.tables t
            JOIN duckdb_databases() d ON d.database_name = t.table_catalog
            LEFT JOIN duckdb_columns() c
                ON c.database_name = t.table_catalog AND c.schema_name = t.table_schema AND c.table_name = t.table_name
            WHERE true""".formatted(TableColumns.SELECTED);

    private final RecordBuilderPool builders;
    private final TableColumns columns;

    /** A row of the list of tables. */
    record Table(String catalog, String schema, String name, String type) {
        static Table of(ResultSet row) throws SQLException {
            return new Table(row.getString(1), row.getString(2), row.getString(3), row.getString(4));
        }

        void appendTo(RecordBuilder row) {
            row.append(0, catalog).append(1, schema).append(2, name).append(3, type);
        }
    }

    Metadata(RecordBuilderPool builders, DuckDbTypes types) {
        this.builders = builders;
        columns = new TableColumns(types);
    }

    void sendCatalogs(RunningCalls.Call call, ClientStream client) throws SQLException {
        MetadataQuery query = new MetadataQuery("SELECT database_name FROM duckdb_databases() WHERE NOT internal");
        sendTexts(call, query, "1", Schemas.GET_CATALOGS_SCHEMA, client);
    }

    void sendTableTypes(ClientStream client) {
        try (MetadataBatches batches = new MetadataBatches(builders, Schemas.GET_TABLE_TYPES_SCHEMA, client)) {
            for (String type : TABLE_TYPES) {
                batches.row().append(0, type);
                batches.endRow();
            }
            batches.end();
        }
    }

    void sendSchemas(RunningCalls.Call call, CommandGetDbSchemas command, ClientStream client) throws SQLException {
        MetadataQuery query = new MetadataQuery("""
                SELECT s.database_name, s.schema_name
                FROM duckdb_schemas() s JOIN duckdb_databases() d ON s.database_name = d.database_name
                WHERE NOT d.internal""");
        if (command.hasCatalog()) {
            query.equal("s.database_name", command.getCatalog());
        }
        if (command.hasDbSchemaFilterPattern()) {
            query.like("s.schema_name", command.getDbSchemaFilterPattern());
        }
        sendTexts(call, query, "1, 2", Schemas.GET_SCHEMAS_SCHEMA, client);
    }

    void sendTables(RunningCalls.Call call, CommandGetTables command, ClientStream client) throws SQLException {
        MetadataQuery query = new MetadataQuery(command.getIncludeSchema() ? TABLES_WITH_COLUMNS : TABLES);
        if (command.hasCatalog()) {
            query.equal("t.table_catalog", command.getCatalog());
        }
        if (command.hasDbSchemaFilterPattern()) {
            query.like("t.table_schema", command.getDbSchemaFilterPattern());
        }
        if (command.hasTableNameFilterPattern()) {
            query.like("t.table_name", command.getTableNameFilterPattern());
        }
        if (command.getTableTypesCount() > 0) {
            query.in("t.table_type", asInDuckDb(command.getTableTypesList()));
        }
        if (command.getIncludeSchema()) {
            sendWithColumns(call, query, client);
        } else {
            sendTexts(call, query, "1, 2, 3, 4", Schemas.GET_TABLES_SCHEMA_NO_SCHEMA, client);
        }
    }

    /** Whoever asks for a TABLE, as nearly every other database calls it, means a base table. */
    private static List<String> asInDuckDb(List<String> types) {
        return types.stream()
                .map(type -> type.equals("TABLE") ? "BASE TABLE" : type)
                .toList();
    }

    private void sendWithColumns(RunningCalls.Call call, MetadataQuery query, ClientStream client) throws SQLException {
        try (MetadataBatches batches = new MetadataBatches(builders, Schemas.GET_TABLES_SCHEMA, client)) {
            TablesOfColumns tables = new TablesOfColumns(batches);
            query.run(call, "1, 2, 3, 4, c.column_index", tables);
            tables.endTable();
            batches.end();
        }
    }

    /** Makes one row of all the columns of a table, which come one after the other. */
    private final class TablesOfColumns implements MetadataQuery.Row {
        private final MetadataBatches batches;
        private final List<Field> fields = new ArrayList<>();
        private @Nullable Table table;

        TablesOfColumns(MetadataBatches batches) {
            this.batches = batches;
        }

        @Override
        public void read(ResultSet row) throws SQLException {
            Table next = Table.of(row);
            if (!next.equals(table)) {
                endTable();
                table = next;
            }
            if (row.getString(5) != null) {
                fields.add(columns.field(row, 5, next));
            }
        }

        void endTable() {
            if (table != null) {
                byte[] schema = new Schema(fields).serializeAsMessage();
                fields.clear();
                table.appendTo(batches.row());
                batches.row().append(4, schema);
                batches.endRow(schema.length);
            }
        }
    }

    private void sendTexts(
            RunningCalls.Call call, MetadataQuery query, String orderBy, Schema schema, ClientStream client)
            throws SQLException {
        try (MetadataBatches batches = new MetadataBatches(builders, schema, client)) {
            query.run(call, orderBy, row -> {
                for (int column = 0; column < schema.getFields().size(); column++) {
                    batches.row().append(column, row.getString(column + 1));
                }
                batches.endRow();
            });
            batches.end();
        }
    }
}
