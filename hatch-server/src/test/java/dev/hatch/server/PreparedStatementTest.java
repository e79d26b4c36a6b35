package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Field;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // FlightStream.close may be interrupted.
class PreparedStatementTest {
    private TestServer server;
    private Connection jdbc;

    @BeforeEach
    void start() throws SQLException {
        server = TestServer.start(2);
        server.execute("CREATE TABLE t (i INTEGER PRIMARY KEY, s VARCHAR)");
        jdbc = server.jdbc();
    }

    @AfterEach
    void nothing_is_left() throws SQLException {
        jdbc.close();
        server.close();
    }

    @Test
    void a_query_is_run_with_each_value_that_is_set() throws SQLException {
        server.execute("INSERT INTO t SELECT range, 's' || range FROM range(100)");
        try (PreparedStatement statement =
                jdbc.prepareStatement("SELECT i, s FROM t WHERE i > ? AND s <> ? ORDER BY i")) {
            for (int least : new int[] {96, 98, 99}) {
                statement.setInt(1, least);
                statement.setString(2, "s98");
                List<Integer> found = new ArrayList<>();
                try (ResultSet result = statement.executeQuery()) {
                    while (result.next()) {
                        found.add(result.getInt("i"));
                        assertThat(result.getString(2)).isEqualTo("s" + result.getInt(1));
                    }
                }
                List<Integer> expected = new ArrayList<>(List.of(97, 98, 99));
                expected.removeIf(i -> i <= least || i == 98);
                assertThat(found).isEqualTo(expected);
            }
        }
    }

    @Test
    void parameters_of_many_types_arrive_as_they_were_set() throws SQLException {
        String sql = "SELECT ?::BOOLEAN, ?::SMALLINT, ?::INTEGER, ?::BIGINT, ?::DOUBLE, ?::DECIMAL(10,2), ?::VARCHAR,"
                + " ?::DATE, ?::TIMESTAMP, ?::BLOB, ?::INTEGER";
        try (PreparedStatement statement = jdbc.prepareStatement(sql)) {
            statement.setBoolean(1, true);
            statement.setShort(2, (short) -5);
            statement.setInt(3, Integer.MIN_VALUE);
            statement.setLong(4, Long.MAX_VALUE);
            statement.setDouble(5, 0.1);
            statement.setBigDecimal(6, new BigDecimal("12345.67"));
            statement.setString(7, "'; DROP TABLE t; --");
            statement.setDate(8, Date.valueOf("2024-02-29"));
            statement.setTimestamp(9, Timestamp.valueOf("2024-02-29 12:34:56"));
            statement.setBytes(10, new byte[] {0, -1, 1});
            statement.setNull(11, Types.INTEGER);
            try (ResultSet result = statement.executeQuery()) {
                assertThat(result.next()).isTrue();
                assertThat(result.getBoolean(1)).isTrue();
                assertThat(result.getShort(2)).isEqualTo((short) -5);
                assertThat(result.getInt(3)).isEqualTo(Integer.MIN_VALUE);
                assertThat(result.getLong(4)).isEqualTo(Long.MAX_VALUE);
                assertThat(result.getDouble(5)).isEqualTo(0.1);
                assertThat(result.getBigDecimal(6)).isEqualTo(new BigDecimal("12345.67"));
                assertThat(result.getString(7)).isEqualTo("'; DROP TABLE t; --");
                assertThat(result.getDate(8)).hasToString("2024-02-29");
                assertThat(result.getBytes(10)).isEqualTo(new byte[] {0, -1, 1});
                assertThat(result.getObject(11)).isNull();
                assertThat(result.wasNull()).isTrue();
                assertThat(result.next()).isFalse();
            }
        }
    }

    @Test
    void a_parameter_whose_type_depends_on_its_value_is_text() throws SQLException {
        try (PreparedStatement statement = jdbc.prepareStatement("SELECT ? AS v")) {
            for (String value : List.of("one", "zwei", "")) {
                statement.setString(1, value);
                try (ResultSet result = statement.executeQuery()) {
                    assertThat(result.next()).isTrue();
                    assertThat(result.getString("v")).isEqualTo(value);
                }
            }
        }
    }

    @Test
    void an_update_returns_how_many_rows_it_changed() throws SQLException {
        try (PreparedStatement insert = jdbc.prepareStatement("INSERT INTO t VALUES (?, ?), (?::INTEGER + 1, 'x')")) {
            for (int i = 0; i < 6; i += 2) {
                insert.setInt(1, i);
                insert.setString(2, "row " + i);
                insert.setInt(3, i);
                assertThat(insert.executeUpdate()).isEqualTo(2);
            }
        }
        try (PreparedStatement delete = jdbc.prepareStatement("DELETE FROM t WHERE i >= ?")) {
            delete.setInt(1, 3);
            assertThat(delete.executeUpdate()).isEqualTo(3);
            assertThat(delete.executeUpdate()).isZero();
        }
        assertThat(server.number("SELECT sum(i) FROM t")).isEqualTo(3);
    }

