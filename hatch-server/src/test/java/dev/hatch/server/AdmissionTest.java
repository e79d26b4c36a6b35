package dev.hatch.server;

import static dev.hatch.server.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.arrow.flight.CancelFlightInfoRequest;
import org.apache.arrow.flight.CancelStatus;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.sql.CancelResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the server does not take, stops, or cuts short. */
@SuppressWarnings("try") // FlightStream.close may be interrupted.
class AdmissionTest {
    /** Far more than a client's window takes, so that its stream is open until it is read or closed. */
    private static final String LARGE = "SELECT range AS i FROM range(20_000_000)";

    /** Works for long before its first row. */
    private static final String LONG = "SELECT sum(hash(a.range + b.range)) FROM range(1_000_000) a, range(100_000) b";

    private TestServer server = TestServer.start(2);
    private TestServer.Client client = server.client();

    private void restart(ServerConfig.Builder config) {
        nothing_is_left();
        server = TestServer.start(config);
        client = server.client();
    }

    private static ServerConfig.Builder config(int connections) {
        return TestServer.config(":memory:", 0, connections, 1_000, Duration.ofMillis(200));
    }

    @AfterEach
    void nothing_is_left() {
        client.close();
        server.close();
    }

    private static void read(FlightStream stream) {
        while (stream.next()) {
            assertThat(stream.getRoot().getRowCount()).isPositive();
        }
    }

    private static void assertHasRetryDelay(FlightRuntimeException failure) {
        assertThat(Integer.parseInt(failure.status().metadata().get("grpc-retry-pushback-ms")))
                .isBetween(1, 30_000);
        assertThat(failure).hasMessageMatching("(?s).*[.?] Try again after \\d+ ms.*");
    }

    @Test
    void who_gets_no_connection_in_time_is_told_when_to_try_again() throws Exception {
        restart(config(1));
        try (FlightStream stream = client.query(LARGE)) {
            assertThat(stream.next()).isTrue();
            assertHasRetryDelay(assertFails(
                    FlightStatusCode.RESOURCE_EXHAUSTED, "in use 1, idle 0", () -> client.count("SELECT 1")));
        }
    }

    @Test
    void a_ticket_that_found_no_connection_is_good_for_another_try() throws Exception {
        restart(config(1));
        FlightInfo info = client.sql.execute("SELECT 1");
        try (FlightStream stream = client.query(LARGE)) {
            assertThat(stream.next()).isTrue();
            assertFails(FlightStatusCode.RESOURCE_EXHAUSTED, "in use 1, idle 0", () -> read(client.stream(info)));
        }
        server.awaitIdle();
        try (FlightStream again = client.stream(info)) {
            assertThat(again.next()).isTrue();
        }
    }

    @Test
    void a_user_has_so_many_calls_at_once_and_no_more() throws Exception {
        restart(TestServer.config(":memory:", 0, 4, 1_000).maxCallsPerUser(2));
        List<FlightStream> open = new ArrayList<>();
        try {
            for (int i = 0; i < 2; i++) {
                open.add(client.query(LARGE));
                assertThat(open.get(i).next()).isTrue();
            }
            assertHasRetryDelay(assertFails(
                    FlightStatusCode.RESOURCE_EXHAUSTED,
                    "2 calls of user 'anonymous' are at work, which is the most",
                    () -> client.count("SELECT 1")));
        } finally {
            for (FlightStream stream : open) {
                stream.close();
            }
        }
        await().untilAsserted(() -> assertThat(client.count("SELECT 1")).isOne());
    }

    @Test
    void a_session_has_so_many_calls_at_once_and_no_more() throws Exception {
        restart(TestServer.config(":memory:", 0, 4, 1_000).maxCallsPerSession(1));
        try (TestServer.Client keeper = server.clientWithCookies()) {
            assertThat(keeper.count("SELECT 1")).isOne();
            try (FlightStream stream = keeper.query(LARGE)) {
                assertThat(stream.next()).isTrue();
                assertFails(
                        FlightStatusCode.RESOURCE_EXHAUSTED,
                        "1 calls of this session are at work",
                        () -> keeper.count("SELECT 1"));
                assertThat(client.count("SELECT 1")).as("of another").isOne();
            }
        }
    }

    @Test
    void a_statement_that_works_for_too_long_is_stopped() {
        restart(TestServer.config(":memory:", 0, 2, 1_000).statementTimeout(Duration.ofMillis(200)));
        assertFails(
                FlightStatusCode.TIMED_OUT,
                "the query worked for longer than 200 ms, the statement timeout",
                () -> client.count(LONG));
        assertFails(
                FlightStatusCode.TIMED_OUT,
                "the update worked for longer than 200 ms",
                () -> client.sql.executeUpdate("CREATE TABLE t AS " + LONG));
        server.awaitIdle();
    }

