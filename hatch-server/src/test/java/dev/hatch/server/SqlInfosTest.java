package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlInfo;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportsConvert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the server says of DuckDB is tried on DuckDB. */
class SqlInfosTest {
    private static TestServer server;
    private static TestServer.Client client;

    @BeforeAll
    static void start() {
        server = TestServer.start(1);
        server.execute("CREATE TABLE t (a INTEGER, b INTEGER)");
        client = server.client();
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    @Test
    void nothing_that_flight_sql_asks_is_left_out_but_the_versions_of_substrait() throws Exception {
        List<Integer> numbers = Stream.of(SqlInfo.values())
                .filter(info -> info != SqlInfo.UNRECOGNIZED
                        && info != SqlInfo.FLIGHT_SQL_SERVER_SUBSTRAIT_MIN_VERSION
                        && info != SqlInfo.FLIGHT_SQL_SERVER_SUBSTRAIT_MAX_VERSION)
                .map(SqlInfo::getNumber)
                .sorted()
                .toList();
        assertThat(all().keySet()).containsExactlyElementsOf(numbers);
    }

    @Test
    void a_version_of_substrait_may_be_asked_for_and_has_no_row() throws Exception {
        assertThat(client.rows(client.sql.getSqlInfo(
                        SqlInfo.FLIGHT_SQL_SERVER_SUBSTRAIT_MIN_VERSION,
                        SqlInfo.FLIGHT_SQL_SERVER_SUBSTRAIT,
                        SqlInfo.FLIGHT_SQL_SERVER_SUBSTRAIT_MAX_VERSION)))
                .containsExactly(List.of((long) SqlInfo.FLIGHT_SQL_SERVER_SUBSTRAIT_VALUE, false));
    }

    @Test
    void what_is_asked_for_comes_in_that_order() throws Exception {
        assertThat(client.rows(
                        client.sql.getSqlInfo(SqlInfo.SQL_IDENTIFIER_QUOTE_CHAR, SqlInfo.FLIGHT_SQL_SERVER_NAME)))
                .containsExactly(
                        List.of((long) SqlInfo.SQL_IDENTIFIER_QUOTE_CHAR_VALUE, "\""),
                        List.of((long) SqlInfo.FLIGHT_SQL_SERVER_NAME_VALUE, "Hatch"));
    }

    @Test
    void a_number_that_nobody_knows_is_refused() {
        for (int number : List.of(12, 577, 9_999, 10_000, -1)) {
            FlightInfo info = client.sql.getSqlInfo(List.of(number));
            assertThatThrownBy(() -> client.rows(info))
                    .isInstanceOfSatisfying(
                            FlightRuntimeException.class,
                            e -> assertThat(e.status().code()).isEqualTo(FlightStatusCode.INVALID_ARGUMENT))
                    .hasMessageContaining("there is no SQL info of the number " + Integer.toUnsignedString(number));
        }
    }

    @Test
    void each_value_is_of_the_kind_that_drivers_expect() throws Exception {
        Map<Integer, Object> infos = all();
        Map<String, Object> some = new TreeMap<>();
        for (SqlInfo info : SqlInfo.values()) {
            if (info != SqlInfo.UNRECOGNIZED
                    && infos.containsKey(info.getNumber())
                    && !info.name().endsWith("FUNCTIONS")
                    && !info.name().startsWith("SQL_MAX_")
                    && info != SqlInfo.SQL_KEYWORDS
                    && info != SqlInfo.SQL_SUPPORTS_CONVERT) {
                some.put(info.name(), infos.get(info.getNumber()));
            }
        }
        Map<String, Object> expected = new TreeMap<>();
        expected.put("FLIGHT_SQL_SERVER_NAME", "Hatch");
        expected.put("FLIGHT_SQL_SERVER_VERSION", Versions.hatch());
        expected.put("FLIGHT_SQL_SERVER_ARROW_VERSION", "18.3.0");
        expected.put("FLIGHT_SQL_SERVER_READ_ONLY", false);
        expected.put("FLIGHT_SQL_SERVER_SQL", true);
        expected.put("FLIGHT_SQL_SERVER_SUBSTRAIT", false);
        expected.put("FLIGHT_SQL_SERVER_TRANSACTION", 1);
        expected.put("FLIGHT_SQL_SERVER_CANCEL", true);
        expected.put("FLIGHT_SQL_SERVER_BULK_INGESTION", true);
        expected.put("FLIGHT_SQL_SERVER_INGEST_TRANSACTIONS_SUPPORTED", true);
        expected.put("FLIGHT_SQL_SERVER_STATEMENT_TIMEOUT", 3_600_000);
        expected.put("FLIGHT_SQL_SERVER_TRANSACTION_TIMEOUT", 300_000);
        expected.put("SQL_DDL_CATALOG", false);
        expected.put("SQL_DDL_SCHEMA", true);
        expected.put("SQL_DDL_TABLE", true);
        expected.put("SQL_IDENTIFIER_CASE", 1L);
        expected.put("SQL_IDENTIFIER_QUOTE_CHAR", "\"");
        expected.put("SQL_QUOTED_IDENTIFIER_CASE", 1L);
        expected.put("SQL_ALL_TABLES_ARE_SELECTABLE", true);
        expected.put("SQL_NULL_ORDERING", 3L);
        expected.put("SQL_SEARCH_STRING_ESCAPE", "\\");
        expected.put("SQL_EXTRA_NAME_CHARACTERS", "$");
        expected.put("SQL_SUPPORTS_COLUMN_ALIASING", true);
        expected.put("SQL_NULL_PLUS_NULL_IS_NULL", true);
        expected.put("SQL_SUPPORTS_TABLE_CORRELATION_NAMES", true);
        expected.put("SQL_SUPPORTS_DIFFERENT_TABLE_CORRELATION_NAMES", false);
        expected.put("SQL_SUPPORTS_EXPRESSIONS_IN_ORDER_BY", true);
        expected.put("SQL_SUPPORTS_ORDER_BY_UNRELATED", true);
        expected.put("SQL_SUPPORTED_GROUP_BY", 3);
        expected.put("SQL_SUPPORTS_LIKE_ESCAPE_CLAUSE", true);
        expected.put("SQL_SUPPORTS_NON_NULLABLE_COLUMNS", true);
        expected.put("SQL_SUPPORTED_GRAMMAR", 1);
        expected.put("SQL_ANSI92_SUPPORTED_LEVEL", 1);
        expected.put("SQL_SUPPORTS_INTEGRITY_ENHANCEMENT_FACILITY", true);
        expected.put("SQL_OUTER_JOINS_SUPPORT_LEVEL", 6);
        expected.put("SQL_SCHEMA_TERM", "schema");
        expected.put("SQL_PROCEDURE_TERM", "");
        expected.put("SQL_CATALOG_TERM", "database");
        expected.put("SQL_CATALOG_AT_START", true);
        expected.put("SQL_SCHEMAS_SUPPORTED_ACTIONS", 2);
        expected.put("SQL_CATALOGS_SUPPORTED_ACTIONS", 2);
        expected.put("SQL_SUPPORTED_POSITIONED_COMMANDS", 0);
        expected.put("SQL_SELECT_FOR_UPDATE_SUPPORTED", false);
        expected.put("SQL_STORED_PROCEDURES_SUPPORTED", false);
        expected.put("SQL_SUPPORTED_SUBQUERIES", 15);
        expected.put("SQL_CORRELATED_SUBQUERIES_SUPPORTED", true);
        expected.put("SQL_SUPPORTED_UNIONS", 3);
        expected.put("SQL_DB_SCHEMA_NAME_LENGTH", 0L);
        expected.put("SQL_DEFAULT_TRANSACTION_ISOLATION", 3L);
        expected.put("SQL_TRANSACTIONS_SUPPORTED", true);
        expected.put("SQL_SUPPORTED_TRANSACTIONS_ISOLATION_LEVELS", 8);
        expected.put("SQL_DATA_DEFINITION_CAUSES_TRANSACTION_COMMIT", false);
        expected.put("SQL_DATA_DEFINITIONS_IN_TRANSACTIONS_IGNORED", false);
        expected.put("SQL_SUPPORTED_RESULT_SET_TYPES", 2);
        expected.put("SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_UNSPECIFIED", 0);
        expected.put("SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_FORWARD_ONLY", 2);
        expected.put("SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_SCROLL_SENSITIVE", 0);
        expected.put("SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_SCROLL_INSENSITIVE", 0);
        expected.put("SQL_BATCH_UPDATES_SUPPORTED", true);
        expected.put("SQL_SAVEPOINTS_SUPPORTED", false);
        expected.put("SQL_NAMED_PARAMETERS_SUPPORTED", false);
        expected.put("SQL_LOCATORS_UPDATE_COPY", true);
        expected.put("SQL_STORED_FUNCTIONS_USING_CALL_SYNTAX_SUPPORTED", false);
        assertThat(some).isEqualTo(expected);
    }

    @Test
    void no_limit_is_known() throws Exception {
        Map<Integer, Object> infos = all();
        for (int limit = SqlInfo.SQL_MAX_BINARY_LITERAL_LENGTH_VALUE;
                limit <= SqlInfo.SQL_MAX_USERNAME_LENGTH_VALUE;
                limit++) {
            assertThat(infos.get(limit))
                    .as(String.valueOf(SqlInfo.forNumber(limit)))
                    .isEqualTo(limit == SqlInfo.SQL_MAX_ROW_SIZE_INCLUDES_BLOBS_VALUE ? (Object) true : (Object) 0L);
        }
    }

    @Test
    void the_keywords_are_those_of_the_database() throws Exception {
        List<Object> keywords = new ArrayList<>((List<?>) all().get(SqlInfo.SQL_KEYWORDS_VALUE));
        assertThat(keywords).contains("SELECT", "QUALIFY", "ATTACH", "PIVOT").doesNotHaveDuplicates();
        assertThat(keywords).hasSize((int) server.number("SELECT count(DISTINCT keyword_name) FROM duckdb_keywords()"));
    }

    @Test
    void a_server_of_a_database_that_is_read_only_says_so(@TempDir Path dir) throws Exception {
        String file = dir.resolve("a.db").toString();
        try (TestServer writer = TestServer.start(TestServer.config(file, 0, 1, 1_024))) {
            writer.execute("CREATE TABLE t (a INTEGER)");
        }
        try (TestServer reader = TestServer.start(ServerConfig.builder(ConnectionPoolConfig.builder()
                                .dsn(file)
                                .driverProperty("access_mode", "read_only")
                                .maxOpenConnections(1)
                                .build())
                        .listen(new ServerConfig.Address("127.0.0.1", 0)));
                TestServer.Client readers = reader.client()) {
            assertThat(readers.rows(readers.sql.getSqlInfo(SqlInfo.FLIGHT_SQL_SERVER_READ_ONLY)))
                    .containsExactly(List.of((long) SqlInfo.FLIGHT_SQL_SERVER_READ_ONLY_VALUE, true));
        }
    }

    @Test
    void each_function_can_be_called_by_its_name() throws Exception {
        Map<String, String> arguments = Map.ofEntries(
                Map.entry("PI", "()"),
                Map.entry("NOW", "()"),
                Map.entry("ATAN2", "(1, 2)"),
                Map.entry("MOD", "(7, 3)"),
                Map.entry("POWER", "(2, 3)"),
                Map.entry("CONCAT", "('a', 'b')"),
                Map.entry("LEFT", "('ab', 1)"),
                Map.entry("RIGHT", "('ab', 1)"),
                Map.entry("REPEAT", "('ab', 2)"),
                Map.entry("REPLACE", "('ab', 'a', 'c')"),
                Map.entry("SUBSTRING", "('abc', 2, 1)"),
                Map.entry("IFNULL", "(NULL, 1)"),
                Map.entry("CURRENT_DATE", ""),
                Map.entry("CURRENT_TIME", ""),
                Map.entry("CURRENT_TIMESTAMP", ""),
                Map.entry("EXTRACT", "(YEAR FROM DATE '2024-02-29')"));
        Map<Integer, String> usual = Map.of(
                SqlInfo.SQL_NUMERIC_FUNCTIONS_VALUE, "(0.5)",
                SqlInfo.SQL_STRING_FUNCTIONS_VALUE, "('ab')",
                SqlInfo.SQL_SYSTEM_FUNCTIONS_VALUE, "()",
                SqlInfo.SQL_DATETIME_FUNCTIONS_VALUE, "(TIMESTAMP '2024-02-29 12:30:45')");
        Map<Integer, Object> infos = all();
        List<String> called = new ArrayList<>();
        usual.forEach((number, argument) -> {
            for (Object function : (List<?>) infos.get(number)) {
                String call = function + arguments.getOrDefault((String) function, argument);
                server.execute("SELECT " + call);
                called.add(call);
            }
        });
        assertThat(called).hasSize(21 + 15 + 1 + 16).doesNotHaveDuplicates();
    }

    @Test
    void the_conversions_are_those_that_cast_does() throws Exception {
        Map<SqlSupportsConvert, String[]> samples = new EnumMap<>(SqlSupportsConvert.class);
        for (SqlSupportsConvert type : SqlSupportsConvert.values()) {
            switch (type) {
                case SQL_CONVERT_BIGINT -> samples.put(type, new String[] {"BIGINT", "1"});
                case SQL_CONVERT_BINARY, SQL_CONVERT_VARBINARY, SQL_CONVERT_LONGVARBINARY ->
                    samples.put(type, new String[] {"BLOB", "a"});
                case SQL_CONVERT_BIT -> samples.put(type, new String[] {"BOOLEAN", "true"});
                case SQL_CONVERT_CHAR, SQL_CONVERT_VARCHAR, SQL_CONVERT_LONGVARCHAR ->
                    samples.put(type, new String[] {"VARCHAR", "a"});
                case SQL_CONVERT_DATE -> samples.put(type, new String[] {"DATE", "2024-02-29"});
                case SQL_CONVERT_DECIMAL, SQL_CONVERT_NUMERIC ->
                    samples.put(type, new String[] {"DECIMAL(9, 2)", "1.5"});
                case SQL_CONVERT_FLOAT -> samples.put(type, new String[] {"DOUBLE", "1.5"});
                case SQL_CONVERT_INTEGER -> samples.put(type, new String[] {"INTEGER", "1"});
                case SQL_CONVERT_INTERVAL_DAY_TIME -> samples.put(type, new String[] {"INTERVAL", "1 day"});
                case SQL_CONVERT_INTERVAL_YEAR_MONTH -> samples.put(type, new String[] {"INTERVAL", "1 year"});
                case SQL_CONVERT_REAL -> samples.put(type, new String[] {"FLOAT", "1.5"});
                case SQL_CONVERT_SMALLINT -> samples.put(type, new String[] {"SMALLINT", "1"});
                case SQL_CONVERT_TIME -> samples.put(type, new String[] {"TIME", "12:30:45"});
                case SQL_CONVERT_TIMESTAMP -> samples.put(type, new String[] {"TIMESTAMP", "2024-02-29 12:30:45"});
                case SQL_CONVERT_TINYINT -> samples.put(type, new String[] {"TINYINT", "1"});
                case UNRECOGNIZED -> {}
            }
        }
        Map<Integer, List<Integer>> casts = new TreeMap<>();
        samples.forEach((from, source) -> {
            List<Integer> targets = new ArrayList<>();
            samples.forEach((to, target) -> {
                // A text becomes anything that it is the text of.
                String text = source[0].equals("VARCHAR") ? target[1] : source[1];
                if (runs("SELECT CAST(CAST('" + text + "' AS " + source[0] + ") AS " + target[0] + ")")) {
                    targets.add(to.getNumber());
                }
            });
            casts.put(from.getNumber(), targets);
        });
        assertThat(all().get(SqlInfo.SQL_SUPPORTS_CONVERT_VALUE)).isEqualTo(casts);
    }

    @Test
    void what_is_said_of_statements_is_so() {
        assertThat(Stream.of(
                                "SELECT a FROM t GROUP BY a, b",
                                "SELECT count(*) FROM t GROUP BY b",
                                "SELECT a FROM t ORDER BY b, a + b",
                                "SELECT 'a%' LIKE 'a!%' ESCAPE '!' AS a$b",
                                "SELECT x.A FROM memory.main.T AS t FULL OUTER JOIN t AS x ON x.\"A\" = t.b",
                                "SELECT * FROM t WHERE a = (SELECT 1) AND EXISTS (SELECT 1) AND a IN (SELECT b FROM t)"
                                        + " AND a >= ALL (SELECT b FROM t)",
                                "SELECT * FROM t x WHERE a = (SELECT max(b) FROM t WHERE t.a = x.a)",
                                "SELECT 1 UNION SELECT 2 UNION ALL SELECT 3",
                                "CREATE INDEX by_b ON memory.main.t (b)")
                        .filter(sql -> !runs(sql)))
                .isEmpty();
        assertThat(Stream.of(
                                "CREATE DATABASE d",
                                "SELECT * FROM t FOR UPDATE",
                                "GRANT SELECT ON t TO somebody",
                                "SAVEPOINT s",
                                "DECLARE c CURSOR FOR SELECT 1")
                        .filter(SqlInfosTest::runs))
                .isEmpty();
        assertThat(server.number("SELECT count(*) FROM (SELECT 'a' || NULL AS x) WHERE x IS NULL"))
                .isEqualTo(1);
        assertThat(server.number("SELECT coalesce(x, 9) FROM (VALUES (NULL), (1)) v(x) ORDER BY x LIMIT 1"))
                .isEqualTo(1);
        assertThat(server.number("SELECT coalesce(x, 9) FROM (VALUES (NULL), (1)) v(x) ORDER BY x DESC LIMIT 1"))
                .isEqualTo(1);
    }

    private static boolean runs(String sql) {
        try {
            server.execute(sql);
            return true;
        } catch (AssertionError e) {
            return false;
        }
    }

    private static Map<Integer, Object> all() throws Exception {
        Map<Integer, Object> infos = new TreeMap<>();
        for (List<Object> row : client.rows(client.sql.getSqlInfo(new int[0]))) {
            infos.put(((Long) row.get(0)).intValue(), row.get(1));
        }
        return infos;
    }
}