    @Test
    void a_batch_is_run_row_by_row() throws SQLException {
        try (PreparedStatement insert = jdbc.prepareStatement("INSERT INTO t VALUES (?, ?)")) {
            for (int i = 0; i < 500; i++) {
                insert.setInt(1, i);
                insert.setString(2, "row " + i);
                insert.addBatch();
            }
            int changed = 0;
            for (int count : insert.executeBatch()) {
                changed += count;
            }
            assertThat(changed).isEqualTo(500);
        }
        assertThat(server.number("SELECT count(*) FROM t WHERE s = 'row ' || i"))
                .isEqualTo(500);
    }

    @Test
    void a_batch_of_which_a_row_fails_changes_nothing() throws SQLException {
        server.execute("INSERT INTO t VALUES (7, 'here first')");
        try (PreparedStatement insert = jdbc.prepareStatement("INSERT INTO t VALUES (?, 'x')")) {
            for (int i = 0; i < 10; i++) {
                insert.setInt(1, i);
                insert.addBatch();
            }
            assertThatThrownBy(insert::executeBatch)
                    .isInstanceOf(SQLException.class)
                    .hasStackTraceContaining("Duplicate key");
        }
        assertThat(server.number("SELECT count(*) FROM t")).isOne();
    }

    @Test
    void every_kind_of_statement_goes_through_execute() throws SQLException {
        try (Statement statement = jdbc.createStatement()) {
            assertThat(statement.execute("CREATE TABLE made (x INTEGER)")).isFalse();
            assertThat(statement.execute("INSERT INTO made VALUES (1), (2)")).isFalse();
            assertThat(statement.getUpdateCount()).isEqualTo(2);
            assertThat(statement.executeUpdate("UPDATE made SET x = x + 1")).isEqualTo(2);
            assertThat(statement.execute("SELECT sum(x) FROM made")).isTrue();
            try (ResultSet result = statement.getResultSet()) {
                assertThat(result.next()).isTrue();
                assertThat(result.getLong(1)).isEqualTo(5);
            }
            try (ResultSet result = statement.executeQuery("PRAGMA table_info('made')")) {
                assertThat(result.next()).isTrue();
                assertThat(result.getString("name")).isEqualTo("x");
            }
            assertThat(statement.execute("DROP TABLE made")).isFalse();
        }
        assertThat(server.number("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'made'"))
                .isZero();
    }

    @Test
    void a_returning_clause_gives_rows_and_runs_once() throws SQLException {
        try (PreparedStatement insert = jdbc.prepareStatement("INSERT INTO t VALUES (?, 'x') RETURNING i * 10")) {
            insert.setInt(1, 4);
            try (ResultSet result = insert.executeQuery()) {
                assertThat(result.next()).isTrue();
                assertThat(result.getInt(1)).isEqualTo(40);
                assertThat(result.next()).isFalse();
            }
        }
        assertThat(server.number("SELECT count(*) FROM t")).isOne();
    }

