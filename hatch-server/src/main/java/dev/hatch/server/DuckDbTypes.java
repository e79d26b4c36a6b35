package dev.hatch.server;

import dev.hatch.pool.jdbc.ConnectionPool;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.vector.extension.OpaqueType;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.IntervalUnit;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.UnionMode;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.jspecify.annotations.Nullable;

/**
 * The Arrow field that DuckDB exports for a column of a type, from the type's name, such as
 * {@code STRUCT(a INTEGER, "b c" VARCHAR)[]}. So the schema of a result is known once the statement is prepared, before
 * it is run. ENUM becomes utf8, as {@link EnumDecoder} sends it.
 */
final class DuckDbTypes {
    private static final FieldType BIGNUM = new FieldType(
            true,
            ArrowType.Binary.INSTANCE,
            null,
            Map.of(
                    "ARROW:extension:name",
                    "arrow.opaque",
                    "ARROW:extension:metadata",
                    "{\"type_name\":\"bignum\",\"vendor_name\":\"DuckDB\"}"));

    private final String timeZone;

    private DuckDbTypes(String timeZone) {
        this.timeZone = timeZone;
    }

    /** For the leases of one pool: a TIMESTAMP WITH TIME ZONE is exported in the time zone of the session. */
    static DuckDbTypes of(ConnectionPool pool) throws SQLException {
        try (Connection lease = pool.getConnection();
                Statement statement = lease.createStatement();
                ResultSet result = statement.executeQuery("SELECT current_setting('TimeZone')")) {
            result.next();
            return new DuckDbTypes(result.getString(1));
        }
    }

    /**
     * The field of a column.
     *
     * @throws org.apache.arrow.flight.FlightRuntimeException UNIMPLEMENTED, naming column and type, if there is none
     */
    Field field(String name, String duckDbType) {
        Field field = new Parser(duckDbType).parse(name, true);
        if (field == null) {
            throw CallStatus.UNIMPLEMENTED
                    .withDescription("column " + name + " is of type " + duckDbType
                            + ", which cannot be sent; cast it, for instance to VARCHAR")
                    .toRuntimeException();
        }
        return field;
    }

    /**
     * The field of a table's column. What has none that can be sent is of Arrow's opaque type, which says what it is, on
     * nulls: it can be listed and not read.
     */
    Field column(String name, String duckDbType) {
        Field field = new Parser(duckDbType).parse(name, true);
        return field != null ? field : nullable(name, new OpaqueType(ArrowType.Null.INSTANCE, duckDbType, "DuckDB"));
    }

    /** The field of a statement's parameter; text where DuckDB does not know its type yet. */
    Field parameter(String name, String duckDbType) {
        Field field = new Parser(duckDbType).parse(name, true);
        return field != null ? field : nullable(name, ArrowType.Utf8.INSTANCE);
    }

    private static Field nullable(String name, ArrowType type, Field... children) {
        return new Field(name, FieldType.nullable(type), List.of(children));
    }

    private @Nullable ArrowType scalar(String type) {
        return switch (type) {
            case "BOOLEAN" -> ArrowType.Bool.INSTANCE;
            case "TINYINT" -> new ArrowType.Int(8, true);
            case "SMALLINT" -> new ArrowType.Int(16, true);
            case "INTEGER" -> new ArrowType.Int(32, true);
            case "BIGINT" -> new ArrowType.Int(64, true);
            case "UTINYINT" -> new ArrowType.Int(8, false);
            case "USMALLINT" -> new ArrowType.Int(16, false);
            case "UINTEGER" -> new ArrowType.Int(32, false);
            case "UBIGINT" -> new ArrowType.Int(64, false);
            case "HUGEINT", "UHUGEINT" -> new ArrowType.Decimal(38, 0, 128);
            case "FLOAT" -> new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
            case "DOUBLE" -> new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
            case "VARCHAR", "JSON", "UUID" -> ArrowType.Utf8.INSTANCE;
            case "BLOB", "BIT" -> ArrowType.Binary.INSTANCE;
            case "DATE" -> new ArrowType.Date(DateUnit.DAY);
            case "TIME", "TIME WITH TIME ZONE" -> new ArrowType.Time(TimeUnit.MICROSECOND, 64);
            case "TIME_NS" -> new ArrowType.Time(TimeUnit.NANOSECOND, 64);
            case "TIMESTAMP" -> new ArrowType.Timestamp(TimeUnit.MICROSECOND, null);
            case "TIMESTAMP_S" -> new ArrowType.Timestamp(TimeUnit.SECOND, null);
            case "TIMESTAMP_MS" -> new ArrowType.Timestamp(TimeUnit.MILLISECOND, null);
            case "TIMESTAMP_NS" -> new ArrowType.Timestamp(TimeUnit.NANOSECOND, null);
            case "TIMESTAMP WITH TIME ZONE" -> new ArrowType.Timestamp(TimeUnit.MICROSECOND, timeZone);
            case "INTERVAL" -> new ArrowType.Interval(IntervalUnit.MONTH_DAY_NANO);
            case "NULL" -> ArrowType.Null.INSTANCE;
            default -> null;
        };
    }

