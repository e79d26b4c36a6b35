package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.sql.util.TableRef;
import org.apache.arrow.vector.ipc.ReadChannel;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try") // FlightStream.close may be interrupted.
class MetadataTest {
    private TestServer server;
    private TestServer.Client client;

    /** A pool of one: a call that held two leases would wait for itself. */
    @BeforeEach
    void start() {
        server = TestServer.start(1);
        server.execute("CREATE TABLE plain (a INTEGER, b VARCHAR NOT NULL)");
        server.execute("CREATE VIEW shown AS SELECT a FROM plain");
        server.execute("CREATE SCHEMA other");
        server.execute("CREATE TABLE other.a_b (d DECIMAL(9,2)[])");
        server.execute("CREATE TABLE other.axb (m MAP(VARCHAR, INTEGER))");
        server.execute("CREATE TABLE other.\"odd \"\" name\" (x INTEGER)");
        client = server.client();
    }

    @AfterEach
    void nothing_is_left() {
        client.close();
        server.close();
    }

    @Test
    void catalogs_are_the_databases_that_are_not_internal() throws Exception {
        server.execute("ATTACH ':memory:' AS second");
        assertThat(client.rows(client.sql.getCatalogs())).containsExactly(List.of("memory"), List.of("second"));
    }

    @Test
    void schemas_are_filtered_by_catalog_and_pattern() throws Exception {
        server.execute("ATTACH ':memory:' AS \"Second %\"");
        server.execute("CREATE SCHEMA \"Second %\".oxher");
        List<Object> main = List.of("memory", "main");
        List<Object> other = List.of("memory", "other");
        List<Object> second = List.of("Second %", "main");
        List<Object> oxher = List.of("Second %", "oxher");
        assertThat(client.rows(client.sql.getSchemas(null, null))).containsExactly(second, oxher, main, other);
        assertThat(client.rows(client.sql.getSchemas("memory", null))).containsExactly(main, other);
        assertThat(client.rows(client.sql.getSchemas("Second %", null))).containsExactly(second, oxher);
        assertThat(client.rows(client.sql.getSchemas(null, "o_her"))).containsExactly(oxher, other);
        assertThat(client.rows(client.sql.getSchemas("memory", "_ain"))).containsExactly(main);
        assertThat(client.rows(client.sql.getSchemas(null, "OTHER"))).isEmpty();
        assertThat(client.rows(client.sql.getSchemas("second %", null))).isEmpty();
        assertThat(client.rows(client.sql.getSchemas("mem%", null))).isEmpty();
        assertThat(client.rows(client.sql.getSchemas("", null))).isEmpty();
        assertThat(client.rows(client.sql.getSchemas(null, ""))).isEmpty();
        assertThat(client.rows(client.sql.getSchemas("missing", null))).isEmpty();
    }

    @Test
    void what_is_temporary_on_another_lease_is_not_seen() throws Exception {
        try (TestServer two = TestServer.start(2);
                TestServer.Client clients = two.client();
                Connection other = two.hatch().dataSource().getConnection();
                Statement statement = other.createStatement()) {
            statement.execute("CREATE TEMP TABLE mine (a INTEGER PRIMARY KEY)");
            statement.execute("CREATE TEMP VIEW my_view AS SELECT * FROM mine");
            assertThat(clients.rows(clients.sql.getTables(null, null, null, null, true)))
                    .isEmpty();
            assertThat(clients.rows(clients.sql.getPrimaryKeys(TableRef.of(null, null, "mine"))))
                    .isEmpty();
            assertThat(clients.rows(clients.sql.getCatalogs())).containsExactly(List.of("memory"));
        }
    }

    @Test
    void tables_are_ordered_by_catalog_schema_and_name() throws Exception {
        server.execute("ATTACH ':memory:' AS another");
        server.execute("CREATE TABLE another.\"Upper\" (a INTEGER)");
        server.execute("CREATE TABLE another.lower (a INTEGER)");
        assertThat(client.rows(client.sql.getTables(null, null, null, null, false)))
                .containsExactly(
                        List.of("another", "main", "Upper", "BASE TABLE"),
                        List.of("another", "main", "lower", "BASE TABLE"),
                        List.of("memory", "main", "plain", "BASE TABLE"),
                        List.of("memory", "main", "shown", "VIEW"),
                        List.of("memory", "other", "a_b", "BASE TABLE"),
                        List.of("memory", "other", "axb", "BASE TABLE"),
                        List.of("memory", "other", "odd \" name", "BASE TABLE"));
    }

