package dev.hatch.server;

import static dev.hatch.server.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.flight.sql.FlightSqlClient.Transaction;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // FlightStream.close may be interrupted.
class TransactionTest {
    private static final int CONNECTIONS = 4;

    private TestServer server;
    private TestServer.Client client;

    @BeforeEach
    void start() {
        restart(config());
    }

    private static ServerConfig.Builder config() {
        return TestServer.config(":memory:", 0, CONNECTIONS, 1_000);
    }

    private void restart(ServerConfig.Builder config) {
        if (server != null) {
            nothing_is_left();
        }
        server = TestServer.start(config);
        client = server.client();
        server.execute("CREATE TABLE t (i INTEGER PRIMARY KEY)");
    }

    @AfterEach
    void nothing_is_left() {
        client.close();
        server.close();
    }

    private long insert(int value, @Nullable Transaction transaction) {
        return client.sql.executeUpdate("INSERT INTO t VALUES (" + value + ")", transaction);
    }

    /** In the transaction. */
    private long count(Transaction transaction) throws Exception {
        try (FlightStream stream = client.stream(client.sql.execute("SELECT count(*) FROM t", transaction))) {
            assertThat(stream.next()).isTrue();
            return ((BigIntVector) stream.getRoot().getVector(0)).get(0);
        }
    }

    private long committed() {
        return server.number("SELECT count(*) FROM t");
    }

    @Test
    void what_is_done_in_a_transaction_is_seen_by_others_once_it_is_committed() throws Exception {
        Transaction transaction = client.sql.beginTransaction();
        assertThat(insert(1, transaction)).isOne();
        assertThat(insert(2, transaction)).isOne();
        assertThat(count(transaction)).isEqualTo(2);
        assertThat(committed()).isZero();
        client.sql.commit(transaction);
        assertThat(committed()).isEqualTo(2);
        server.awaitIdle();
    }

    @Test
    void what_is_rolled_back_was_never_there() throws Exception {
        Transaction transaction = client.sql.beginTransaction();
        insert(1, transaction);
        client.sql.rollback(transaction);
        assertThat(committed()).isZero();
        server.awaitIdle();
    }

