package dev.hatch.server;

import com.google.protobuf.ProtocolMessageEnum;
import dev.hatch.arrow.Appender;
import dev.hatch.arrow.RecordBuilderPool;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.sql.FlightSqlProducer.Schemas;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlInfo;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlNullOrdering;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlOuterJoinsSupportLevel;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedCaseSensitivity;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedElementActions;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedGroupBy;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedResultSetConcurrency;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedResultSetType;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedSubqueries;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedTransaction;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedUnions;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportsConvert;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlTransactionIsolationLevel;
import org.apache.arrow.flight.sql.impl.FlightSql.SupportedAnsi92SqlGrammarLevel;
import org.apache.arrow.flight.sql.impl.FlightSql.SupportedSqlGrammar;

/**
 * What the server is and can do, by the numbers of Flight SQL. The kind of each value, which the specification leaves
 * open, is the one that Arrow's own builder of them has, and that its JDBC and ODBC drivers expect: a count or an ordinal
 * is a bigint, unless the specification calls it an int32.
 */
final class SqlInfos {
    /** Of the members of the value's union. */
    private static final int STRING = 0;

    private static final int BOOL = 1;
    private static final int BIGINT = 2;
    private static final int INT32 = 3;
    private static final int STRINGS = 4;
    private static final int INT32S_BY_INT32 = 5;

    /** Of which there is nothing to say: the versions of Substrait that the server understands. */
    private static final Set<Integer> WITHOUT_VALUE = Set.of(
            SqlInfo.FLIGHT_SQL_SERVER_SUBSTRAIT_MIN_VERSION_VALUE,
            SqlInfo.FLIGHT_SQL_SERVER_SUBSTRAIT_MAX_VERSION_VALUE);

    /** What is asked of the database each time, as it may be another one. */
    private static final Set<Integer> OF_DATABASE =
            Set.of(SqlInfo.FLIGHT_SQL_SERVER_READ_ONLY_VALUE, SqlInfo.SQL_KEYWORDS_VALUE);

    private static final String ASK_DATABASE = """
            SELECT (SELECT readonly FROM duckdb_databases() WHERE database_name = current_database()),
                (SELECT list(DISTINCT upper(keyword_name) ORDER BY upper(keyword_name)) FROM duckdb_keywords())
            WHERE true""";

    private final RecordBuilderPool builders;
    private final SortedMap<Integer, Object> known;

    /**
     * @param statementTimeout after how long without use a prepared statement is forgotten; zero: never
     * @param transactionTimeout after how long without use a transaction is rolled back; zero: never
     */
    SqlInfos(RecordBuilderPool builders, Duration statementTimeout, Duration transactionTimeout) {
        this.builders = builders;
        known = known();
        known.put(SqlInfo.FLIGHT_SQL_SERVER_STATEMENT_TIMEOUT_VALUE, millis(statementTimeout));
        known.put(SqlInfo.FLIGHT_SQL_SERVER_TRANSACTION_TIMEOUT_VALUE, millis(transactionTimeout));
    }

    private static int millis(Duration timeout) {
        return (int) Math.min(Integer.MAX_VALUE, timeout.toMillis());
    }

    /**
     * Sends them.
     *
     * @param wanted the numbers of what is asked for; none: all that there is
     */
    void send(RunningCalls.Call call, List<Integer> wanted, ClientStream client) throws SQLException {
        SortedMap<Integer, Object> infos = known;
        if (wanted.isEmpty() || !Collections.disjoint(wanted, OF_DATABASE)) {
            infos = new TreeMap<>(known);
            addOfDatabase(call, infos);
        }
        try (MetadataBatches batches = new MetadataBatches(builders, Schemas.GET_SQL_INFO_SCHEMA, client)) {
            for (int number : wanted.isEmpty() ? infos.keySet() : wanted) {
                Object value = infos.get(number);
                if (value != null) {
                    batches.row().append(0, number);
                    append(batches.row().column(1), value);
                    batches.endRow();
                } else if (!WITHOUT_VALUE.contains(number)) {
                    throw CallStatus.INVALID_ARGUMENT
                            .withDescription("there is no SQL info of the number " + Integer.toUnsignedString(number)
                                    + "; ask for none to get all that there is")
                            .toRuntimeException();
                }
            }
            batches.end();
        }
    }

