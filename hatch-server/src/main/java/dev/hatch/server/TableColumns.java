package dev.hatch.server;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.arrow.flight.sql.FlightSqlColumnMetadata;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.jspecify.annotations.Nullable;

/** The columns of tables and views as Arrow's fields, with what Flight SQL lets be said of a column beside its type. */
final class TableColumns {
    /** What {@link #field} reads, of {@code duckdb_columns()} as c and {@code duckdb_databases()} as d. */
    static final String SELECTED =
            "c.column_name, c.data_type, c.is_nullable, c.column_default, c.comment, c.is_generated OR d.readonly";

    /** The specification's name for it. Arrow's clients in Java, C++ and Go look for another, which Arrow's class adds. */
    private static final String DB_SCHEMA_NAME = "ARROW:FLIGHT:SQL:DB_SCHEMA_NAME";

    private final DuckDbTypes types;

    TableColumns(DuckDbTypes types) {
        this.types = types;
    }

    /**
     * The field of a column.
     *
     * @param row at it
     * @param at where what is selected begins in it
     */
    Field field(ResultSet row, int at, Metadata.Table table) throws SQLException {
        String type = row.getString(at + 1);
        String defaultValue = row.getString(at + 3);
        FlightSqlColumnMetadata.Builder about = new FlightSqlColumnMetadata.Builder()
                .catalogName(table.catalog())
                .schemaName(table.schema())
                .tableName(table.name())
                .typeName(type)
                .isReadOnly(table.type().equals("VIEW") || row.getBoolean(at + 5))
                .isSearchable(true);
        // Only where it is so: a schema with this key, whatever its value, is one that ADBC's driver 0.20.0 cannot
        // read.
        if (defaultValue != null && defaultValue.startsWith("nextval(")) {
            about.isAutoIncrement(true);
        }
        String comment = row.getString(at + 4);
        if (comment != null) {
            about.remarks(comment);
        }
        Field plain = types.column(row.getString(at), type);
        addSizes(about, plain.getType(), XdbcType.of(type));

        Map<String, String> metadata = new HashMap<>(plain.getMetadata());
        metadata.putAll(about.build().getMetadataMap());
        metadata.put(DB_SCHEMA_NAME, table.schema());
        return new Field(
                plain.getName(),
                new FieldType(row.getBoolean(at + 2), plain.getType(), plain.getDictionary(), metadata),
                plain.getChildren());
    }

    private static void addSizes(FlightSqlColumnMetadata.Builder about, ArrowType arrow, @Nullable XdbcType type) {
        // Of a VARCHAR nobody can tell: it may have a collation, which is not listed.
        if (type == null || !type.name().equals("VARCHAR")) {
            about.isCaseSensitive(type != null && type.isText());
        }
        if (type == null) {
            return;
        }
        if (type.name().equals("DECIMAL") && arrow instanceof ArrowType.Decimal decimal) {
            about.precision(decimal.getPrecision()).scale(decimal.getScale());
            return;
        }
        // Of a float it would be bits, and nothing here would say so.
        if (type.size() != null && !Objects.equals(type.radix(), 2)) {
            about.precision(type.size());
        }
        if (type.minScale() != null) {
            about.scale(type.minScale());
        }
    }
}