    @Test
    void tables_are_filtered_by_patterns_in_which_a_backslash_escapes() throws Exception {
        assertThat(tables(null, null, null)).containsExactly("plain", "shown", "a_b", "axb", "odd \" name");
        assertThat(tables("memory", "other", null)).containsExactly("a_b", "axb", "odd \" name");
        assertThat(tables(null, null, "a_b")).containsExactly("a_b", "axb");
        assertThat(tables(null, null, "a\\_b")).containsExactly("a_b");
        assertThat(tables(null, "main", "%")).containsExactly("plain", "shown");
        assertThat(tables(null, "m__n", "%n")).containsExactly("plain", "shown");
        assertThat(tables(null, null, "odd \" %")).containsExactly("odd \" name");
        assertThat(tables(null, null, "Plain")).isEmpty();
        assertThat(tables(null, null, "it's")).isEmpty();
        assertThat(tables(null, null, "")).isEmpty();
        assertThat(tables(null, "", null)).isEmpty();
        assertThat(tables("", null, null)).isEmpty();
        assertThat(tables("mem_ry", null, null)).isEmpty();
    }

    @Test
    void a_backslash_before_what_is_no_wildcard_is_a_backslash() throws Exception {
        server.execute("CREATE SCHEMA back");
        server.execute("CREATE TABLE back.\"a\\b\" (x INTEGER)");
        server.execute("CREATE TABLE back.\"a\\\" (x INTEGER)");
        server.execute("CREATE TABLE back.\"a%\" (x INTEGER)");
        assertThat(tables(null, "back", "a\\b")).containsExactly("a\\b");
        assertThat(tables(null, "back", "a\\\\b")).containsExactly("a\\b");
        assertThat(tables(null, "back", "a\\")).containsExactly("a\\");
        assertThat(tables(null, "back", "a\\%")).containsExactly("a%");
        assertThat(tables(null, "back", "a\\\\%")).containsExactly("a\\", "a\\b");
    }

    @Test
    void tables_are_filtered_by_their_types() throws Exception {
        assertThat(client.rows(client.sql.getTableTypes()))
                .containsExactly(List.of("BASE TABLE"), List.of("LOCAL TEMPORARY"), List.of("VIEW"));
        List<Object> plain = List.of("memory", "main", "plain", "BASE TABLE");
        List<Object> shown = List.of("memory", "main", "shown", "VIEW");
        assertThat(client.rows(client.sql.getTables(null, null, null, List.of("VIEW"), false)))
                .containsExactly(shown);
        assertThat(client.rows(client.sql.getTables(null, "main", null, List.of("VIEW", "BASE TABLE"), false)))
                .containsExactly(plain, shown);
        assertThat(client.rows(client.sql.getTables(null, "main", null, List.of("TABLE"), false)))
                .containsExactly(plain);
        assertThat(client.rows(client.sql.getTables(null, null, null, List.of("view", "LOCAL TEMPORARY"), false)))
                .isEmpty();
    }

    @Test
    void the_schema_of_a_table_has_the_names_and_types_of_a_query_for_all_of_it() throws Exception {
        server.execute("CREATE TYPE mood AS ENUM ('sad', 'it''s ), ok')");
        server.execute("CREATE TYPE number AS INTEGER");
        server.execute("CREATE TABLE wide (t TINYINT, u UHUGEINT, f FLOAT, d DOUBLE, b BOOLEAN, bl BLOB, bi BIT,"
                + " bn BIGNUM, id UUID, j JSON, dt DATE, ti TIME, tz TIMETZ, tn TIME_NS, ts TIMESTAMP, s TIMESTAMP_S,"
                + " ms TIMESTAMP_MS, ns TIMESTAMP_NS, tsz TIMESTAMPTZ, i INTERVAL, e mood, n number, l INTEGER[3][],"
                + " st STRUCT(a INTEGER, \"b c\" VARCHAR[]), un UNION(x INTEGER, y VARCHAR))");
        for (List<Object> row : client.rows(client.sql.getTables(null, null, null, null, true))) {
            String name = row.get(1) + ".\"" + row.get(2).toString().replace("\"", "\"\"") + "\"";
            assertThat(plain(schema(row.get(4)).getFields()))
                    .as(name)
                    .isEqualTo(plain(client.sql
                            .execute("FROM " + name)
                            .getSchemaOptional()
                            .orElseThrow()
                            .getFields()));
        }
    }