    private static void addOfDatabase(RunningCalls.Call call, SortedMap<Integer, Object> infos) throws SQLException {
        new MetadataQuery(ASK_DATABASE).run(call, "1", row -> {
            infos.put(SqlInfo.FLIGHT_SQL_SERVER_READ_ONLY_VALUE, row.getBoolean(1));
            List<String> keywords = new ArrayList<>();
            for (Object keyword : (Object[]) row.getArray(2).getArray()) {
                keywords.add((String) keyword);
            }
            infos.put(SqlInfo.SQL_KEYWORDS_VALUE, keywords);
        });
    }

    private static void append(Appender union, Object value) {
        if (value instanceof String text) {
            union.begin(STRING).append(text);
        } else if (value instanceof Boolean is) {
            union.begin(BOOL).append(is);
        } else if (value instanceof Long number) {
            union.begin(BIGINT).append(number);
        } else if (value instanceof Integer bits) {
            union.begin(INT32).append(bits);
        } else if (value instanceof List<?> texts) {
            Appender list = union.begin(STRINGS);
            list.begin();
            texts.forEach(text -> list.child(0).append((String) text));
        } else if (value instanceof Map<?, ?> map) {
            Appender entries = union.begin(INT32S_BY_INT32);
            entries.begin();
            map.forEach((key, values) -> {
                entries.child(0).append((int) key);
                entries.child(1).begin();
                ((List<?>) values).forEach(one -> entries.child(1).child(0).append((int) one));
            });
        }
    }

    private static SortedMap<Integer, Object> known() {
        SortedMap<Integer, Object> infos = new TreeMap<>();
        addServer(infos);
        addNames(infos);
        addStatements(infos);
        addFunctions(infos);
        addLimits(infos);
        addTransactions(infos);
        addResults(infos);
        return infos;
    }

    private static void addServer(Map<Integer, Object> infos) {
        infos.put(SqlInfo.FLIGHT_SQL_SERVER_NAME_VALUE, "Hatch");
        infos.put(SqlInfo.FLIGHT_SQL_SERVER_VERSION_VALUE, Versions.hatch());
        infos.put(SqlInfo.FLIGHT_SQL_SERVER_ARROW_VERSION_VALUE, Versions.arrow());
        infos.put(SqlInfo.FLIGHT_SQL_SERVER_SQL_VALUE, true);
        infos.put(SqlInfo.FLIGHT_SQL_SERVER_SUBSTRAIT_VALUE, false);
        infos.put(
                SqlInfo.FLIGHT_SQL_SERVER_TRANSACTION_VALUE,
                SqlSupportedTransaction.SQL_SUPPORTED_TRANSACTION_TRANSACTION_VALUE);
        infos.put(SqlInfo.FLIGHT_SQL_SERVER_CANCEL_VALUE, true);
        infos.put(SqlInfo.FLIGHT_SQL_SERVER_BULK_INGESTION_VALUE, true);
        infos.put(SqlInfo.FLIGHT_SQL_SERVER_INGEST_TRANSACTIONS_SUPPORTED_VALUE, true);
    }

    /** DuckDB keeps names as they were written, in quotes or not, and finds them in upper and lower case. */
    private static void addNames(Map<Integer, Object> infos) {
        infos.put(
                SqlInfo.SQL_IDENTIFIER_CASE_VALUE,
                ordinal(SqlSupportedCaseSensitivity.SQL_CASE_SENSITIVITY_CASE_INSENSITIVE));
        infos.put(
                SqlInfo.SQL_QUOTED_IDENTIFIER_CASE_VALUE,
                ordinal(SqlSupportedCaseSensitivity.SQL_CASE_SENSITIVITY_CASE_INSENSITIVE));
        infos.put(SqlInfo.SQL_IDENTIFIER_QUOTE_CHAR_VALUE, "\"");
        infos.put(SqlInfo.SQL_SEARCH_STRING_ESCAPE_VALUE, "\\");
        infos.put(SqlInfo.SQL_EXTRA_NAME_CHARACTERS_VALUE, "$");
        infos.put(SqlInfo.SQL_SCHEMA_TERM_VALUE, "schema");
        infos.put(SqlInfo.SQL_CATALOG_TERM_VALUE, "database");
        infos.put(SqlInfo.SQL_CATALOG_AT_START_VALUE, true);
        int inIndexes = mask(SqlSupportedElementActions.SQL_ELEMENT_IN_INDEX_DEFINITIONS);
        infos.put(SqlInfo.SQL_SCHEMAS_SUPPORTED_ACTIONS_VALUE, inIndexes);
        infos.put(SqlInfo.SQL_CATALOGS_SUPPORTED_ACTIONS_VALUE, inIndexes);
    }

