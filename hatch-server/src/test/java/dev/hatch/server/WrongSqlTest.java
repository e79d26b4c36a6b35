package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.FlightStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@SuppressWarnings("try") // FlightStream.close may be interrupted.
class WrongSqlTest {
    private TestServer server;
    private TestServer.Client client;

    @BeforeEach
    void start() {
        server = TestServer.start();
        client = server.client();
    }

    @AfterEach
    void the_server_still_answers_and_holds_nothing() throws Exception {
        assertThat(client.count("SELECT 42")).isOne();
        client.close();
        server.close();
    }

    @Test
    void a_syntax_error_is_an_invalid_argument_with_duckdbs_message() {
        assertRefused(() -> client.sql.execute("SELEC 1"), "Parser Error: syntax error at or near \"SELEC\"");
        assertRefused(() -> client.sql.prepare("SELEC 1"), "Parser Error: syntax error at or near \"SELEC\"");
        assertRefused(
                () -> client.sql.executeUpdate("DELET FROM t"), "Parser Error: syntax error at or near \"DELET\"");
        assertRefused(() -> client.sql.getExecuteSchema("SELEC 1"), "Parser Error: syntax error at or near \"SELEC\"");
        assertRefused(() -> client.sql.execute(""), "No statements to execute");
    }

    @Test
    void a_name_that_does_not_exist_is_an_invalid_argument_with_duckdbs_message() {
        assertRefused(() -> client.sql.execute("SELECT * FROM missing"), "Table with name missing does not exist");
        assertRefused(() -> client.sql.prepare("SELECT * FROM missing"), "Table with name missing does not exist");
        assertRefused(() -> client.sql.executeUpdate("DROP TABLE missing"), "Table with name missing does not exist");
        assertRefused(() -> client.sql.execute("SELECT nothing"), "Referenced column \"nothing\" was not found");
    }

    @Test
    void an_error_before_the_first_row_keeps_duckdbs_message() {
        server.execute("CREATE TABLE t AS SELECT 'x' AS s");
        assertRefused(
                () -> client.count("SELECT s::INTEGER FROM t"),
                "Conversion Error: Could not convert string 'x' to INT32");
        assertRefused(() -> client.count("SELECT error('no luck') FROM t"), "Invalid Input Error: no luck");
        assertRefused(() -> client.count("INSERT INTO t SELECT error('no luck')"), "Invalid Input Error: no luck");
    }

    @Test
    void an_error_before_the_first_row_runs_nothing_twice() {
        server.execute("CREATE TABLE t (x INTEGER CHECK (x < 3))");
        assertRefused(() -> client.count("INSERT INTO t VALUES (1), (5) RETURNING x"), "CHECK constraint failed");
        assertThat(server.number("SELECT count(*) FROM t")).isZero();
    }

    @Test
    void an_error_in_mid_stream_arrives_as_an_error_after_the_rows_before_it() throws Exception {
        String sql = "SELECT CASE WHEN range = 3_000_000 THEN error('row ' || range) ELSE range END AS x"
                + " FROM range(4_000_000)";
        try (FlightStream stream = client.query(sql)) {
            long[] rows = {0};
            FlightRuntimeException failure = catchThrowableOfType(FlightRuntimeException.class, () -> {
                while (stream.next()) {
                    rows[0] += stream.getRoot().getRowCount();
                }
            });
            assertThat(failure).as("after %d rows", rows[0]).isNotNull();
            assertThat(failure.status().code()).isEqualTo(FlightStatusCode.INVALID_ARGUMENT);
            assertThat(failure).hasMessageContaining("Invalid Input Error: row 3000000");
            assertThat(rows[0]).isBetween(16_384L, 3_000_000L);
        }
    }

    @Test
    void a_failed_update_says_what_duckdb_says_and_changes_nothing() {
        server.execute("CREATE TABLE t (x INTEGER PRIMARY KEY)");
        assertRefused(() -> client.sql.executeUpdate("INSERT INTO t VALUES (1), (2), (1)"), "Constraint Error: ");
        assertThat(server.number("SELECT count(*) FROM t")).isZero();
    }