    /** Without what Flight SQL says of a column, and taking each for one that may be null. */
    private static List<Field> plain(List<Field> fields) {
        return fields.stream()
                .map(field -> {
                    Map<String, String> metadata = new HashMap<>(field.getMetadata());
                    metadata.keySet().removeIf(key -> key.startsWith("ARROW:FLIGHT:SQL:"));
                    return new Field(
                            field.getName(),
                            new FieldType(true, field.getType(), field.getDictionary(), metadata),
                            field.getChildren());
                })
                .toList();
    }

    @Test
    void flight_sql_says_of_a_column_what_is_true_of_it() throws Exception {
        server.execute("CREATE SEQUENCE counter");
        server.execute("CREATE TABLE told (id BIGINT PRIMARY KEY DEFAULT nextval('counter'), name VARCHAR NOT NULL,"
                + " price DECIMAL(9, 2) DEFAULT 0, made TIMESTAMP_MS, ratio DOUBLE, tags VARCHAR[],"
                + " twice BIGINT GENERATED ALWAYS AS (id * 2), big HUGEINT, kind ENUM ('a', 'b'))");
        server.execute("COMMENT ON COLUMN told.price IS 'in €'");
        server.execute("CREATE VIEW told_of AS SELECT id, name FROM told");
        assertThat(columns("told"))
                .containsExactly(
                        about("told", "id", false, "BIGINT", "AUTO 1, CASE 0, PRECISION 19, READ_ONLY 0, SCALE 0"),
                        about("told", "name", false, "VARCHAR", "READ_ONLY 0"),
                        about(
                                "told",
                                "price",
                                true,
                                "DECIMAL(9,2)",
                                "CASE 0, PRECISION 9, READ_ONLY 0, REMARKS in €, SCALE 2"),
                        about("told", "made", true, "TIMESTAMP_MS", "CASE 0, PRECISION 23, READ_ONLY 0, SCALE 3"),
                        about("told", "ratio", true, "DOUBLE", "CASE 0, READ_ONLY 0"),
                        about("told", "tags", true, "VARCHAR[]", "CASE 0, READ_ONLY 0"),
                        about("told", "twice", true, "BIGINT", "CASE 0, PRECISION 19, READ_ONLY 1, SCALE 0"),
                        about("told", "big", true, "HUGEINT", "CASE 0, PRECISION 39, READ_ONLY 0, SCALE 0"),
                        about("told", "kind", true, "ENUM('a', 'b')", "CASE 1, READ_ONLY 0"));
        assertThat(columns("told_of"))
                .containsExactly(
                        about("told_of", "id", true, "BIGINT", "CASE 0, PRECISION 19, READ_ONLY 1, SCALE 0"),
                        about("told_of", "name", true, "VARCHAR", "READ_ONLY 1"));
    }

    private static String about(String table, String column, boolean isNullable, String type, String rest) {
        return column + (isNullable ? "" : " not null") + ": CATALOG memory, DB_SCHEMA main, SCHEMA main, TABLE "
                + table + ", TYPE " + type + ", " + rest + ", SEARCHABLE 1";
    }