    @Test
    void many_transactions_are_open_at_once_each_on_a_connection_of_its_own() throws Exception {
        List<Transaction> open = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS - 1; i++) {
            open.add(client.sql.beginTransaction());
            insert(i, open.get(i));
        }
        assertThat(server.inUse()).isEqualTo(CONNECTIONS - 1);
        for (Transaction transaction : open) {
            assertThat(count(transaction)).isOne();
        }
        assertThat(client.count("SELECT * FROM t")).as("others still work").isZero();
        assertFails(
                FlightStatusCode.RESOURCE_EXHAUSTED,
                "3 connections are held by transactions and sessions, which is the most",
                client.sql::beginTransaction);
        client.sql.commit(open.get(0));
        client.sql.rollback(open.get(1));
        insert(7, open.get(2));
        client.sql.commit(open.get(2));
        assertThat(committed()).isEqualTo(3);
    }

    @Test
    void prepared_statements_belong_to_the_transaction_that_they_were_prepared_in() throws Exception {
        Transaction transaction = client.sql.beginTransaction();
        try (FlightSqlClient.PreparedStatement insert =
                        client.sql.prepare("INSERT INTO t VALUES (?::INTEGER)", transaction);
                VectorSchemaRoot rows = VectorSchemaRoot.create(insert.getParameterSchema(), client.allocator);
                FlightSqlClient.PreparedStatement query = client.sql.prepare("FROM t", transaction)) {
            IntVector values = (IntVector) rows.getVector(0);
            for (int i = 0; i < 5; i++) {
                values.setSafe(i, i);
            }
            rows.setRowCount(5);
            insert.setParameters(rows);
            assertThat(insert.executeUpdate()).isEqualTo(5);
            try (FlightStream stream = client.stream(query.execute())) {
                assertThat(stream.next()).isTrue();
                assertThat(stream.getRoot().getRowCount()).isEqualTo(5);
            }
        }
        assertThat(committed()).isZero();
        client.sql.commit(transaction);
        assertThat(committed()).isEqualTo(5);
    }

    @Test
    void a_batch_that_fails_leaves_the_transaction_aborted_as_duckdb_does() {
        Transaction transaction = client.sql.beginTransaction();
        insert(1, transaction);
        assertFails(FlightStatusCode.INVALID_ARGUMENT, "Constraint Error", () -> insert(1, transaction));
        assertFails(
                FlightStatusCode.INVALID_ARGUMENT,
                "Current transaction is aborted (please ROLLBACK)",
                () -> insert(2, transaction));
        client.sql.rollback(transaction);
        assertThat(committed()).isZero();
    }

    @Test
    void the_commit_of_a_transaction_that_failed_rolls_it_back_and_says_so() {
        Transaction transaction = client.sql.beginTransaction();
        insert(1, transaction);
        assertFails(FlightStatusCode.INVALID_ARGUMENT, "Constraint Error", () -> insert(1, transaction));
        assertFails(FlightStatusCode.INVALID_ARGUMENT, "nothing was committed", () -> client.sql.commit(transaction));
        assertThat(committed()).isZero();
        server.awaitIdle();
    }

    @Test
    void an_id_is_good_until_its_transaction_ends() {
        Transaction transaction = client.sql.beginTransaction();
        client.sql.commit(transaction);
        for (ThrowingCallable use : List.<ThrowingCallable>of(
                () -> insert(1, transaction),
                () -> count(transaction),
                () -> client.sql.commit(transaction),
                () -> client.sql.rollback(transaction),
                () -> client.sql.prepare("SELECT 1", transaction),
                () -> insert(
                        1, new Transaction(ByteString.copyFromUtf8("made up").toByteArray())))) {
            assertFails(FlightStatusCode.NOT_FOUND, "unknown transaction", use);
        }
        assertThat(committed()).isZero();
    }

    @Test
    void two_that_change_the_same_row_conflict_and_the_later_may_try_again() {
        insert(1, null);
        Transaction one = client.sql.beginTransaction();
        Transaction two = client.sql.beginTransaction();
        client.sql.executeUpdate("UPDATE t SET i = 2", one);
        assertFails(FlightStatusCode.UNAVAILABLE, "onflict", () -> client.sql.executeUpdate("UPDATE t SET i = 3", two));
        client.sql.commit(one);
        client.sql.rollback(two);
        assertThat(server.number("SELECT i FROM t")).isEqualTo(2);
    }

    @Test
    void an_idle_one_is_rolled_back_and_its_client_told_so() {
        restart(config().transactionIdleTimeout(Duration.ofMillis(100)));
        Transaction transaction = client.sql.beginTransaction();
        insert(1, transaction);
        await().until(() -> server.inUse() == 0);
        assertFails(
                FlightStatusCode.NOT_FOUND,
                "the transaction was rolled back: it was idle for 100 ms",
                () -> insert(2, transaction));
        assertFails(
                FlightStatusCode.NOT_FOUND,
                "the transaction was rolled back: it was idle for 100 ms",
                () -> client.sql.commit(transaction));
        assertThat(committed()).isZero();
    }

    @Test
    void an_open_result_has_the_connection_until_it_is_read_or_dropped() throws Exception {
        restart(TestServer.config(":memory:", 0, CONNECTIONS, 1_000, Duration.ofMillis(300)));
        Transaction transaction = client.sql.beginTransaction();
        try (FlightStream stream =
                client.stream(client.sql.execute("SELECT range AS i FROM range(10_000_000)", transaction))) {
            assertThat(stream.next()).isTrue();
            assertFails(
                    FlightStatusCode.RESOURCE_EXHAUSTED,
                    "another call of the same transaction or session has its connection",
                    () -> insert(1, transaction));
            assertFails(
                    FlightStatusCode.RESOURCE_EXHAUSTED,
                    "another call of the same transaction or session has its connection",
                    () -> client.sql.commit(transaction));
        }
        await().untilAsserted(() -> assertThat(insert(1, transaction)).isOne());
        client.sql.commit(transaction);
        assertThat(committed()).isOne();
    }

    @Test
    void a_result_that_is_left_at_any_moment_does_not_abort_its_transaction() throws Exception {
        Random random = new Random(11);
        Transaction transaction = client.sql.beginTransaction();
        for (int i = 0; i < 40; i++) {
            FlightStream stream =
                    client.stream(client.sql.execute("SELECT range AS i FROM range(1_000_000_000)", transaction));
            if (random.nextBoolean()) {
                assertThat(stream.next()).isTrue();
            }
            long until = System.nanoTime() + random.nextInt(5_000_000);
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            stream.cancel("enough", null);
            stream.close();
            assertThat(insert(i, transaction)).isOne();
        }
        client.sql.commit(transaction);
        assertThat(committed()).isEqualTo(40);
    }

    @Test
    void a_query_that_is_left_and_gives_no_batch_for_a_second_is_interrupted_which_aborts_its_transaction()
            throws Exception {
        restart(TestServer.config(":memory:", 0, CONNECTIONS, 1_000, Duration.ofMillis(300)));
        Transaction transaction = client.sql.beginTransaction();
        FlightStream stream = client.stream(client.sql.execute(
                "SELECT sum(a.range * b.range) FROM range(10_000_000) a, range(1_000_000) b", transaction));
        await().untilAsserted(() ->
                assertFails(FlightStatusCode.RESOURCE_EXHAUSTED, "has its connection", () -> count(transaction)));
        long start = System.nanoTime();
        stream.cancel("enough", null);
        await().untilAsserted(() -> assertFails(
                FlightStatusCode.INVALID_ARGUMENT,
                "Current transaction is aborted (please ROLLBACK)",
                () -> insert(1, transaction)));
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(10));
        stream.close();
        client.sql.rollback(transaction);
    }

    @Test
    void a_roll_back_cancels_what_runs() throws Exception {
        Transaction transaction = client.sql.beginTransaction();
        try (FlightStream stream =
                client.stream(client.sql.execute("SELECT range AS i FROM range(100_000_000)", transaction))) {
            assertThat(stream.next()).isTrue();
            client.sql.rollback(transaction);
            assertFails(FlightStatusCode.CANCELLED, "its transaction was rolled back", () -> {
                while (stream.next()) {
                    assertThat(stream.getRoot().getRowCount()).isPositive();
                }
            });
        }
        server.awaitIdle();
    }

    @Test
    void control_in_sql_is_refused_in_a_transaction_of_flight_sql() {
        Transaction transaction = client.sql.beginTransaction();
        for (String sql : List.of("BEGIN", "COMMIT", "ROLLBACK")) {
            assertFails(
                    FlightStatusCode.INVALID_ARGUMENT,
                    sql + " in a transaction of Flight SQL: end it by EndTransaction instead",
                    () -> client.sql.executeUpdate(sql, transaction));
        }
        client.sql.rollback(transaction);
    }

    @Test
    void savepoints_are_unimplemented_and_say_why() {
        Transaction transaction = client.sql.beginTransaction();
        assertFails(
                FlightStatusCode.UNIMPLEMENTED,
                "DuckDB has no savepoints",
                () -> client.sql.beginSavepoint(transaction, "here"));
        client.sql.rollback(transaction);
    }

    @Test
    void a_closed_server_rolls_back_what_is_open() throws Exception {
        Transaction transaction = client.sql.beginTransaction();
        insert(1, transaction);
        server.hatch().close();
        assertThat(server.inUse()).isZero();
    }
}
