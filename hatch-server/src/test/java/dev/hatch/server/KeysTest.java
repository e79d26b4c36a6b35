package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.apache.arrow.flight.sql.util.TableRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KeysTest {
    private static final long NO_ACTION = 3;

    private TestServer server;
    private TestServer.Client client;

    @BeforeEach
    void start() {
        server = TestServer.start(1);
        server.execute("CREATE TABLE part (id INTEGER PRIMARY KEY, code VARCHAR UNIQUE)");
        server.execute(
                "CREATE TABLE \"Order \"\"Line\"\"\" (line INTEGER, \"Order_%\" INTEGER, part INTEGER REFERENCES part,"
                        + " code VARCHAR REFERENCES part(code), PRIMARY KEY (\"Order_%\", line))");
        server.execute(
                "CREATE TABLE note (id INTEGER PRIMARY KEY, o INTEGER, l INTEGER, before INTEGER REFERENCES note,"
                        + " FOREIGN KEY (O, l) REFERENCES \"order \"\"line\"\"\"(\"order_%\", LINE))");
        client = server.client();
    }

    @AfterEach
    void nothing_is_left() {
        client.close();
        server.close();
    }

    @Test
    void a_primary_key_is_told_column_by_column_in_its_own_order() throws Exception {
        assertThat(client.rows(client.sql.getPrimaryKeys(TableRef.of(null, null, "Order \"Line\""))))
                .containsExactly(
                        row("memory", "main", "Order \"Line\"", "Order_%", 1, "Order \"Line\"_order_%_line_pkey"),
                        row("memory", "main", "Order \"Line\"", "line", 2, "Order \"Line\"_order_%_line_pkey"));
    }

    @Test
    void a_primary_key_is_that_of_the_catalog_and_schema_that_are_asked_for() throws Exception {
        server.execute("CREATE SCHEMA other");
        server.execute("CREATE TABLE other.part (k INTEGER PRIMARY KEY)");
        server.execute("ATTACH ':memory:' AS second");
        server.execute("CREATE TABLE second.part (s INTEGER PRIMARY KEY)");
        List<Object> first = row("memory", "main", "part", "id", 1, "part_id_pkey");
        List<Object> other = row("memory", "other", "part", "k", 1, "part_k_pkey");
        List<Object> second = row("second", "main", "part", "s", 1, "part_s_pkey");
        assertThat(primaryKeys(null, null, "part")).containsExactly(first, other, second);
        assertThat(primaryKeys("memory", null, "part")).containsExactly(first, other);
        assertThat(primaryKeys(null, "main", "part")).containsExactly(first, second);
        assertThat(primaryKeys("memory", "other", "part")).containsExactly(other);
        assertThat(primaryKeys("", null, "part")).isEmpty();
        assertThat(primaryKeys(null, "", "part")).isEmpty();
        assertThat(primaryKeys("memory", "main", "PART")).isEmpty();
        assertThat(primaryKeys("memory", "main", "par%")).isEmpty();
        assertThat(primaryKeys("memory", "main", "missing")).isEmpty();
    }

    @Test
    void what_a_table_imports_is_ordered_by_what_it_refers_to() throws Exception {
        assertThat(client.rows(client.sql.getImportedKeys(TableRef.of("memory", "main", "note"))))
                .containsExactly(
                        key(
                                "Order \"Line\"",
                                "Order_%",
                                "note",
                                "o",
                                1,
                                "note_o_l_order_%_line_fkey",
                                "Order \"Line\"_order_%_line_pkey"),
                        key(
                                "Order \"Line\"",
                                "line",
                                "note",
                                "l",
                                2,
                                "note_o_l_order_%_line_fkey",
                                "Order \"Line\"_order_%_line_pkey"),
                        key("note", "id", "note", "before", 1, "note_before_id_fkey", "note_id_pkey"));
        assertThat(client.rows(client.sql.getImportedKeys(TableRef.of(null, null, "Order \"Line\""))))
                .containsExactly(
                        key(
                                "part",
                                "code",
                                "Order \"Line\"",
                                "code",
                                1,
                                "Order \"Line\"_code_code_fkey",
                                "part_code_key"),
                        key("part", "id", "Order \"Line\"", "part", 1, "Order \"Line\"_part_id_fkey", "part_id_pkey"));
        assertThat(client.rows(client.sql.getImportedKeys(TableRef.of(null, null, "part"))))
                .isEmpty();
        assertThat(client.rows(client.sql.getImportedKeys(TableRef.of("", null, "note"))))
                .isEmpty();
        assertThat(client.rows(client.sql.getImportedKeys(TableRef.of(null, "other", "note"))))
                .isEmpty();
        assertThat(client.rows(client.sql.getImportedKeys(TableRef.of(null, null, "missing"))))
                .isEmpty();
    }

    @Test
    void what_a_table_exports_is_ordered_by_what_refers_to_it() throws Exception {
        server.execute("CREATE TABLE a_first (p INTEGER REFERENCES part)");
        assertThat(client.rows(client.sql.getExportedKeys(TableRef.of("memory", "main", "part"))))
                .containsExactly(
                        key(
                                "part",
                                "code",
                                "Order \"Line\"",
                                "code",
                                1,
                                "Order \"Line\"_code_code_fkey",
                                "part_code_key"),
                        key("part", "id", "Order \"Line\"", "part", 1, "Order \"Line\"_part_id_fkey", "part_id_pkey"),
                        key("part", "id", "a_first", "p", 1, "a_first_p_id_fkey", "part_id_pkey"));
        assertThat(client.rows(client.sql.getExportedKeys(TableRef.of("second", null, "part"))))
                .isEmpty();
        assertThat(client.rows(client.sql.getExportedKeys(TableRef.of(null, "", "part"))))
                .isEmpty();
        assertThat(client.rows(client.sql.getExportedKeys(TableRef.of(null, null, "a_first"))))
                .isEmpty();
    }

    @Test
    void a_cross_reference_has_what_one_table_imports_of_the_other() throws Exception {
        TableRef part = TableRef.of("memory", "main", "part");
        TableRef note = TableRef.of("memory", null, "note");
        TableRef line = TableRef.of(null, "main", "Order \"Line\"");
        assertThat(client.rows(client.sql.getCrossReference(line, note)))
                .containsExactly(
                        key(
                                "Order \"Line\"",
                                "Order_%",
                                "note",
                                "o",
                                1,
                                "note_o_l_order_%_line_fkey",
                                "Order \"Line\"_order_%_line_pkey"),
                        key(
                                "Order \"Line\"",
                                "line",
                                "note",
                                "l",
                                2,
                                "note_o_l_order_%_line_fkey",
                                "Order \"Line\"_order_%_line_pkey"));
        assertThat(client.rows(client.sql.getCrossReference(note, note)))
                .containsExactly(key("note", "id", "note", "before", 1, "note_before_id_fkey", "note_id_pkey"));
        assertThat(client.rows(client.sql.getCrossReference(note, line))).isEmpty();
        assertThat(client.rows(client.sql.getCrossReference(part, note))).isEmpty();
        assertThat(client.rows(client.sql.getCrossReference(TableRef.of("second", null, "part"), line)))
                .isEmpty();
        assertThat(client.rows(client.sql.getCrossReference(part, TableRef.of(null, "", "Order \"Line\""))))
                .isEmpty();
    }

    @Test
    void what_is_referred_to_is_the_key_whose_columns_are_in_the_same_order() throws Exception {
        server.execute("CREATE TABLE pair (a INTEGER, b INTEGER, UNIQUE (b, a), PRIMARY KEY (a, b), UNIQUE (a, b))");
        server.execute("CREATE TABLE refers (x INTEGER, y INTEGER, FOREIGN KEY (y, x) REFERENCES pair(b, a),"
                + " FOREIGN KEY (x, y) REFERENCES pair(a, b))");
        assertThat(client.rows(client.sql.getImportedKeys(TableRef.of(null, null, "refers"))))
                .containsExactly(
                        key("pair", "a", "refers", "x", 1, "refers_x_y_a_b_fkey", "pair_a_b_pkey"),
                        key("pair", "b", "refers", "y", 2, "refers_x_y_a_b_fkey", "pair_a_b_pkey"),
                        key("pair", "b", "refers", "y", 1, "refers_y_x_b_a_fkey", "pair_b_a_key"),
                        key("pair", "a", "refers", "x", 2, "refers_y_x_b_a_fkey", "pair_b_a_key"));
    }

    private List<List<Object>> primaryKeys(String catalog, String schema, String table) throws Exception {
        return client.rows(client.sql.getPrimaryKeys(TableRef.of(catalog, schema, table)));
    }

    private static List<Object> key(
            String pkTable, String pkColumn, String fkTable, String fkColumn, int position, String fk, String pk) {
        return row(
                "memory", "main", pkTable, pkColumn, "memory", "main", fkTable, fkColumn, position, fk, pk, NO_ACTION,
                NO_ACTION);
    }

    private static List<Object> row(Object... values) {
        return Arrays.asList(values);
    }
}