    private static void addStatements(Map<Integer, Object> infos) {
        // A catalog is attached and detached instead.
        infos.put(SqlInfo.SQL_DDL_CATALOG_VALUE, false);
        infos.put(SqlInfo.SQL_DDL_SCHEMA_VALUE, true);
        infos.put(SqlInfo.SQL_DDL_TABLE_VALUE, true);
        infos.put(SqlInfo.SQL_ALL_TABLES_ARE_SELECTABLE_VALUE, true);
        infos.put(SqlInfo.SQL_NULL_ORDERING_VALUE, ordinal(SqlNullOrdering.SQL_NULLS_SORTED_AT_END));
        infos.put(SqlInfo.SQL_SUPPORTS_COLUMN_ALIASING_VALUE, true);
        infos.put(SqlInfo.SQL_NULL_PLUS_NULL_IS_NULL_VALUE, true);
        infos.put(SqlInfo.SQL_SUPPORTS_TABLE_CORRELATION_NAMES_VALUE, true);
        infos.put(SqlInfo.SQL_SUPPORTS_DIFFERENT_TABLE_CORRELATION_NAMES_VALUE, false);
        infos.put(SqlInfo.SQL_SUPPORTS_EXPRESSIONS_IN_ORDER_BY_VALUE, true);
        infos.put(SqlInfo.SQL_SUPPORTS_ORDER_BY_UNRELATED_VALUE, true);
        infos.put(
                SqlInfo.SQL_SUPPORTED_GROUP_BY_VALUE,
                mask(SqlSupportedGroupBy.SQL_GROUP_BY_UNRELATED, SqlSupportedGroupBy.SQL_GROUP_BY_BEYOND_SELECT));
        infos.put(SqlInfo.SQL_SUPPORTS_LIKE_ESCAPE_CLAUSE_VALUE, true);
        infos.put(SqlInfo.SQL_SUPPORTS_NON_NULLABLE_COLUMNS_VALUE, true);
        // There is no GRANT, which the core has, nor a cursor, which the intermediate level has.
        infos.put(SqlInfo.SQL_SUPPORTED_GRAMMAR_VALUE, mask(SupportedSqlGrammar.SQL_MINIMUM_GRAMMAR));
        infos.put(SqlInfo.SQL_ANSI92_SUPPORTED_LEVEL_VALUE, mask(SupportedAnsi92SqlGrammarLevel.ANSI92_ENTRY_SQL));
        infos.put(SqlInfo.SQL_SUPPORTS_INTEGRITY_ENHANCEMENT_FACILITY_VALUE, true);
        // The specification says an ordinal, but everybody who sends or reads it takes it for a mask.
        infos.put(
                SqlInfo.SQL_OUTER_JOINS_SUPPORT_LEVEL_VALUE,
                mask(
                        SqlOuterJoinsSupportLevel.SQL_LIMITED_OUTER_JOINS,
                        SqlOuterJoinsSupportLevel.SQL_FULL_OUTER_JOINS));
        infos.put(SqlInfo.SQL_SUPPORTED_POSITIONED_COMMANDS_VALUE, 0);
        infos.put(SqlInfo.SQL_SELECT_FOR_UPDATE_SUPPORTED_VALUE, false);
        infos.put(
                SqlInfo.SQL_SUPPORTED_SUBQUERIES_VALUE,
                mask(
                        SqlSupportedSubqueries.SQL_SUBQUERIES_IN_COMPARISONS,
                        SqlSupportedSubqueries.SQL_SUBQUERIES_IN_EXISTS,
                        SqlSupportedSubqueries.SQL_SUBQUERIES_IN_INS,
                        SqlSupportedSubqueries.SQL_SUBQUERIES_IN_QUANTIFIEDS));
        infos.put(SqlInfo.SQL_CORRELATED_SUBQUERIES_SUPPORTED_VALUE, true);
        infos.put(
                SqlInfo.SQL_SUPPORTED_UNIONS_VALUE,
                mask(SqlSupportedUnions.SQL_UNION, SqlSupportedUnions.SQL_UNION_ALL));
    }

