package dev.hatch.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.server.HatchServer;
import dev.hatch.server.ServerConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("once")
@Timeout(60)
class HatchTest {
    private static HatchServer server;

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeAll
    static void serve() throws Exception {
        server = HatchServer.start(ServerConfig.builder(
                        ConnectionPoolConfig.builder().dsn(":memory:").build())
                .listen(new ServerConfig.Address("127.0.0.1", 0))
                .batchRows(1_000)
                .build());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private int run(String input, String... args) {
        return Hatch.run(
                new Console(
                        new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                        new PrintStream(out, false, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8)),
                args);
    }

    private int query(String... args) {
        String[] all = new String[args.length + 3];
        all[0] = "query";
        all[1] = "--server";
        all[2] = server.uri();
        System.arraycopy(args, 0, all, 3, args.length);
        return run("", all);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void a_table_has_numbers_on_the_right_and_says_null() {
        assertThat(
                        query(
                                "SELECT * FROM (VALUES (1, 'one', true), (200, NULL, NULL), (NULL, E'a\\nb', false)) t(n, name, b)"))
                .isZero();
        assertThat(out()).isEqualTo("""
                   n | name | b
                -----+------+------
                   1 | one  | true
                 200 | NULL | NULL
                NULL | a\\nb | false
                """);
        assertThat(err()).matches("3 rows in \\d+\\.\\d{3} s\n");
    }

    @Test
    void a_table_of_no_rows_has_its_header() {
        assertThat(query("SELECT 1 AS x, 'y' AS why WHERE false")).isZero();
        assertThat(out()).isEqualTo("x | why\n--+----\n");
        assertThat(err()).startsWith("0 rows in ");
    }

    @Test
    void csv_quotes_what_needs_it_and_tells_null_from_empty() {
        assertThat(query(
                        "--format",
                        "csv",
                        "SELECT 'a,b' AS \"x\"\"y\", '' AS e, NULL AS n, 'say \"hi\"' AS q, 1.50 AS d"))
                .isZero();
        assertThat(out()).isEqualTo("\"x\"\"y\",e,n,q,d\n\"a,b\",\"\",,\"say \"\"hi\"\"\",1.50\n");
    }

    @Test
    void json_has_an_object_a_line() {
        assertThat(query(
                        "--format",
                        "json",
                        "SELECT i, i / 2 AS h, 'é\"' AS t, NULL AS n, DATE '2020-02-29' AS d, 'inf'::DOUBLE AS inf"
                                + " FROM range(2) t(i)"))
                .isZero();
        assertThat(out()).isEqualTo("""
                {"i":0,"h":0.0,"t":"é\\"","n":null,"d":"2020-02-29","inf":"Infinity"}
                {"i":1,"h":0.5,"t":"é\\"","n":null,"d":"2020-02-29","inf":"Infinity"}
                """);
    }

    @Test
    void arrow_is_an_ipc_stream_of_the_whole_result() throws Exception {
        assertThat(query("--format", "arrow", "SELECT i FROM range(2500) t(i)")).isZero();
        long sum = 0;
        try (RootAllocator allocator = new RootAllocator();
                ArrowStreamReader reader =
                        new ArrowStreamReader(new ByteArrayInputStream(out.toByteArray()), allocator)) {
            while (reader.loadNextBatch()) {
                BigIntVector column =
                        (BigIntVector) reader.getVectorSchemaRoot().getVector(0);
                for (int row = 0; row < column.getValueCount(); row++) {
                    sum += column.get(row);
                }
            }
        }
        assertThat(sum).isEqualTo(2_499L * 2_500 / 2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            DATE '2020-01-02'                    | 2020-01-02
            TIME '01:02:03.5'                    | 01:02:03.500
            TIMESTAMP '2020-01-02 03:04:05'      | 2020-01-02T03:04:05
            TIMESTAMPTZ '2020-01-02 03:04:05+00' | 2020-01-02T03:04:05Z
            255::UTINYINT                        | 255
            18446744073709551615::UBIGINT        | 18446744073709551615
            '\\xAB\\x01'::BLOB                   | \\xab01
            [1, 2]                               | [1,2]
            0.000000001::DECIMAL(18,9)           | 0.000000001
            """)
    void a_value_is_printed_as_a_person_writes_it(String sql, String printed) {
        assertThat(query("--format", "csv", "SELECT " + sql + " AS v")).isZero();
        assertThat(out().replace("\"", "")).isEqualTo("v\n" + printed + "\n");
    }

    private static final String NESTED = "SELECT [18446744073709551615::UBIGINT] AS a,"
            + " {'u': 4294967295::UINTEGER, 't': 200::UTINYINT} AS b, [DATE '2020-01-02', NULL] AS c,"
            + " [TIMESTAMPTZ '2020-01-02 03:04:05+00'] AS d, ['\\xAB\\x01'::BLOB] AS e, [60000::USMALLINT] AS f,"
            + " MAP {DATE '2020-01-02': [1.50::DECIMAL(4,2)]} AS g, [[1, 2]]::INTEGER[2][] AS h,"
            + " union_value(b := 7)::UNION(a INTEGER, b INTEGER, t TIMESTAMPTZ) AS i,"
            + " [union_value(t := TIMESTAMPTZ '2020-01-02 03:04:05+00')::UNION(a INTEGER, t TIMESTAMPTZ)] AS j,"
            + " ['nan'::DOUBLE] AS k, ['a\"b'] AS l";

    @Test
    void nested_values_are_arrays_and_objects_in_json() {
        assertThat(query("--format", "json", NESTED)).isZero();
        assertThat(out()).isEqualTo("""
                {"a":[18446744073709551615],"b":{"u":4294967295,"t":200},"c":["2020-01-02",null],\
                "d":["2020-01-02T03:04:05Z"],"e":["\\\\xab01"],"f":[60000],"g":{"2020-01-02":[1.50]},"h":[[1,2]],\
                "i":7,"j":["2020-01-02T03:04:05Z"],"k":["NaN"],"l":["a\\"b"]}
                """);
    }

    @Test
    void nested_values_are_json_in_csv_and_in_a_table() {
        String row = """
                [18446744073709551615];{"u":4294967295,"t":200};["2020-01-02",null];["2020-01-02T03:04:05Z"];\
                ["\\\\xab01"];[60000];{"2020-01-02":[1.50]};[[1,2]];7;["2020-01-02T03:04:05Z"];["NaN"];["a\\"b"]""";
        assertThat(query("--format", "csv", NESTED)).isZero();
        assertThat(out().lines().skip(1).findFirst().orElseThrow()).isEqualTo(asCsv(row));
        out.reset();
        assertThat(query(NESTED)).isZero();
        assertThat(out().lines().skip(2).findFirst().orElseThrow().split(" +\\| +"))
                .containsExactly(row.split(";"));
    }

    private static String asCsv(String row) {
        return Stream.of(row.split(";"))
                .map(cell -> cell.matches("[^,\"]*") ? cell : '"' + cell.replace("\"", "\"\"") + '"')
                .collect(Collectors.joining(","));
    }

    private static final String LATE_ERROR =
            "SELECT CASE WHEN range = 3000000 THEN error('late') ELSE range END AS i FROM range(4000000)";

    @ParameterizedTest
    @ValueSource(strings = {"table", "csv", "json", "arrow"})
    void an_error_amid_the_rows_is_one_line_and_exit_code_1(String format) {
        assertThat(query("--format", format, LATE_ERROR)).isOne();
        assertThat(err()).startsWith("hatch: ").contains("late").hasLineCount(1);
        assertThat(out.size()).isGreaterThan(1_000_000);
    }

    @Test
    void an_arrow_stream_that_broke_off_has_no_end() {
        byte[] end = {-1, -1, -1, -1, 0, 0, 0, 0};
        assertThat(query("--format", "arrow", "SELECT 1")).isZero();
        assertThat(tail(end.length)).isEqualTo(end);
        out.reset();
        assertThat(query("--format", "arrow", LATE_ERROR)).isOne();
        assertThat(tail(end.length)).isNotEqualTo(end);
    }

    private byte[] tail(int length) {
        return Arrays.copyOfRange(out.toByteArray(), out.size() - length, out.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"table", "json"})
    void an_error_before_the_first_row_prints_nothing_else(String format) {
        assertThat(query("--format", format, "SELECT error('early') AS i FROM range(3)"))
                .isOne();
        assertThat(out()).isEmpty();
        assertThat(err()).startsWith("hatch: ").contains("early").hasLineCount(1);
    }

    @Test
    void the_statement_may_come_from_standard_input() {
        assertThat(run("SELECT 'from stdin' AS x", "query", "--server", server.uri()))
                .isZero();
        assertThat(out()).contains("from stdin");
        assertThat(run("SELECT 'with a dash' AS x", "query", "--server", server.uri(), "-"))
                .isZero();
        assertThat(out()).contains("with a dash");
    }

    @Test
    void the_statement_may_come_from_a_file() throws Exception {
        Path file = Files.writeString(folder.resolve("query.sql"), "-- é\nSELECT 'from a file' AS x\n");
        assertThat(query("-f", file.toString())).isZero();
        assertThat(out()).contains("from a file");
        assertThat(run("SELECT 'with a dash' AS x", "query", "--server", server.uri(), "-f", "-"))
                .isZero();
        assertThat(out()).contains("with a dash");
    }

    @Test
    void a_file_that_is_not_there_is_one_line_and_exit_code_1() {
        assertThat(query("-f", "no/where.sql")).isOne();
        assertThat(err()).isEqualTo("hatch: cannot read no/where.sql: there is no such file\n");
    }

    @Test
    void a_file_of_several_statements_is_refused() throws Exception {
        Path file = Files.writeString(folder.resolve("two.sql"), "SELECT 1;\nSELECT 2;\n");
        assertThat(query("-f", file.toString())).isOne();
        assertThat(err()).startsWith("hatch: ").contains("statement").hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            ?::INTEGER + 1          | 41                        | 42
            ?::INTEGER + 1          | -5                        | -4
            ?::TINYINT              | -128                      | -128
            ?::UBIGINT              | 18446744073709551615      | 18446744073709551615
            ?::HUGEINT              | 170141183460469231731687303715884105 | 170141183460469231731687303715884105
            ?::DOUBLE               | 1e3                       | 1000.0
            ?::FLOAT                | 1.5                       | 1.5
            ?::DECIMAL(9, 2)        | 12.5                      | 12.50
            ?::BOOLEAN              | true                      | true
            ?::DATE + 1             | 2020-02-28                | 2020-02-29
            ?::TIME                 | 01:02:03.5                | 01:02:03.500
            ?::TIMESTAMP            | 2020-01-02 03:04:05       | 2020-01-02T03:04:05
            ?::TIMESTAMPTZ          | 2020-01-02T03:04:05+01:00 | 2020-01-02T02:04:05Z
            ?::UUID                 | 7f1d0000-0000-0000-0000-00000000000a | 7f1d0000-0000-0000-0000-00000000000a
            (?::INTERVAL)::VARCHAR  | 3 days                    | 3 days
            (?::INTEGER[])[2]       | [1, 2]                    | 2
            ?                       | it's                      | it's
            ?                       | NULL                      | NULL
            (SELECT max(i) FROM range(9) t(i) WHERE i < ?) | 5  | 4
            """)
    void a_parameter_is_of_the_type_that_the_statement_needs(String sql, String value, String printed) {
        assertThat(query("--format", "csv", "-p", value, "SELECT " + sql + " AS v"))
                .as(err())
                .isZero();
        assertThat(out().replace("\"", "")).isEqualTo("v\n" + printed + "\n");
    }

    @Test
    void parameters_are_in_the_order_of_the_statement_and_may_be_null() {
        assertThat(query(
                        "--format",
                        "json",
                        "--null",
                        "-",
                        "-p",
                        "1",
                        "-p",
                        "-",
                        "--param=",
                        "SELECT ?::INTEGER AS a," + " ?::DATE AS b, ? AS c"))
                .isZero();
        assertThat(out()).isEqualTo("{\"a\":1,\"b\":null,\"c\":\"\"}\n");
    }

    @Test
    void a_statement_that_changes_rows_takes_parameters() {
        assertThat(query("CREATE TABLE told(i INTEGER, s VARCHAR)")).isZero();
        assertThat(query("-p", "7", "-p", "x", "INSERT INTO told VALUES (?, ?)"))
                .isZero();
        assertThat(out()).isEqualTo("Count\n-----\n    1\n");
        out.reset();
        assertThat(query("--format", "csv", "FROM told")).isZero();
        assertThat(out()).isEqualTo("i,s\n7,x\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            ?::INTEGER     | seven               | a whole number of 32 bits
            ?::TINYINT     | 300                 | a whole number of 8 bits
            ?::UTINYINT    | -1                  | a whole number of 8 bits without a sign
            ?::DECIMAL(4,2)| 1.234               | a number of 4 digits, 2 after the point
            ?::DOUBLE      | much                | a number
            ?::BOOLEAN     | yes                 | true or false
            ?::DATE        | today               | a date such as 2026-11-23
            ?::TIME        | noon                | a time such as 13:45:00
            ?::TIMESTAMP   | 2026-11-23          | a timestamp such as 2026-11-23T13:45:00
            ?::TIMESTAMPTZ | 2026-11-23T13:45:00 | a timestamp such as 2026-11-23T13:45:00+01:00
            """)
    void a_parameter_that_does_not_fit_is_named(String sql, String value, String words) {
        assertThat(query("-p", "1", "-p", value, "SELECT ?::INTEGER, " + sql)).isEqualTo(2);
        assertThat(err())
                .startsWith("hatch: parameter 2 is '" + value + "', which is not " + words + "; ")
                .hasLineCount(1);
    }

    @Test
    void parameters_must_be_as_many_as_the_statement_takes() {
        assertThat(query("-p", "1", "SELECT ?::INTEGER + ?::INTEGER")).isEqualTo(2);
        assertThat(err()).startsWith("hatch: the statement takes 2 parameters, -p was given 1 times");
        err.reset();
        assertThat(query("-p", "1", "SELECT 1")).isOne();
        assertThat(err())
                .startsWith("hatch: the statement takes 0 parameters, found 1")
                .hasLineCount(1);
    }

    @Test
    void a_statement_that_changes_rows_says_how_many() {
        assertThat(query("CREATE TABLE counted(i INTEGER)")).isZero();
        assertThat(out()).isEmpty();
        assertThat(query("INSERT INTO counted FROM range(5)")).isZero();
        assertThat(out()).isEqualTo("Count\n-----\n    5\n");
    }

    @Test
    void wrong_sql_is_one_line_of_duckdb_s_words_and_exit_code_1() {
        assertThat(query("SELEC 1")).isOne();
        assertThat(out()).isEmpty();
        assertThat(err()).isEqualTo("hatch: Parser Error: syntax error at or near \"SELEC\" | LINE 1: SELEC 1\n");
    }

    @Test
    void verbose_adds_the_stack_trace() {
        assertThat(query("--verbose", "SELEC 1")).isOne();
        assertThat(err().lines().count()).isGreaterThan(5);
        assertThat(err()).contains("\tat ");
    }

    @Test
    void a_server_that_is_not_there_is_one_line_and_exit_code_1() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        assertThat(run("", "query", "--server", "grpc://127.0.0.1:" + port, "SELECT 1"))
                .isOne();
        assertThat(err()).startsWith("hatch: ").contains("127.0.0.1:" + port).hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--nosuch",
                "nosuch",
                "serve --nosuch",
                "serve --listen 31337",
                "serve --listen localhost:http",
                "serve --listen 127.0.0.1:99999",
                "serve --listen 0.0.0.0:0",
                "serve --listen no.such.host.invalid:1",
                "serve --admin 31338",
                "serve --admin localhost:http",
                "serve --admin 127.0.0.1:99999",
                "serve --admin 0.0.0.0:0",
                "serve --admin no.such.host.invalid:1",
                "top --admin 127.0.0.1:31338",
                "top --admin grpc://127.0.0.1:31338",
                "top --interval soon",
                "top --interval 1ms",
                "serve --connections 0",
                "serve --connections many",
                "serve --connections 3 --connections 4",
                "serve --batch-rows 0",
                "serve --drain soon",
                "serve --sample --database file.db",
                "serve --database jdbc:postgresql://host/db",
                "query --server http://127.0.0.1:1 SELECT",
                "query --server nonsense SELECT",
                "query --format xml SELECT",
                "query ",
                "query -f file.sql SELECT",
                "query -p",
            })
    void what_is_not_understood_is_one_line_and_exit_code_2(String line) {
        assertThat(run("", line.split(" "))).isEqualTo(2);
        assertThat(err()).startsWith("hatch: ").contains("--help").hasLineCount(1);
        assertThat(out()).isEmpty();
    }

    @Test
    void a_command_without_arguments_prints_its_usage_and_fails() {
        assertThat(run("")).isEqualTo(2);
        assertThat(err()).startsWith("Usage: hatch");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "serve --help", "query --help", "load --help", "top --help", "bench --help"})
    void help_goes_to_standard_output_and_succeeds(String line) {
        assertThat(run("", line.split(" "))).isZero();
        assertThat(out()).startsWith("Usage: hatch");
        assertThat(err()).isEmpty();
    }

    @Test
    void the_version_is_printed() {
        assertThat(run("", "--version")).isZero();
        assertThat(out()).startsWith("hatch ").contains("Java ");
    }

    @Test
    void the_benchmarks_are_said_to_be_elsewhere() {
        assertThat(run("", "bench", "flight", "--quick")).isOne();
        assertThat(err()).contains("./hatch bench").hasLineCount(1);
    }

    @Test
    void a_database_that_cannot_be_opened_is_one_line_and_exit_code_1() throws Exception {
        assertThat(run(
                        "",
                        "serve",
                        "--listen",
                        "127.0.0.1:0",
                        "--database",
                        folder.resolve("no/where.db").toString()))
                .isOne();
        assertThat(err()).startsWith("hatch: ").contains("where.db").hasLineCount(1);
        err.reset();
        Path text = Files.writeString(folder.resolve("text.db"), "no database ".repeat(1_000));
        assertThat(run("", "serve", "--listen", "127.0.0.1:0", "--database", text.toString()))
                .isOne();
        assertThat(err())
                .startsWith("hatch: ")
                .contains("not a valid DuckDB database file")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource({
        ":memory:,:memory:",
        "orders.db,orders.db",
        "jdbc:duckdb:/data/orders.db,/data/orders.db",
        "jdbc:duckdb:/data/orders.db?user=me&key=secret,/data/orders.db",
        "/data/orders.db;encryption_key=secret,/data/orders.db",
        "jdbc:duckdb:;encryption_key=secret,:memory:",
    })
    void a_database_is_said_without_its_properties(String database, String said) {
        assertThat(Settings.withoutProperties(database)).isEqualTo(said);
    }

    @Test
    void a_property_of_the_database_is_not_said_in_an_error() {
        assertThat(run("", "serve", "--sample", "--database", "orders.db;encryption_key=secret"))
                .isEqualTo(2);
        assertThat(err()).contains("leave out --database orders.db (").doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void a_server_that_has_ended_leaves_the_signals_to_whoever_had_them(String signal) throws Exception {
        CountDownLatch heard = new CountDownLatch(1);
        Runnable giveBack = Signals.onStop(heard::countDown, () -> {});
        try {
            assertThat(run("", "serve", "--listen", "127.0.0.1:" + server.port()))
                    .isOne();
            long self = ProcessHandle.current().pid();
            assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(self))
                            .start()
                            .waitFor())
                    .isZero();
            assertThat(heard.await(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            giveBack.run();
        }
    }

    @Test
    void an_admin_address_that_is_taken_is_one_line_and_exit_code_1() {
        assertThat(run("", "serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:" + server.port()))
                .isOne();
        assertThat(err())
                .startsWith("hatch: cannot listen on 127.0.0.1:" + server.port() + ": ")
                .contains("Address already in use")
                .hasLineCount(1);
    }

    @Test
    void an_admin_address_that_others_reach_is_refused_as_one_to_listen_on_is() {
        assertThat(run("", "serve", "--admin", "0.0.0.0:0")).isEqualTo(2);
        assertThat(err())
                .startsWith("hatch: --admin: the admin address has no authentication")
                .contains("--insecure")
                .hasLineCount(1);
    }

    @Test
    void a_port_that_is_taken_is_one_line_and_exit_code_1() {
        assertThat(run("", "serve", "--listen", "127.0.0.1:" + server.port())).isOne();
        assertThat(err())
                .startsWith("hatch: cannot listen on 127.0.0.1:" + server.port() + ": ")
                .contains("Address already in use")
                .hasLineCount(1);
    }
}
