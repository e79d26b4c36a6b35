package dev.hatch.server;

import static dev.hatch.server.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flight.CloseSessionRequest;
import org.apache.arrow.flight.CloseSessionResult;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.GetSessionOptionsRequest;
import org.apache.arrow.flight.SessionOptionValue;
import org.apache.arrow.flight.SessionOptionValueFactory;
import org.apache.arrow.flight.SetSessionOptionsRequest;
import org.apache.arrow.flight.SetSessionOptionsResult;
import org.apache.arrow.flight.SetSessionOptionsResult.ErrorValue;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // FlightStream.close may be interrupted.
class SessionTest {
    private TestServer server;
    private TestServer.Client client;

    @BeforeEach
    void start() throws Exception {
        start(config());
    }

    private static ServerConfig.Builder config() {
        return TestServer.config(":memory:", 0, 3, 1_000);
    }

    private void start(ServerConfig.Builder config) throws Exception {
        if (server != null) {
            nothing_is_left();
        }
        server = TestServer.start(config);
        server.execute("CREATE TABLE t (i INTEGER PRIMARY KEY)");
        client = server.clientWithCookies();
        assertThat(client.count("SELECT 1")).as("gets the cookie").isOne();
    }

    @AfterEach
    void nothing_is_left() {
        client.close();
        server.close();
    }

    private void run(String sql) {
        assertThat(client.sql.executeUpdate(sql)).isNotNegative();
    }

    private String text(String sql) throws Exception {
        try (FlightStream stream = client.query(sql)) {
            assertThat(stream.next()).isTrue();
            return stream.getRoot().getVector(0).getObject(0).toString();
        }
    }

    @Test
    void a_temporary_table_keeps_a_connection_until_it_is_dropped() throws Exception {
        run("CREATE TEMP TABLE mine AS SELECT 42 AS x");
        assertThat(server.inUse()).isOne();
        assertThat(text("SELECT x FROM mine")).isEqualTo("42");
        try (TestServer.Client other = server.clientWithCookies()) {
            assertThat(other.count("SELECT 1")).isOne();
            assertFails(FlightStatusCode.INVALID_ARGUMENT, "mine does not exist", () -> other.count("FROM mine"));
        }
        run("CREATE TEMP VIEW also AS FROM mine");
        run("DROP VIEW also");
        assertThat(server.inUse()).isOne();
        run("DROP TABLE mine");
        assertThat(server.inUse()).isZero();
    }

    @Test
    void a_setting_lasts_until_the_session_is_closed() throws Exception {
        run("SET TimeZone = 'Asia/Tokyo'");
        run("SET VARIABLE answer = 42");
        assertThat(text("SELECT current_setting('TimeZone') || getvariable('answer')"))
                .isEqualTo("Asia/Tokyo42");
        assertThat(server.inUse()).isOne();
        assertThat(client.flight.closeSession(new CloseSessionRequest()).getStatus())
                .isEqualTo(CloseSessionResult.Status.CLOSED);
        assertThat(server.inUse()).isZero();
        assertThat(text("SELECT current_setting('TimeZone')")).isNotEqualTo("Asia/Tokyo");
        assertThat(client.flight.closeSession(new CloseSessionRequest()).getStatus())
                .isEqualTo(CloseSessionResult.Status.NOT_CLOSABLE);
    }

    @Test
    void a_transaction_in_sql_lasts_until_it_is_ended() throws Exception {
        run("BEGIN");
        run("INSERT INTO t VALUES (1)");
        assertThat(text("SELECT count(*) FROM t")).isEqualTo("1");
        assertThat(server.number("SELECT count(*) FROM t")).isZero();
        run("COMMIT");
        assertThat(server.inUse()).isZero();
        assertThat(server.number("SELECT count(*) FROM t")).isOne();
        run("BEGIN TRANSACTION");
        run("INSERT INTO t VALUES (2)");
        run("ROLLBACK");
        assertThat(server.inUse()).isZero();
        assertThat(server.number("SELECT count(*) FROM t")).isOne();
        assertFails(FlightStatusCode.INVALID_ARGUMENT, "no transaction", () -> run("COMMIT"));
    }