    @Test
    void an_open_statement_holds_no_connection() throws SQLException {
        List<PreparedStatement> open = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            open.add(jdbc.prepareStatement("SELECT " + i + " + ?::INTEGER"));
        }
        assertThat(server.inUse()).isZero();
        for (int i = 0; i < 10; i++) {
            open.get(i).setInt(1, 1);
            try (ResultSet result = open.get(i).executeQuery()) {
                assertThat(result.next()).isTrue();
                assertThat(result.getInt(1)).isEqualTo(i + 1);
            }
            open.get(i).close();
        }
    }

    @Test
    void a_prepared_statement_is_unknown_once_it_is_closed() throws Exception {
        try (TestServer.Client client = server.client()) {
            FlightSqlClient.PreparedStatement statement = client.sql.prepare("SELECT 1");
            try (FlightStream stream = client.stream(statement.execute())) {
                assertThat(stream.next()).isTrue();
            }
            statement.close();
            assertThatThrownBy(statement::execute).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void a_query_is_run_for_each_row_of_parameters_and_the_results_follow_each_other() throws Exception {
        server.execute("INSERT INTO t SELECT range, 's' || range FROM range(10)");
        try (TestServer.Client client = server.client();
                FlightSqlClient.PreparedStatement statement =
                        client.sql.prepare("SELECT i, s FROM t WHERE i >= ?::INTEGER ORDER BY i");
                VectorSchemaRoot parameters =
                        VectorSchemaRoot.create(statement.getParameterSchema(), client.allocator)) {
            IntVector least = (IntVector) parameters.getVector(0);
            least.setSafe(0, 8);
            least.setSafe(1, 100);
            least.setSafe(2, 9);
            parameters.setRowCount(3);
            statement.setParameters(parameters);
            List<String> found = new ArrayList<>();
            try (FlightStream stream = client.stream(statement.execute())) {
                while (stream.next()) {
                    VectorSchemaRoot root = stream.getRoot();
                    for (int row = 0; row < root.getRowCount(); row++) {
                        found.add(root.getVector("i").getObject(row) + ":"
                                + root.getVector("s").getObject(row));
                    }
                }
            }
            assertThat(found).containsExactly("8:s8", "9:s9", "9:s9");
        }
    }

    @Test
    void a_query_that_fails_for_one_row_of_parameters_ends_with_the_error() throws Exception {
        try (TestServer.Client client = server.client();
                FlightSqlClient.PreparedStatement statement = client.sql.prepare("SELECT ?::VARCHAR::INTEGER");
                VarCharVector text = new VarCharVector("text", client.allocator);
                VectorSchemaRoot parameters = VectorSchemaRoot.of(text)) {
            text.setSafe(0, "1".getBytes(StandardCharsets.UTF_8));
            text.setSafe(1, "one".getBytes(StandardCharsets.UTF_8));
            parameters.setRowCount(2);
            statement.setParameters(parameters);
            FlightRuntimeException failure = catchThrowableOfType(FlightRuntimeException.class, () -> {
                try (FlightStream stream = client.stream(statement.execute())) {
                    while (stream.next()) {
                        assertThat(stream.getRoot().getVector(0).getObject(0)).isEqualTo(1);
                    }
                }
            });
            assertThat(failure).isNotNull().hasMessageContaining("Could not convert string 'one' to INT32");
        }
    }

    @Test
    void the_schema_of_a_prepared_query_is_told() throws Exception {
        try (TestServer.Client client = server.client();
                FlightSqlClient.PreparedStatement statement = client.sql.prepare("SELECT i, s FROM t WHERE i = ?")) {
            assertThat(statement.fetchSchema().getSchema().getFields())
                    .extracting(Field::getName)
                    .containsExactly("i", "s");
        }
    }

    @Test
    void what_one_call_may_bind_is_bounded() throws Exception {
        try (TestServer.Client client = server.client();
                FlightSqlClient.PreparedStatement statement = client.sql.prepare("SELECT length(?::VARCHAR)");
                VarCharVector text = new VarCharVector("text", client.allocator);
                VectorSchemaRoot parameters = VectorSchemaRoot.of(text)) {
            text.setSafe(0, new byte[(int) Parameters.MAX_WEIGHT]);
            parameters.setRowCount(1);
            statement.setParameters(parameters);
            FlightRuntimeException failure = catchThrowableOfType(FlightRuntimeException.class, statement::execute);
            assertThat(failure).isNotNull().hasMessageContaining("may take 32 MiB, which row 1 exceeds");
            assertThat(failure.status().code()).isEqualTo(FlightStatusCode.RESOURCE_EXHAUSTED);
        }
    }

    @Test
    void what_is_bound_counts_towards_what_the_server_remembers() throws Exception {
        try (TestServer.Client client = server.client();
                FlightSqlClient.PreparedStatement statement = client.sql.prepare("SELECT length(?::VARCHAR)");
                VarCharVector text = new VarCharVector("text", client.allocator);
                VectorSchemaRoot parameters = VectorSchemaRoot.of(text)) {
            text.setSafe(0, new byte[4 << 20]);
            parameters.setRowCount(1);
            statement.setParameters(parameters);
            List<FlightInfo> tickets = new ArrayList<>();
            for (int i = 0; i < 39; i++) {
                tickets.add(statement.execute());
            }
            int remembered = 0;
            for (FlightInfo ticket : tickets) {
                try (FlightStream stream = client.stream(ticket)) {
                    remembered += stream.next() ? 1 : 0;
                } catch (FlightRuntimeException e) {
                    assertThat(e.status().code()).isEqualTo(FlightStatusCode.NOT_FOUND);
                }
            }
            assertThat(remembered).as("64 MiB hold 7 texts of 8 MiB").isBetween(1, 8);
        }
    }

    @Test
    void a_missing_parameter_is_an_invalid_argument() throws Exception {
        try (TestServer.Client client = server.client();
                FlightSqlClient.PreparedStatement statement = client.sql.prepare("SELECT ?::INTEGER + ?::INTEGER");
                BigIntVector one = new BigIntVector("one", client.allocator);
                VectorSchemaRoot parameters = VectorSchemaRoot.of(one)) {
            one.setSafe(0, 1);
            parameters.setRowCount(1);
            statement.setParameters(parameters);
            FlightRuntimeException failure = catchThrowableOfType(FlightRuntimeException.class, () -> {
                try (FlightStream stream = client.stream(statement.execute())) {
                    stream.next();
                }
            });
            assertThat(failure).isNotNull();
            assertThat(failure.status().code()).isEqualTo(FlightStatusCode.INVALID_ARGUMENT);
            assertThat(failure).hasMessageContaining("takes 2 parameters, found 1");
        }
    }

    @Test
    void text_of_any_alphabet_survives_the_round_trip() throws SQLException {
        String text = "日本語 Ελλάδα \ud83d\ude80 \\ ' \" ; \u0000end";
        try (PreparedStatement statement = jdbc.prepareStatement("SELECT ?::VARCHAR")) {
            statement.setString(1, text);
            try (ResultSet result = statement.executeQuery()) {
                assertThat(result.next()).isTrue();
                assertThat(result.getString(1)).isEqualTo(text);
            }
        }
    }
}
