package dev.hatch.server;

import static org.apache.arrow.flight.sql.impl.FlightSql.XdbcDatetimeSubcode.XDBC_SUBCODE_DATE;
import static org.apache.arrow.flight.sql.impl.FlightSql.XdbcDatetimeSubcode.XDBC_SUBCODE_TIME;
import static org.apache.arrow.flight.sql.impl.FlightSql.XdbcDatetimeSubcode.XDBC_SUBCODE_TIMESTAMP;
import static org.apache.arrow.flight.sql.impl.FlightSql.XdbcDatetimeSubcode.XDBC_SUBCODE_TIMESTAMP_WITH_TIMEZONE;
import static org.apache.arrow.flight.sql.impl.FlightSql.XdbcDatetimeSubcode.XDBC_SUBCODE_TIME_WITH_TIMEZONE;
import static org.apache.arrow.flight.sql.impl.FlightSql.XdbcDatetimeSubcode.XDBC_SUBCODE_UNKNOWN;

import dev.hatch.arrow.Appender;
import dev.hatch.arrow.RecordBuilder;
import dev.hatch.arrow.RecordBuilderPool;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.arrow.flight.sql.FlightSqlProducer.Schemas;
import org.apache.arrow.flight.sql.impl.FlightSql;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetXdbcTypeInfo;
import org.apache.arrow.flight.sql.impl.FlightSql.Searchable;
import org.apache.arrow.flight.sql.impl.FlightSql.XdbcDataType;
import org.apache.arrow.flight.sql.impl.FlightSql.XdbcDatetimeSubcode;
import org.jspecify.annotations.Nullable;

/**
 * What ODBC and JDBC ask about a type of DuckDB's. Lists and arrays are not here: they are other types with brackets
 * behind.
 *
 * @param name as DuckDB lists it, which is good in a CREATE TABLE as well
 * @param dataType the nearest that ODBC has a word for. It is not the nearest where that would come before a type that
 *     is meant more often: of the binary ones a client is to find BLOB first
 * @param size digits of a decimal number, bits of a binary one, characters of what is written as text
 * @param radix of the size, where it is a number
 * @param isUnsigned null where it is no number
 * @param minScale digits behind the point, at least
 * @param maxScale digits behind the point, at most
 * @param subcode of times
 * @param prefix before the text of a literal, which a quote ends
 * @param parameters what stands in brackets behind the name
 */