    @Test
    void the_commit_of_a_transaction_that_failed_rolls_it_back_and_says_so() throws Exception {
        run("BEGIN");
        run("INSERT INTO t VALUES (1)");
        assertFails(FlightStatusCode.INVALID_ARGUMENT, "Constraint Error", () -> run("INSERT INTO t VALUES (1)"));
        assertFails(FlightStatusCode.INVALID_ARGUMENT, "aborted", () -> text("SELECT 1"));
        assertFails(FlightStatusCode.INVALID_ARGUMENT, "nothing was committed", () -> run("COMMIT"));
        assertThat(server.inUse()).isZero();
        assertThat(text("SELECT count(*) FROM t")).isEqualTo("0");
    }

    @Test
    void an_idle_transaction_is_rolled_back_and_the_next_statement_told_so_once() throws Exception {
        start(config().transactionIdleTimeout(Duration.ofMillis(100)));
        run("BEGIN");
        run("INSERT INTO t VALUES (1)");
        await().until(() -> server.inUse() == 0);
        assertFails(
                FlightStatusCode.NOT_FOUND,
                "the session's transaction was rolled back and its connection closed: it was idle for 100 ms",
                () -> run("INSERT INTO t VALUES (2)"));
        run("INSERT INTO t VALUES (3)");
        assertThat(server.number("SELECT sum(i) FROM t")).isEqualTo(3);
    }

    @Test
    void an_idle_session_is_forgotten_with_what_it_had() throws Exception {
        start(config().sessionIdleTimeout(Duration.ofMillis(100)));
        run("CREATE TEMP TABLE mine (i INTEGER)");
        await().until(() -> server.inUse() == 0);
        assertFails(
                FlightStatusCode.NOT_FOUND,
                "the session was idle for 100 ms and was closed, with all that it had",
                () -> run("INSERT INTO t VALUES (1)"));
        assertFails(FlightStatusCode.INVALID_ARGUMENT, "mine does not exist", () -> client.count("FROM mine"));
    }

    @Test
    void sessions_are_bounded_in_number() throws Exception {
        start(config().maxSessions(1));
        run("SET TimeZone = 'Asia/Tokyo'");
        try (TestServer.Client other = server.clientWithCookies()) {
            assertThat(other.count("SELECT 1")).isOne();
            assertFails(
                    FlightStatusCode.RESOURCE_EXHAUSTED,
                    "1 sessions are kept, which is the most",
                    () -> other.sql.executeUpdate("SET TimeZone = 'Asia/Tokyo'"));
            assertThat(other.count("SELECT 1"))
                    .as("without anything to keep it is served")
                    .isOne();
            client.flight.closeSession(new CloseSessionRequest());
            assertThat(other.sql.executeUpdate("SET TimeZone = 'Asia/Tokyo'")).isZero();
            other.flight.closeSession(new CloseSessionRequest());
        }
    }

    private SetSessionOptionsResult set(String name, SessionOptionValue value) {
        return client.flight.setSessionOptions(new SetSessionOptionsRequest(Map.of(name, value)));
    }

    private SetSessionOptionsResult set(String name, String value) {
        return set(name, SessionOptionValueFactory.makeSessionOptionValue(value));
    }