    /** Of those that ODBC and JDBC have names for: what there is by that name, and does what they say. */
    private static void addFunctions(Map<Integer, Object> infos) {
        infos.put(
                SqlInfo.SQL_NUMERIC_FUNCTIONS_VALUE,
                words("ABS ACOS ASIN ATAN ATAN2 CEILING COS COT DEGREES EXP FLOOR LOG10 MOD PI POWER RADIANS ROUND SIGN"
                        + " SIN SQRT TAN"));
        infos.put(
                SqlInfo.SQL_STRING_FUNCTIONS_VALUE,
                words(
                        "ASCII BIT_LENGTH CHARACTER_LENGTH CHAR_LENGTH CONCAT LCASE LEFT LENGTH LTRIM REPEAT REPLACE RIGHT"
                                + " RTRIM SUBSTRING UCASE"));
        infos.put(SqlInfo.SQL_SYSTEM_FUNCTIONS_VALUE, words("IFNULL"));
        infos.put(
                SqlInfo.SQL_DATETIME_FUNCTIONS_VALUE,
                words(
                        "CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP DAYNAME DAYOFMONTH DAYOFYEAR EXTRACT HOUR MINUTE MONTH"
                                + " MONTHNAME NOW QUARTER SECOND WEEK YEAR"));
        infos.put(SqlInfo.SQL_SUPPORTS_CONVERT_VALUE, conversions());

        // There are no procedures.
        infos.put(SqlInfo.SQL_PROCEDURE_TERM_VALUE, "");
        infos.put(SqlInfo.SQL_STORED_PROCEDURES_SUPPORTED_VALUE, false);
        infos.put(SqlInfo.SQL_STORED_FUNCTIONS_USING_CALL_SYNTAX_SUPPORTED_VALUE, false);
        infos.put(SqlInfo.SQL_NAMED_PARAMETERS_SUPPORTED_VALUE, false);
    }

    /** None is known. */
    private static void addLimits(Map<Integer, Object> infos) {
        for (int limit = SqlInfo.SQL_MAX_BINARY_LITERAL_LENGTH_VALUE;
                limit <= SqlInfo.SQL_MAX_USERNAME_LENGTH_VALUE;
                limit++) {
            infos.put(limit, 0L);
        }
        infos.put(SqlInfo.SQL_MAX_ROW_SIZE_INCLUDES_BLOBS_VALUE, true);
    }

    /** They see the database as it was at their beginning, and fail if another changed what they change. */
    private static void addTransactions(Map<Integer, Object> infos) {
        infos.put(SqlInfo.SQL_TRANSACTIONS_SUPPORTED_VALUE, true);
        infos.put(
                SqlInfo.SQL_DEFAULT_TRANSACTION_ISOLATION_VALUE,
                ordinal(SqlTransactionIsolationLevel.SQL_TRANSACTION_REPEATABLE_READ));
        infos.put(
                SqlInfo.SQL_SUPPORTED_TRANSACTIONS_ISOLATION_LEVELS_VALUE,
                mask(SqlTransactionIsolationLevel.SQL_TRANSACTION_REPEATABLE_READ));
        infos.put(SqlInfo.SQL_DATA_DEFINITION_CAUSES_TRANSACTION_COMMIT_VALUE, false);
        infos.put(SqlInfo.SQL_DATA_DEFINITIONS_IN_TRANSACTIONS_IGNORED_VALUE, false);
        infos.put(SqlInfo.SQL_SAVEPOINTS_SUPPORTED_VALUE, false);
    }