record XdbcType(
        String name,
        XdbcDataType dataType,
        @Nullable Integer size,
        @Nullable Integer radix,
        @Nullable Boolean isUnsigned,
        @Nullable Integer minScale,
        @Nullable Integer maxScale,
        @Nullable XdbcDatetimeSubcode subcode,
        @Nullable String prefix,
        boolean isText,
        List<String> parameters) {

    /** As Flight SQL orders them: by the number of what they are to ODBC, then by name. */
    static final List<XdbcType> ALL = Stream.of(
                    other("BOOLEAN", XdbcDataType.XDBC_BIT, 1, null),
                    integer("TINYINT", XdbcDataType.XDBC_TINYINT, 3, false),
                    integer("SMALLINT", XdbcDataType.XDBC_SMALLINT, 5, false),
                    integer("INTEGER", XdbcDataType.XDBC_INTEGER, 10, false),
                    integer("BIGINT", XdbcDataType.XDBC_BIGINT, 19, false),
                    integer("HUGEINT", XdbcDataType.XDBC_DECIMAL, 39, false),
                    integer("UTINYINT", XdbcDataType.XDBC_TINYINT, 3, true),
                    integer("USMALLINT", XdbcDataType.XDBC_SMALLINT, 5, true),
                    integer("UINTEGER", XdbcDataType.XDBC_INTEGER, 10, true),
                    integer("UBIGINT", XdbcDataType.XDBC_BIGINT, 20, true),
                    integer("UHUGEINT", XdbcDataType.XDBC_DECIMAL, 39, true),
                    decimal("DECIMAL", 38),
                    floating("FLOAT", XdbcDataType.XDBC_REAL, 24),
                    floating("DOUBLE", XdbcDataType.XDBC_DOUBLE, 53),
                    text("VARCHAR", XdbcDataType.XDBC_VARCHAR, "'"),
                    text("JSON", XdbcDataType.XDBC_LONGVARCHAR, "JSON '"),
                    other("UUID", XdbcDataType.XDBC_CHAR, 36, "UUID '"),
                    other("BLOB", XdbcDataType.XDBC_VARBINARY, null, "BLOB '"),
                    time("DATE", XdbcDataType.XDBC_DATE, XDBC_SUBCODE_DATE, 10, null),
                    time("TIME", XdbcDataType.XDBC_TIME, XDBC_SUBCODE_TIME, 15, 6),
                    time("TIME_NS", XdbcDataType.XDBC_TIME, XDBC_SUBCODE_TIME, 18, 9),
                    time("TIME WITH TIME ZONE", XdbcDataType.XDBC_TIME, XDBC_SUBCODE_TIME_WITH_TIMEZONE, 24, 6),
                    time("TIMESTAMP", XdbcDataType.XDBC_TIMESTAMP, XDBC_SUBCODE_TIMESTAMP, 26, 6),
                    time("TIMESTAMP_S", XdbcDataType.XDBC_TIMESTAMP, XDBC_SUBCODE_TIMESTAMP, 19, 0),
                    time("TIMESTAMP_MS", XdbcDataType.XDBC_TIMESTAMP, XDBC_SUBCODE_TIMESTAMP, 23, 3),
                    time("TIMESTAMP_NS", XdbcDataType.XDBC_TIMESTAMP, XDBC_SUBCODE_TIMESTAMP, 29, 9),
                    time(
                            "TIMESTAMP WITH TIME ZONE",
                            XdbcDataType.XDBC_TIMESTAMP,
                            XDBC_SUBCODE_TIMESTAMP_WITH_TIMEZONE,
                            32,
                            6),
                    // Months, days and microseconds at once: no subcode has them all.
                    time("INTERVAL", XdbcDataType.XDBC_INTERVAL, XDBC_SUBCODE_UNKNOWN, null, 6),
                    other("BIT", XdbcDataType.XDBC_UNKNOWN_TYPE, null, "BIT '"),
                    other("GEOMETRY", XdbcDataType.XDBC_UNKNOWN_TYPE, null, null),
                    other("VARIANT", XdbcDataType.XDBC_UNKNOWN_TYPE, null, null),
                    other("BIGNUM", XdbcDataType.XDBC_UNKNOWN_TYPE, null, "BIGNUM '"),
                    new XdbcType(
                            "ENUM",
                            XdbcDataType.XDBC_UNKNOWN_TYPE,
                            null,
                            null,
                            null,
                            null,
                            null,
                            null,
                            null,
                            true,
                            List.of("values")),
                    other("MAP", XdbcDataType.XDBC_UNKNOWN_TYPE, null, null, "key type", "value type"),
                    other("STRUCT", XdbcDataType.XDBC_UNKNOWN_TYPE, null, null, "names and types"),
                    other("UNION", XdbcDataType.XDBC_UNKNOWN_TYPE, null, null, "names and types"))
            .sorted(Comparator.comparing((XdbcType type) -> type.dataType.getNumber())
                    .thenComparing(XdbcType::name))
            .toList();

    private static final Map<String, XdbcType> BY_NAME =
            ALL.stream().collect(Collectors.toUnmodifiableMap(XdbcType::name, Function.identity()));

    private static XdbcType integer(String name, XdbcDataType dataType, int digits, boolean isUnsigned) {
        return new XdbcType(name, dataType, digits, 10, isUnsigned, 0, 0, null, null, false, List.of());
    }

    private static XdbcType decimal(String name, int digits) {
        List<String> parameters = List.of("precision", "scale");
        return new XdbcType(
                name, XdbcDataType.XDBC_DECIMAL, digits, 10, false, 0, digits, null, null, false, parameters);
    }

    private static XdbcType floating(String name, XdbcDataType dataType, int bits) {
        return new XdbcType(name, dataType, bits, 2, false, null, null, null, null, false, List.of());
    }

    private static XdbcType text(String name, XdbcDataType dataType, String prefix) {
        return new XdbcType(name, dataType, null, null, null, null, null, null, prefix, true, List.of());
    }

    private static XdbcType time(
            String name,
            XdbcDataType dataType,
            XdbcDatetimeSubcode subcode,
            @Nullable Integer size,
            @Nullable Integer scale) {
        return new XdbcType(name, dataType, size, null, null, scale, scale, subcode, name + " '", false, List.of());
    }

    private static XdbcType other(
            String name, XdbcDataType dataType, @Nullable Integer size, @Nullable String prefix, String... parameters) {
        return new XdbcType(name, dataType, size, null, null, null, null, null, prefix, false, List.of(parameters));
    }

    /** That of a column; null if it is of a list, an array, or what is not among those of Flight SQL. */
    static @Nullable XdbcType of(String columnType) {
        int bracket = columnType.indexOf('(');
        return columnType.endsWith("]")
                ? null
                : BY_NAME.get(bracket < 0 ? columnType : columnType.substring(0, bracket));
    }

    /** Sends the types, or those that are {@code data_type} to ODBC if the command has that. */
    static void send(CommandGetXdbcTypeInfo command, RecordBuilderPool builders, ClientStream client) {
        try (MetadataBatches batches = new MetadataBatches(builders, Schemas.GET_TYPE_INFO_SCHEMA, client)) {
            for (XdbcType type : ALL) {
                if (!command.hasDataType() || command.getDataType() == type.dataType.getNumber()) {
                    type.appendTo(batches.row());
                    batches.endRow();
                }
            }
            batches.end();
        }
    }

    private void appendTo(RecordBuilder row) {
        row.append(0, name).append(1, dataType.getNumber());
        appendOr(row, 2, size);
        row.append(3, prefix).append(4, prefix == null ? null : "'");
        Appender list = row.column(5);
        if (!parameters.isEmpty()) {
            list.begin();
            parameters.forEach(list.child(0)::append);
        }
        row.append(6, FlightSql.Nullable.NULLABILITY_NULLABLE_VALUE).append(7, isText);
        row.append(8, isText ? Searchable.SEARCHABLE_FULL_VALUE : Searchable.SEARCHABLE_BASIC_VALUE);
        if (isUnsigned != null) {
            row.append(9, isUnsigned).append(11, false);
        }
        // That is for money, of which there is no type.
        row.append(10, false);
        appendOr(row, 13, minScale);
        appendOr(row, 14, maxScale);
        boolean isDatetime = subcode != null && dataType != XdbcDataType.XDBC_INTERVAL;
        row.append(15, isDatetime ? XdbcDataType.XDBC_DATETIME_VALUE : dataType.getNumber());
        appendOr(row, 16, subcode == null ? null : subcode.getNumber());
        appendOr(row, 17, radix);
    }

    private static void appendOr(RecordBuilder row, int column, @Nullable Integer value) {
        if (value != null) {
            row.append(column, value.longValue());
        }
    }
}