    @Test
    void options_hold_on_whatever_connection_serves_and_keep_none() throws Exception {
        server.execute("CREATE SCHEMA s");
        server.execute("CREATE TABLE s.only_here AS SELECT 7 AS x");
        assertThat(set("schema", "s").hasErrors()).isFalse();
        assertThat(set("TimeZone", "Asia/Tokyo").hasErrors()).isFalse();
        assertThat(server.inUse()).isZero();
        assertThat(text("SELECT x || current_setting('TimeZone') FROM only_here"))
                .isEqualTo("7Asia/Tokyo");
        assertThat(client.flight
                        .getSessionOptions(new GetSessionOptionsRequest())
                        .getSessionOptions()
                        .keySet())
                .containsExactlyInAnyOrder("schema", "TimeZone");
        run("BEGIN");
        run("INSERT INTO only_here VALUES (8)");
        run("COMMIT");
        assertThat(server.number("SELECT sum(x) FROM s.only_here")).isEqualTo(15);
        FlightSqlClient.Transaction transaction = client.sql.beginTransaction();
        assertThat(client.sql.executeUpdate("INSERT INTO only_here VALUES (9)", transaction))
                .isOne();
        client.sql.commit(transaction);
        assertThat(server.number("SELECT sum(x) FROM s.only_here")).isEqualTo(24);
        assertThat(set("schema", SessionOptionValueFactory.makeEmptySessionOptionValue())
                        .hasErrors())
                .isFalse();
        assertFails(
                FlightStatusCode.INVALID_ARGUMENT, "only_here does not exist", () -> client.count("FROM only_here"));
    }

    @Test
    void a_session_with_options_only_is_not_idle_while_it_reads_a_result() throws Exception {
        start(config().sessionIdleTimeout(Duration.ofMillis(100)));
        assertThat(set("TimeZone", "Asia/Tokyo").hasErrors()).isFalse();
        try (FlightStream stream = client.query("SELECT range AS i FROM range(20_000_000)")) {
            assertThat(stream.next()).isTrue();
            long end = System.nanoTime() + Duration.ofMillis(400).toNanos();
            await().until(() -> System.nanoTime() - end > 0);
            assertThat(text("SELECT current_setting('TimeZone')")).isEqualTo("Asia/Tokyo");
        }
    }

    @Test
    void an_option_that_cannot_be_set_is_told_and_the_others_are_set() throws Exception {
        SetSessionOptionsResult result = client.flight.setSessionOptions(new SetSessionOptionsRequest(Map.of(
                "schema", SessionOptionValueFactory.makeSessionOptionValue("nowhere"),
                "no_such_setting", SessionOptionValueFactory.makeSessionOptionValue(1),
                "threads", SessionOptionValueFactory.makeSessionOptionValue(1),
                "TimeZone", SessionOptionValueFactory.makeSessionOptionValue("Asia/Tokyo"))));
        assertThat(result.getErrors())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "schema", new SetSessionOptionsResult.Error(ErrorValue.INVALID_VALUE),
                        "no_such_setting", new SetSessionOptionsResult.Error(ErrorValue.INVALID_NAME),
                        // It exists, but is not a session's.
                        "threads", new SetSessionOptionsResult.Error(ErrorValue.INVALID_VALUE)));
        assertThat(text("SELECT current_setting('TimeZone')")).isEqualTo("Asia/Tokyo");
    }

    @Test
    void options_are_the_first_thing_that_a_client_may_ask_for() throws Exception {
        client.close();
        client = server.clientWithCookies();
        assertThat(set("TimeZone", "Asia/Tokyo").hasErrors()).isFalse();
        assertThat(text("SELECT current_setting('TimeZone')")).isEqualTo("Asia/Tokyo");
    }

    @Test
    void through_jdbc_a_transaction_and_a_temporary_table_work_as_anywhere() throws SQLException {
        try (Connection jdbc = server.jdbc();
                Statement statement = jdbc.createStatement()) {
            for (String sql : List.of(
                    "BEGIN",
                    "INSERT INTO t VALUES (1)",
                    "INSERT INTO t VALUES (2)",
                    "COMMIT",
                    "CREATE TEMP TABLE mine AS FROM t",
                    "BEGIN",
                    "DELETE FROM t",
                    "ROLLBACK")) {
                assertThat(statement.execute(sql)).isFalse();
            }
            try (ResultSet sum = statement.executeQuery("SELECT sum(i) FROM (FROM mine UNION ALL FROM t)")) {
                assertThat(sum.next()).isTrue();
                assertThat(sum.getLong(1)).isEqualTo(6);
            }
            assertThatThrownBy(() -> statement.execute("COMMIT")).hasStackTraceContaining("no transaction is active");
            assertThat(statement.execute("DROP TABLE mine")).isFalse();
        }
    }
}