    @Test
    void the_time_that_a_client_takes_to_read_is_not_the_statements() throws Exception {
        restart(TestServer.config(":memory:", 0, 2, 1_000).statementTimeout(Duration.ofSeconds(2)));
        try (FlightStream stream = client.query("SELECT range AS i FROM range(2_000_000)")) {
            assertThat(stream.next()).isTrue();
            long end = System.nanoTime() + Duration.ofMillis(2_500).toNanos();
            await().until(() -> System.nanoTime() - end > 0);
            read(stream);
        }
    }

    @Test
    void a_client_that_takes_no_batch_keeps_no_connection() throws Exception {
        restart(TestServer.config(":memory:", 0, 2, 1_000).stallTimeout(Duration.ofMillis(200)));
        try (FlightStream stream = client.query(LARGE)) {
            assertThat(stream.next()).isTrue();
            await().until(() -> server.inUse() == 0);
            assertFails(FlightStatusCode.CANCELLED, "the client took no batch for 200 ms", () -> read(stream));
        }
    }

    @Test
    void a_client_that_takes_no_more_of_a_list_keeps_no_connection_either() throws Exception {
        restart(TestServer.config(":memory:", 0, 2, 1_000).stallTimeout(Duration.ofMillis(200)));
        String columns = IntStream.range(0, 100)
                .mapToObj(i -> "column_" + i + " INTEGER")
                .collect(Collectors.joining(", "));
        try (Connection connection = server.hatch().dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < 1_000; i++) {
                statement.execute("CREATE TABLE table_" + i + " (" + columns + ")");
            }
        }
        try (FlightStream stream = client.stream(client.sql.getTables(null, null, null, null, true))) {
            assertThat(stream.next()).isTrue();
            await().until(() -> server.inUse() == 0);
            assertFails(FlightStatusCode.CANCELLED, "the client took no batch for 200 ms", () -> read(stream));
        }
    }

    @Test
    void a_result_has_so_many_rows_and_no_more() throws Exception {
        restart(TestServer.config(":memory:", 0, 2, 1_000).maxResultRows(2_500));
        assertThat(client.count("SELECT * FROM range(2_500)")).isEqualTo(2_500);
        assertFails(
                FlightStatusCode.RESOURCE_EXHAUSTED,
                "the result has more than 2500 rows",
                () -> client.count("SELECT * FROM range(2_501)"));
    }

    @Test
    void a_result_has_so_many_bytes_and_no_more() throws Exception {
        restart(TestServer.config(":memory:", 0, 2, 1_000).maxResultBytes(100_000));
        assertThat(client.count("SELECT * FROM range(10_000)")).isEqualTo(10_000);
        assertFails(
                FlightStatusCode.RESOURCE_EXHAUSTED,
                "the result has more than 100000 bytes",
                () -> client.count("SELECT repeat('x', 1_000) FROM range(200)"));
    }

    @Test
    void a_query_that_has_not_begun_is_cancelled_for_good() throws Exception {
        FlightInfo info = client.sql.execute("SELECT 1");
        assertThat(cancel(info)).isEqualTo(CancelStatus.CANCELLED);
        assertThat(cancel(info)).isEqualTo(CancelStatus.NOT_CANCELLABLE);
        assertFails(FlightStatusCode.NOT_FOUND, "unknown ticket", () -> read(client.stream(info)));
    }

    private CancelStatus cancel(FlightInfo info) {
        return client.flight.cancelFlightInfo(new CancelFlightInfoRequest(info)).getStatus();
    }

    @Test
    void a_query_that_runs_is_cancelled_and_its_client_told_so() throws Exception {
        FlightInfo info = client.sql.execute(LARGE);
        try (FlightStream stream = client.stream(info)) {
            assertThat(stream.next()).isTrue();
            assertThat(cancel(info)).isEqualTo(CancelStatus.CANCELLING);
            assertFails(FlightStatusCode.CANCELLED, "the query was cancelled", () -> read(stream));
        }
        server.awaitIdle();
        assertThat(cancel(info)).isEqualTo(CancelStatus.NOT_CANCELLABLE);
    }

    @Test
    @SuppressWarnings("deprecation")
    void a_query_is_cancelled_in_the_way_of_older_clients_too() throws Exception {
        FlightInfo info = client.sql.execute(LONG);
        try (FlightStream stream = client.stream(info)) {
            await().until(() -> server.inUse() == 1);
            assertThat(client.sql.cancelQuery(info)).isEqualTo(CancelResult.CANCELLING);
            assertFails(FlightStatusCode.CANCELLED, "the query was cancelled", () -> read(stream));
        }
        assertThat(client.sql.cancelQuery(info)).isEqualTo(CancelResult.NOT_CANCELLABLE);
    }
}
