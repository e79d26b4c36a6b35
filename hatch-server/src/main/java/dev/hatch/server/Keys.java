package dev.hatch.server;

import dev.hatch.arrow.RecordBuilder;
import dev.hatch.arrow.RecordBuilderPool;
import java.sql.SQLException;
import org.apache.arrow.flight.sql.FlightSqlProducer.Schemas;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetCrossReference;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetExportedKeys;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetImportedKeys;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetPrimaryKeys;
import org.apache.arrow.flight.sql.impl.FlightSql.UpdateDeleteRules;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The keys of tables, a row for each column of a key; none of a table that is not there. The constraints are as they were
 * written, so tables and columns are looked up for how their names are spelled.
 */
final class Keys {
    private static final String PRIMARY = """
            SELECT * FROM (
                SELECT k.database_name, k.schema_name, k.table_name, c.column_name, k.position, k.constraint_name
                FROM (
                    SELECT *, unnest(constraint_column_names) AS written,
                        generate_subscripts(constraint_column_names, 1) AS position
                    FROM duckdb_constraints()
                    WHERE constraint_type = 'PRIMARY KEY') k
                JOIN duckdb_columns() c
                    ON c.database_name = k.database_name AND c.schema_name = k.schema_name
                    AND c.table_name = k.table_name AND lower(c.column_name) = lower(k.written))
            WHERE true""";

    /**
     * A foreign key and what it refers to are in the same schema. That is a primary key or something unique, of the same
     * columns in the same order; the primary key, if there are both.
     */
    private static final String FOREIGN = """
            WITH keys AS (
                SELECT *, list_transform(constraint_column_names, lambda c: lower(c)) AS lower_columns
                FROM duckdb_constraints()),
            foreign_keys AS (
                SELECT f.*, p.table_name AS pk_table, p.constraint_name AS pk_name
                FROM (
                    SELECT *, list_transform(referenced_column_names, lambda c: lower(c)) AS lower_referenced
                    FROM keys
                    WHERE constraint_type = 'FOREIGN KEY') f
                JOIN keys p
                    ON p.database_name = f.database_name AND p.schema_name = f.schema_name
                    AND lower(p.table_name) = lower(f.referenced_table) AND p.lower_columns = f.lower_referenced
                    AND p.constraint_type IN ('PRIMARY KEY', 'UNIQUE')
                QUALIFY row_number() OVER (
                    PARTITION BY f.constraint_index ORDER BY p.constraint_type, p.constraint_index) = 1),
            foreign_columns AS (
                SELECT *, unnest(constraint_column_names) AS fk_written, unnest(referenced_column_names) AS pk_written,
                    generate_subscripts(constraint_column_names, 1) AS position
                FROM foreign_keys)
            SELECT * FROM (
                SELECT k.database_name, k.schema_name, k.pk_table, p.column_name AS pk_column, k.table_name AS fk_table,
                    f.column_name AS fk_column, k.position, k.constraint_name AS fk_name, k.pk_name
                FROM foreign_columns k
                JOIN duckdb_columns() f
                    ON f.database_name = k.database_name AND f.schema_name = k.schema_name
                    AND f.table_name = k.table_name AND lower(f.column_name) = lower(k.fk_written)
                JOIN duckdb_columns() p
                    ON p.database_name = k.database_name AND p.schema_name = k.schema_name
                    AND p.table_name = k.pk_table AND lower(p.column_name) = lower(k.pk_written))
            WHERE true""";

    private static final String BY_FOREIGN_TABLE = "database_name, schema_name, fk_table, fk_name, position";
    private static final String BY_PRIMARY_TABLE = "database_name, schema_name, pk_table, pk_name, position";

    private final RecordBuilderPool builders;

    Keys(RecordBuilderPool builders) {
        this.builders = builders;
    }