    /** Reads one type name from left to right; every method returns null where it meets a type that has no field. */
    private final class Parser {
        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        @Nullable Field parse(String name, boolean outermost) {
            Field field = base(name, outermost);
            while (field != null && accept('[')) {
                // An ENUM within a list stays a dictionary, which the decoder does not reach.
                Field element = field;
                int size = accept(']') ? -1 : number(']');
                field = size < 0
                        ? nullable(name, ArrowType.List.INSTANCE, renamed(element, "l"))
                        : nullable(name, new ArrowType.FixedSizeList(size), renamed(element, ""));
            }
            return field;
        }

        private @Nullable Field base(String name, boolean outermost) {
            String type = word();
            if (!accept('(')) {
                if (type.equals("ENUM")) {
                    return outermost && !text.startsWith("[", at) ? nullable(name, ArrowType.Utf8.INSTANCE) : null;
                }
                if (type.equals("BIGNUM")) {
                    return new Field(name, BIGNUM, List.of());
                }
                ArrowType scalar = scalar(type);
                return scalar == null ? null : nullable(name, scalar);
            }
            return switch (type) {
                case "DECIMAL" -> nullable(name, new ArrowType.Decimal(number(','), number(')'), 128));
                case "STRUCT" -> nested(name, ArrowType.Struct.INSTANCE, members());
                case "UNION" -> {
                    List<Field> members = members();
                    int[] ids = IntStream.range(0, members == null ? 0 : members.size())
                            .toArray();
                    yield nested(name, new ArrowType.Union(UnionMode.Sparse, ids), members);
                }
                case "MAP" -> map(name);
                case "ENUM" -> {
                    skipValues();
                    yield outermost && !text.startsWith("[", at) ? nullable(name, ArrowType.Utf8.INSTANCE) : null;
                }
                default -> null;
            };
        }

        /** Those of an ENUM, texts in quotes, and the bracket behind them. */
        private void skipValues() {
            boolean inQuotes = false;
            while (at < text.length()) {
                char c = text.charAt(at++);
                if (c == '\'') {
                    inQuotes = !inQuotes;
                } else if (c == ')' && !inQuotes) {
                    return;
                }
            }
        }

        private @Nullable Field map(String name) {
            Field key = parse("key", false);
            if (key != null) {
                key = new Field("key", notNullable(key.getFieldType()), key.getChildren());
            }
            accept(',');
            Field value = parse("value", false);
            accept(')');
            if (key == null || value == null) {
                return null;
            }
            Field entries = new Field("entries", FieldType.notNullable(ArrowType.Struct.INSTANCE), List.of(key, value));
            return nullable(name, new ArrowType.Map(false), entries);
        }

        private @Nullable List<Field> members() {
            List<Field> members = new ArrayList<>();
            do {
                Field member = parse(memberName(), false);
                if (member == null) {
                    return null;
                }
                members.add(member);
            } while (accept(','));
            accept(')');
            return members;
        }

        private @Nullable Field nested(String name, ArrowType type, @Nullable List<Field> members) {
            return members == null ? null : nullable(name, type, members.toArray(Field[]::new));
        }

        private FieldType notNullable(FieldType type) {
            return new FieldType(false, type.getType(), type.getDictionary(), type.getMetadata());
        }

        private Field renamed(Field field, String name) {
            return new Field(name, field.getFieldType(), field.getChildren());
        }

        private boolean accept(char c) {
            while (at < text.length() && text.charAt(at) == ' ') {
                at++;
            }
            if (at < text.length() && text.charAt(at) == c) {
                at++;
                return true;
            }
            return false;
        }

        private int number(char end) {
            int from = at;
            at = text.indexOf(end, from) + 1;
            return Integer.parseInt(text.substring(from, at - 1).trim());
        }

        /** The name of a type, which may have spaces in it, up to a bracket, a comma or the end. */
        private String word() {
            while (at < text.length() && text.charAt(at) == ' ') {
                at++;
            }
            int from = at;
            if (text.startsWith("\"NULL\"", at)) {
                at += 6;
                return "NULL";
            }
            while (at < text.length() && "()[],".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(from, at).trim();
        }

        private String memberName() {
            if (!accept('"')) {
                int from = at;
                at = text.indexOf(' ', from);
                return text.substring(from, at);
            }
            StringBuilder name = new StringBuilder();
            while (true) {
                char c = text.charAt(at++);
                if (c == '"') {
                    if (at >= text.length() || text.charAt(at) != '"') {
                        return name.toString();
                    }
                    at++;
                }
                name.append(c);
            }
        }
    }
}