    /** Each with what Flight SQL says of it, in the order of the keys but for the names, which are first. */
    private List<String> columns(String table) throws Exception {
        List<List<Object>> rows = client.rows(client.sql.getTables(null, null, table, null, true));
        assertThat(rows).hasSize(1);
        List<String> columns = new ArrayList<>();
        for (Field field : schema(rows.get(0).get(4)).getFields()) {
            Map<String, String> names = new TreeMap<>();
            Map<String, String> rest = new TreeMap<>();
            field.getMetadata().forEach((key, value) -> {
                String name = key.replace("ARROW:FLIGHT:SQL:", "");
                if (name.endsWith("_NAME")) {
                    names.put(name.replace("_NAME", ""), value);
                } else {
                    rest.put(name.replace("IS_", "").replace("_INCREMENT", "").replace("_SENSITIVE", ""), value);
                }
            });
            List<String> words = new ArrayList<>();
            names.forEach((key, value) -> words.add(key + " " + value));
            rest.forEach((key, value) -> words.add(key + " " + value));
            columns.add(field.getName() + (field.isNullable() ? "" : " not null") + ": " + String.join(", ", words));
        }
        return columns;
    }

    @Test
    void a_column_that_cannot_be_sent_is_listed_as_one_that_arrow_has_no_type_for() throws Exception {
        server.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')");
        server.execute("CREATE TABLE moods (a INTEGER, m mood[], v VARIANT)");
        List<Field> fields = schema(client.rows(client.sql.getTables(null, null, "moods", null, true))
                        .get(0)
                        .get(4))
                .getFields();
        assertThat(fields).extracting(Field::getName).containsExactly("a", "m", "v");
        assertThat(fields.get(1).getMetadata())
                .containsEntry("ARROW:extension:name", "arrow.opaque")
                .containsEntry(
                        "ARROW:extension:metadata",
                        "{\"type_name\":\"ENUM('sad', 'ok')[]\",\"vendor_name\":\"DuckDB\"}")
                .containsEntry("ARROW:FLIGHT:SQL:TYPE_NAME", "ENUM('sad', 'ok')[]");
        assertThat(fields.get(2).getType()).isEqualTo(ArrowType.Null.INSTANCE);
    }

    @Test
    void a_view_of_a_table_that_is_gone_is_listed_as_the_database_remembers_it(@TempDir Path dir) throws Exception {
        String file = dir.resolve("views.db").toString();
        try (TestServer first = TestServer.start(TestServer.config(file, 0, 1, 1_024))) {
            first.execute("CREATE TABLE gone (x INTEGER)");
            first.execute("CREATE VIEW broken AS SELECT x FROM gone");
            first.execute("DROP TABLE gone");
            first.execute("CREATE TABLE whole (a INTEGER)");
        }
        try (TestServer again = TestServer.start(TestServer.config(file, 0, 1, 1_024));
                TestServer.Client reader = again.client()) {
            List<String> names = new ArrayList<>();
            for (List<Object> row : reader.rows(reader.sql.getTables(null, null, null, null, true))) {
                names.add(row.get(2) + " "
                        + schema(row.get(4)).getFields().stream()
                                .map(Field::getName)
                                .toList());
            }
            assertThat(names).containsExactly("broken [x]", "whole [a]");
        }
    }

    @Test
    void a_long_list_of_tables_comes_in_several_batches() throws Exception {
        String columns =
                IntStream.range(0, 100).mapToObj(i -> "c" + i + " INTEGER").collect(Collectors.joining(", "));
        for (int i = 10; i < 70; i++) {
            server.execute("CREATE TABLE many_" + i + " (" + columns + ")");
        }
        FlightInfo info = client.sql.getTables(null, "main", "many\\_%", null, true);
        assertThat(client.rows(info))
                .extracting(row -> row.get(2))
                .containsExactlyElementsOf(
                        IntStream.range(10, 70).mapToObj(i -> "many_" + i).toList());
        int batches = 0;
        try (FlightStream stream = client.stream(info)) {
            while (stream.next()) {
                batches++;
            }
        }
        assertThat(batches).isGreaterThan(1);
    }

    private List<String> tables(String catalog, String schema, String table) throws Exception {
        return client.rows(client.sql.getTables(catalog, schema, table, null, false)).stream()
                .map(row -> (String) row.get(2))
                .toList();
    }

    private static Schema schema(Object bytes) throws Exception {
        return MessageSerializer.deserializeSchema(
                new ReadChannel(Channels.newChannel(new ByteArrayInputStream((byte[]) bytes))));
    }
}