    void sendPrimary(RunningCalls.Call call, CommandGetPrimaryKeys command, ClientStream client) throws SQLException {
        MetadataQuery query = new MetadataQuery(PRIMARY).equal("table_name", command.getTable());
        if (command.hasCatalog()) {
            query.equal("database_name", command.getCatalog());
        }
        if (command.hasDbSchema()) {
            query.equal("schema_name", command.getDbSchema());
        }
        try (MetadataBatches batches = new MetadataBatches(builders, Schemas.GET_PRIMARY_KEYS_SCHEMA, client)) {
            query.run(call, "database_name, schema_name, table_name, constraint_name, position", row -> {
                RecordBuilder to = batches.row();
                for (int column = 0; column < 4; column++) {
                    to.append(column, row.getString(column + 1));
                }
                to.append(4, row.getLong(5)).append(5, row.getString(6));
                batches.endRow();
            });
            batches.end();
        }
    }

    /** The keys that refer to a table. */
    void sendExported(RunningCalls.Call call, CommandGetExportedKeys command, ClientStream client) throws SQLException {
        MetadataQuery query = new MetadataQuery(FOREIGN).equal("pk_table", command.getTable());
        if (command.hasCatalog()) {
            query.equal("database_name", command.getCatalog());
        }
        if (command.hasDbSchema()) {
            query.equal("schema_name", command.getDbSchema());
        }
        sendForeign(call, query, BY_FOREIGN_TABLE, Schemas.GET_EXPORTED_KEYS_SCHEMA, client);
    }

    /** The keys by which a table refers to others. */
    void sendImported(RunningCalls.Call call, CommandGetImportedKeys command, ClientStream client) throws SQLException {
        MetadataQuery query = new MetadataQuery(FOREIGN).equal("fk_table", command.getTable());
        if (command.hasCatalog()) {
            query.equal("database_name", command.getCatalog());
        }
        if (command.hasDbSchema()) {
            query.equal("schema_name", command.getDbSchema());
        }
        sendForeign(call, query, BY_PRIMARY_TABLE, Schemas.GET_IMPORTED_KEYS_SCHEMA, client);
    }

    /** The keys by which one table refers to another. */
    void sendCrossReference(RunningCalls.Call call, CommandGetCrossReference command, ClientStream client)
            throws SQLException {
        MetadataQuery query = new MetadataQuery(FOREIGN)
                .equal("pk_table", command.getPkTable())
                .equal("fk_table", command.getFkTable());
        if (command.hasPkCatalog()) {
            query.equal("database_name", command.getPkCatalog());
        }
        if (command.hasPkDbSchema()) {
            query.equal("schema_name", command.getPkDbSchema());
        }
        if (command.hasFkCatalog()) {
            query.equal("database_name", command.getFkCatalog());
        }
        if (command.hasFkDbSchema()) {
            query.equal("schema_name", command.getFkDbSchema());
        }
        sendForeign(call, query, BY_PRIMARY_TABLE, Schemas.GET_CROSS_REFERENCE_SCHEMA, client);
    }

    private void sendForeign(
            RunningCalls.Call call, MetadataQuery query, String orderBy, Schema schema, ClientStream client)
            throws SQLException {
        try (MetadataBatches batches = new MetadataBatches(builders, schema, client)) {
            query.run(call, orderBy, row -> {
                String catalog = row.getString(1);
                String dbSchema = row.getString(2);
                batches.row()
                        .append(0, catalog)
                        .append(1, dbSchema)
                        .append(2, row.getString(3))
                        .append(3, row.getString(4))
                        .append(4, catalog)
                        .append(5, dbSchema)
                        .append(6, row.getString(5))
                        .append(7, row.getString(6))
                        .append(8, row.getLong(7))
                        .append(9, row.getString(8))
                        .append(10, row.getString(9))
                        // DuckDB takes no other.
                        .append(11, UpdateDeleteRules.NO_ACTION_VALUE)
                        .append(12, UpdateDeleteRules.NO_ACTION_VALUE);
                batches.endRow();
            });
            batches.end();
        }
    }
}