    @Test
    void several_statements_are_refused_in_every_call_and_nothing_is_run() throws Exception {
        server.execute("CREATE TABLE probe (x INTEGER)");
        String sql = "INSERT INTO probe VALUES (1); SELECT 42";
        assertRefused(() -> client.sql.execute(sql), "one statement at a time");
        assertRefused(() -> client.sql.getExecuteSchema(sql), "one statement at a time");
        assertRefused(() -> client.sql.executeUpdate(sql), "one statement at a time");
        assertRefused(() -> client.sql.prepare(sql), "one statement at a time");
        try (Connection jdbc = server.jdbc();
                Statement statement = jdbc.createStatement()) {
            assertThatThrownBy(() -> statement.execute(sql)).hasStackTraceContaining("one statement at a time");
        }
        assertThat(server.number("SELECT count(*) FROM probe")).isZero();
    }

    @Test
    void a_query_with_nextval_that_fails_at_once_is_not_run_again() {
        server.execute("CREATE SEQUENCE s");
        assertRefused(
                () -> client.count("SELECT nextval('s'), ('x' || range)::INTEGER FROM range(1)"),
                "DuckDB's driver did not say why");
        assertThat(server.number("SELECT last_value FROM duckdb_sequences()")).isOne();
    }

    @Test
    void each_kind_of_failure_has_its_status() {
        assertStatus("IO Error: Could not write file \"x\": No space left on device", FlightStatusCode.INTERNAL);
        assertStatus("IO Error: No files found that match the pattern \"x\"", FlightStatusCode.NOT_FOUND);
        assertStatus("TransactionContext Error: Conflict on update!", FlightStatusCode.UNAVAILABLE);
        assertStatus(
                "TransactionContext Error: Catalog write-write conflict on create with \"t\"",
                FlightStatusCode.UNAVAILABLE);
        assertStatus("TransactionContext Error: no transaction is active", FlightStatusCode.INVALID_ARGUMENT);
        assertStatus("Binder Error: no such column", FlightStatusCode.INVALID_ARGUMENT);
    }

    private static void assertStatus(String message, FlightStatusCode expected) {
        FlightRuntimeException failure = FlightErrors.of(new SQLException(message));
        assertThat(failure.status().code()).as(message).isEqualTo(expected);
        assertThat(failure).hasMessageContaining(message);
    }

    @Test
    void a_conflict_of_two_updates_may_be_tried_again() throws SQLException {
        server.execute("CREATE TABLE t AS SELECT 1 AS x");
        try (Connection other = server.hatch().dataSource().getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("UPDATE t SET x = 2");
            FlightRuntimeException failure = catchThrowableOfType(
                    FlightRuntimeException.class, () -> client.sql.executeUpdate("UPDATE t SET x = 3"));
            assertThat(failure).isNotNull().hasMessageContainingAll("TransactionContext Error", "onflict");
            assertThat(failure.status().code()).isEqualTo(FlightStatusCode.UNAVAILABLE);
            other.rollback();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX) // for /dev/full
    void a_file_that_cannot_be_written_is_not_the_clients_fault() {
        FlightRuntimeException failure = catchThrowableOfType(
                FlightRuntimeException.class,
                () -> client.sql.executeUpdate("COPY (SELECT 1) TO '/dev/full' (FORMAT csv)"));
        assertThat(failure).isNotNull().hasMessageContaining("IO Error");
        assertThat(failure.status().code()).isEqualTo(FlightStatusCode.INTERNAL);
    }

    @Test
    void what_lasts_for_a_session_is_refused_to_a_client_that_keeps_none() {
        for (String sql : new String[] {
            "BEGIN", "COMMIT", "ROLLBACK", "SET TimeZone = 'UTC'", "USE memory.main", "CREATE TEMP TABLE x (i INTEGER)"
        }) {
            assertRefused(() -> client.sql.executeUpdate(sql), "this client keeps none");
        }
        assertThat(client.sql.executeUpdate("SET GLOBAL threads = 2")).isZero();
    }

    private static void assertRefused(ThrowingCallable call, String message) {
        FlightRuntimeException failure = catchThrowableOfType(FlightRuntimeException.class, call);
        assertThat(failure).isNotNull().hasMessageContaining(message);
        assertThat(failure.status().code()).isEqualTo(FlightStatusCode.INVALID_ARGUMENT);
    }
}
