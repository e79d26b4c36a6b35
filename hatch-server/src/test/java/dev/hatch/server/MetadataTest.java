package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hatch.arrow.JavaValues;
import java.io.ByteArrayInputStream;
import java.nio.channels.Channels;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlInfo;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ipc.ReadChannel;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
    void what_the_server_is_comes_as_sql_info_all_of_it_or_what_is_asked_for() throws Exception {
        assertThat(rows(client.sql.getSqlInfo(List.of())))
                .hasSize(7)
                .contains(List.of((long) SqlInfo.FLIGHT_SQL_SERVER_READ_ONLY_VALUE, false));
        assertThat(rows(client.sql.getSqlInfo(
                        List.of(SqlInfo.SQL_IDENTIFIER_QUOTE_CHAR_VALUE, SqlInfo.FLIGHT_SQL_SERVER_NAME_VALUE))))
                .containsExactly(
                        List.of((long) SqlInfo.SQL_IDENTIFIER_QUOTE_CHAR_VALUE, "\""),
                        List.of((long) SqlInfo.FLIGHT_SQL_SERVER_NAME_VALUE, "Hatch"));
        FlightInfo unknown = client.sql.getSqlInfo(List.of(9_999));
        assertThatThrownBy(() -> rows(unknown)).hasMessageContaining("there is no SQL info of the number 9999");
    }

    @Test
    void catalogs_are_the_databases_that_are_not_internal() throws Exception {
        server.execute("ATTACH ':memory:' AS second");
        assertThat(rows(client.sql.getCatalogs())).containsExactly(List.of("memory"), List.of("second"));
    }

    @Test
    void schemas_are_filtered_by_catalog_and_pattern() throws Exception {
        assertThat(rows(client.sql.getSchemas("memory", null)))
                .contains(List.of("memory", "main"), List.of("memory", "other"));
        assertThat(rows(client.sql.getSchemas(null, "oth%"))).containsExactly(List.of("memory", "other"));
        assertThat(rows(client.sql.getSchemas("memory", "_ain"))).containsExactly(List.of("memory", "main"));
        assertThat(rows(client.sql.getSchemas("missing", null))).isEmpty();
    }

    @Test
    void tables_are_filtered_by_patterns_in_which_a_backslash_escapes() throws Exception {
        assertThat(tables(null, null, null)).containsExactly("plain", "shown", "a_b", "axb", "odd \" name");
        assertThat(tables("memory", "other", null)).containsExactly("a_b", "axb", "odd \" name");
        assertThat(tables(null, null, "a_b")).containsExactly("a_b", "axb");
        assertThat(tables(null, null, "a\\_b")).containsExactly("a_b");
        assertThat(tables(null, "main", "%")).containsExactly("plain", "shown");
        assertThat(tables(null, null, "it's")).isEmpty();
        assertThat(tables("", null, null)).isEmpty();
    }

    @Test
    void tables_are_filtered_by_their_types() throws Exception {
        assertThat(rows(client.sql.getTableTypes()))
                .containsExactly(List.of("BASE TABLE"), List.of("LOCAL TEMPORARY"), List.of("VIEW"));
        assertThat(rows(client.sql.getTables(null, null, null, List.of("VIEW"), false)))
                .containsExactly(List.of("memory", "main", "shown", "VIEW"));
        assertThat(rows(client.sql.getTables(null, "main", null, List.of("VIEW", "BASE TABLE"), false)))
                .hasSize(2);
    }

    @Test
    void the_schema_of_a_table_is_that_of_a_query_for_all_of_it() throws Exception {
        for (List<Object> row : rows(client.sql.getTables(null, null, null, null, true))) {
            String name = row.get(1) + ".\"" + row.get(2).toString().replace("\"", "\"\"") + "\"";
            assertThat(schema(row.get(4)))
                    .as(name)
                    .isEqualTo(client.sql
                            .execute("FROM " + name)
                            .getSchemaOptional()
                            .orElseThrow());
        }
    }

    @Test
    void a_table_that_cannot_be_read_is_listed_without_columns() throws Exception {
        server.execute("CREATE TABLE gone (x INTEGER)");
        server.execute("CREATE VIEW broken AS SELECT x FROM gone");
        server.execute("DROP TABLE gone");
        server.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')");
        server.execute("CREATE TABLE moods (m mood[])");
        List<String> names = new ArrayList<>();
        for (List<Object> row : rows(client.sql.getTables(null, "main", null, null, true))) {
            names.add(row.get(2) + " "
                    + schema(row.get(4)).getFields().stream()
                            .map(Field::getName)
                            .toList());
        }
        assertThat(names).containsExactly("broken []", "moods []", "plain [a, b]", "shown [a]");
    }

    @Test
    void jdbc_sees_catalogs_schemas_tables_and_columns() throws SQLException {
        try (Connection jdbc = server.jdbc()) {
            DatabaseMetaData metaData = jdbc.getMetaData();
            assertThat(column(metaData.getCatalogs(), "TABLE_CAT")).containsExactly("memory");
            assertThat(column(metaData.getSchemas(null, "oth%"), "TABLE_SCHEM")).containsExactly("other");
            assertThat(column(metaData.getTableTypes(), "TABLE_TYPE")).contains("BASE TABLE", "VIEW");
            assertThat(column(metaData.getTables(null, "main", "%", null), "TABLE_NAME"))
                    .containsExactly("plain", "shown");
            assertThat(column(metaData.getTables(null, null, "%", new String[] {"VIEW"}), "TABLE_NAME"))
                    .containsExactly("shown");
            assertThat(column(metaData.getColumns(null, "main", "plain", "%"), "COLUMN_NAME"))
                    .containsExactly("a", "b");
            assertThat(metaData.getDatabaseProductName()).isEqualTo("Hatch");
            assertThat(metaData.getIdentifierQuoteString()).isEqualTo("\"");
            assertThat(metaData.isReadOnly()).isFalse();
        }
    }

    private List<String> tables(String catalog, String schema, String table) throws Exception {
        return rows(client.sql.getTables(catalog, schema, table, null, false)).stream()
                .map(row -> (String) row.get(2))
                .toList();
    }

    private List<List<Object>> rows(FlightInfo info) throws Exception {
        List<List<Object>> rows = new ArrayList<>();
        try (FlightStream stream = client.stream(info)) {
            assertThat(stream.getSchema()).isEqualTo(info.getSchemaOptional().orElseThrow());
            while (stream.next()) {
                for (int i = 0; i < stream.getRoot().getRowCount(); i++) {
                    List<Object> row = new ArrayList<>();
                    for (FieldVector vector : stream.getRoot().getFieldVectors()) {
                        row.add(JavaValues.get(vector, i));
                    }
                    rows.add(row);
                }
            }
        }
        return rows;
    }

    private static Schema schema(Object bytes) throws Exception {
        return MessageSerializer.deserializeSchema(
                new ReadChannel(Channels.newChannel(new ByteArrayInputStream((byte[]) bytes))));
    }

    private static List<String> column(ResultSet result, String name) throws SQLException {
        List<String> values = new ArrayList<>();
        try (result) {
            while (result.next()) {
                values.add(result.getString(name));
            }
        }
        return values;
    }
}