    /** They are streams. */
    private static void addResults(Map<Integer, Object> infos) {
        infos.put(
                SqlInfo.SQL_SUPPORTED_RESULT_SET_TYPES_VALUE,
                mask(SqlSupportedResultSetType.SQL_RESULT_SET_TYPE_FORWARD_ONLY));
        infos.put(SqlInfo.SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_UNSPECIFIED_VALUE, 0);
        infos.put(
                SqlInfo.SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_FORWARD_ONLY_VALUE,
                mask(SqlSupportedResultSetConcurrency.SQL_RESULT_SET_CONCURRENCY_READ_ONLY));
        infos.put(SqlInfo.SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_SCROLL_SENSITIVE_VALUE, 0);
        infos.put(SqlInfo.SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_SCROLL_INSENSITIVE_VALUE, 0);
        infos.put(SqlInfo.SQL_BATCH_UPDATES_SUPPORTED_VALUE, true);
        infos.put(SqlInfo.SQL_LOCATORS_UPDATE_COPY_VALUE, true);
    }

    private static long ordinal(ProtocolMessageEnum value) {
        return value.getNumber();
    }

    private static int mask(ProtocolMessageEnum... values) {
        int mask = 0;
        for (ProtocolMessageEnum value : values) {
            mask |= 1 << value.getNumber();
        }
        return mask;
    }

    private static List<String> words(String text) {
        return List.of(text.split(" "));
    }

    /** Which types CAST turns into which. */
    private static Map<Integer, List<Integer>> conversions() {
        Set<SqlSupportsConvert> numbers = EnumSet.of(
                SqlSupportsConvert.SQL_CONVERT_BIGINT,
                SqlSupportsConvert.SQL_CONVERT_BIT,
                SqlSupportsConvert.SQL_CONVERT_DECIMAL,
                SqlSupportsConvert.SQL_CONVERT_FLOAT,
                SqlSupportsConvert.SQL_CONVERT_INTEGER,
                SqlSupportsConvert.SQL_CONVERT_NUMERIC,
                SqlSupportsConvert.SQL_CONVERT_REAL,
                SqlSupportsConvert.SQL_CONVERT_SMALLINT,
                SqlSupportsConvert.SQL_CONVERT_TINYINT);
        Set<SqlSupportsConvert> texts = EnumSet.of(
                SqlSupportsConvert.SQL_CONVERT_CHAR,
                SqlSupportsConvert.SQL_CONVERT_LONGVARCHAR,
                SqlSupportsConvert.SQL_CONVERT_VARCHAR);
        Set<SqlSupportsConvert> bytes = EnumSet.of(
                SqlSupportsConvert.SQL_CONVERT_BINARY,
                SqlSupportsConvert.SQL_CONVERT_LONGVARBINARY,
                SqlSupportsConvert.SQL_CONVERT_VARBINARY);
        Set<SqlSupportsConvert> intervals = EnumSet.of(
                SqlSupportsConvert.SQL_CONVERT_INTERVAL_DAY_TIME, SqlSupportsConvert.SQL_CONVERT_INTERVAL_YEAR_MONTH);
        Set<SqlSupportsConvert> date = EnumSet.of(SqlSupportsConvert.SQL_CONVERT_DATE);
        Set<SqlSupportsConvert> time = EnumSet.of(SqlSupportsConvert.SQL_CONVERT_TIME);
        Set<SqlSupportsConvert> timestamp = EnumSet.of(SqlSupportsConvert.SQL_CONVERT_TIMESTAMP);

        SortedMap<Integer, List<Integer>> conversions = new TreeMap<>();
        put(conversions, numbers, List.of(numbers, texts));
        put(conversions, texts, List.of(numbers, texts, bytes, intervals, date, time, timestamp));
        put(conversions, bytes, List.of(bytes, texts));
        put(conversions, intervals, List.of(intervals, texts));
        put(conversions, date, List.of(date, timestamp, texts));
        put(conversions, time, List.of(time, texts));
        put(conversions, timestamp, List.of(timestamp, date, time, texts));
        return conversions;
    }

    private static void put(
            SortedMap<Integer, List<Integer>> conversions,
            Set<SqlSupportsConvert> from,
            List<Set<SqlSupportsConvert>> to) {
        List<Integer> numbers = to.stream()
                .flatMap(Set::stream)
                .map(SqlSupportsConvert::getNumber)
                .sorted()
                .toList();
        from.forEach(type -> conversions.put(type.getNumber(), numbers));
    }
}
