package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Arrow's JDBC driver 18.3.0: what works with it, and what it does not do although it looks so. */
@Tag("once")
class JdbcClientTest {
    /** Without a row for longer than any test. */
    private static final String ROWLESS = "SELECT sum(a.range * b.range) FROM range(10_000_000) a, range(1_000_000) b";

    private static final String ENDLESS = "SELECT range AS i FROM range(100_000_000_000)";

    private TestServer server;
    private Connection jdbc;

    @BeforeEach
    void start() throws SQLException {
        start(TestServer.config(":memory:", 0, 4, 1_000));
    }

    private void start(ServerConfig.Builder config) throws SQLException {
        if (server != null) {
            nothing_is_left();
        }
        server = TestServer.start(config);
        server.execute("CREATE TABLE t (i INTEGER PRIMARY KEY)");
        server.execute("CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')");
        jdbc = server.jdbc();
    }

    @AfterEach
    void nothing_is_left() throws SQLException {
        try {
            jdbc.close();
        } finally {
            server.close();
        }
    }

    private int update(String sql) throws SQLException {
        try (Statement statement = jdbc.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }

    private long number(String sql) throws SQLException {
        try (Statement statement = jdbc.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            assertThat(result.next()).isTrue();
            return result.getLong(1);
        }
    }

    private void assumeSessions() throws SQLException {
        Throwable refused = catchThrowable(() -> update("BEGIN"));
        assumeTrue(
                refused == null || !String.valueOf(refused.getMessage()).contains("this client keeps none"),
                "the server gives this client no session");
        assertThat(refused).isNull();
    }

    private static long read(ResultSet result) throws SQLException {
        long rows = 0;
        while (result.next()) {
            rows++;
        }
        return rows;
    }

    @Test
    void a_transaction_is_begun_and_ended_by_text() throws SQLException {
        assumeSessions();
        assertThat(update("INSERT INTO t VALUES (1)")).isOne();
        try (PreparedStatement insert = jdbc.prepareStatement("INSERT INTO t VALUES (?::INTEGER)")) {
            insert.setInt(1, 2);
            assertThat(insert.executeUpdate()).isOne();
        }
        assertThat(number("SELECT count(*) FROM t")).isEqualTo(2);
        assertThat(server.number("SELECT count(*) FROM t")).isZero();
        update("COMMIT");
        assertThat(server.number("SELECT count(*) FROM t")).isEqualTo(2);
        update("BEGIN");
        update("DELETE FROM t");
        update("ROLLBACK");
        assertThat(server.number("SELECT count(*) FROM t")).isEqualTo(2);
    }

    @Test
    void a_result_that_is_closed_early_does_not_abort_such_a_transaction() throws SQLException {
        assumeSessions();
        for (int i = 0; i < 20; i++) {
            try (Statement statement = jdbc.createStatement();
                    ResultSet result = statement.executeQuery(ENDLESS)) {
                assertThat(result.next()).isTrue();
            }
            assertThat(update("INSERT INTO t VALUES (" + i + ")")).isOne();
        }
        update("COMMIT");
        assertThat(server.number("SELECT count(*) FROM t")).isEqualTo(20);
    }

    /** The driver keeps the flag to itself. */
    @Test
    void set_auto_commit_begins_no_transaction_and_rollback_undoes_nothing() throws SQLException {
        jdbc.setAutoCommit(false);
        assertThat(jdbc.getAutoCommit()).isFalse();
        update("INSERT INTO t VALUES (1)");
        assertThat(server.number("SELECT count(*) FROM t")).isOne();
        jdbc.rollback();
        assertThat(server.number("SELECT count(*) FROM t")).isOne();
        jdbc.commit();
        assertThatThrownBy(jdbc::setSavepoint).isInstanceOf(SQLFeatureNotSupportedException.class);
    }

    @Test
    void a_prepared_batch_is_one_count_of_all_its_rows_and_one_of_texts_is_beyond_the_driver() throws SQLException {
        try (PreparedStatement insert = jdbc.prepareStatement("INSERT INTO t VALUES (?::INTEGER)")) {
            for (int i = 0; i < 500; i++) {
                insert.setInt(1, i);
                insert.addBatch();
            }
            assertThat(insert.executeBatch()).containsExactly(500);
        }
        assertThat(server.number("SELECT count(*) FROM t")).isEqualTo(500);
        try (Statement statement = jdbc.createStatement()) {
            statement.addBatch("DELETE FROM t");
            assertThatThrownBy(statement::executeBatch).isInstanceOf(NullPointerException.class);
        }
        assertThat(server.number("SELECT count(*) FROM t")).isEqualTo(500);
    }

    @ParameterizedTest
    @ValueSource(strings = {ROWLESS, ENDLESS})
    void a_query_is_cancelled_by_another_thread(String sql) throws Exception {
        Connection own = server.jdbc();
        try (Statement statement = own.createStatement()) {
            CompletableFuture<Throwable> reader = CompletableFuture.supplyAsync(() -> catchThrowable(() -> {
                try (ResultSet result = statement.executeQuery(sql)) {
                    assertThat(read(result)).isNegative();
                }
            }));
            await().atMost(TestServer.SOON).until(() -> server.inUse() == 1);
            await().atMost(TestServer.SOON).until(() -> {
                statement.cancel(); // Until it has begun, there is nothing for the driver to cancel.
                return reader.isDone();
            });
            // The driver passes on what Flight says, or an SQLException of it, as it comes upon it.
            assertThat(reader.get()).isNotNull().hasMessageContaining("ancel");
        } finally {
            closeWithWhatTheDriverLost(own);
        }
        server.awaitIdle();
        assertThat(number("SELECT 42")).isEqualTo(42);
    }

    /** The driver may lose a batch that comes while it cancels, and then says so. */
    private static void closeWithWhatTheDriverLost(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            assertThat((Throwable) e).hasStackTraceContaining("Memory was leaked by query");
        }
    }

    @Test
    void after_a_query_timeout_of_the_driver_the_query_runs_until_the_statement_is_closed() throws SQLException {
        try (Statement statement = jdbc.createStatement()) {
            statement.setQueryTimeout(1);
            assertThatThrownBy(() -> statement.executeQuery(ROWLESS))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("Query timed out after 1 SECONDS");
            assertThat(server.inUse()).isOne();
        }
        server.awaitIdle();
    }

    @Test
    void the_servers_statement_timeout_ends_the_query_and_says_so() throws SQLException {
        start(TestServer.config(":memory:", 0, 4, 1_000).statementTimeout(Duration.ofMillis(500)));
        assertThatThrownBy(() -> number(ROWLESS))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("worked for longer than 500 ms, the statement timeout");
    }

    @Test
    void a_result_that_is_closed_early_or_cut_gives_its_connection_back() throws SQLException {
        for (int i = 0; i < 10; i++) {
            try (Statement statement = jdbc.createStatement()) {
                statement.setMaxRows(10);
                try (ResultSet result = statement.executeQuery(ENDLESS)) {
                    assertThat(read(result)).isEqualTo(10);
                }
                statement.setMaxRows(0);
                try (ResultSet result = statement.executeQuery(ENDLESS)) {
                    assertThat(result.next()).isTrue();
                }
            }
        }
        server.awaitIdle();
    }

    @Test
    void a_large_result_arrives_complete_and_in_order() throws SQLException {
        try (Statement statement = jdbc.createStatement();
                ResultSet result =
                        statement.executeQuery("SELECT range AS i, 'row ' || range AS s FROM range(200_000)")) {
            long row = 0;
            while (result.next()) {
                if (result.getLong(1) != row || !result.getString("s").equals("row " + row)) {
                    throw new AssertionError("row " + row + " is " + result.getLong(1) + ", " + result.getString(2));
                }
                row++;
            }
            assertThat(row).isEqualTo(200_000);
        }
    }

    @ParameterizedTest
    @FieldSource("dev.hatch.server.TypesTest#SAMPLES")
    void a_value_of_each_type_is_read_and_so_is_null(TypesTest.Sample sample) throws SQLException {
        try (Statement statement = jdbc.createStatement();
                ResultSet result =
                        statement.executeQuery("SELECT " + sample.sql() + " AS \"the value\" UNION ALL SELECT NULL")) {
            assertThat(result.getMetaData().getColumnLabel(1)).isEqualTo("the value");
            assertThat(result.next()).isTrue();
            // The driver has no getObject for a point in time with a zone.
            boolean zoned = sample.sql().startsWith("TIMESTAMPTZ");
            assertThat(zoned ? result.getTimestamp(1) : result.getObject(1)).isNotNull();
            assertThat(result.next()).isTrue();
            assertThat(zoned ? result.getTimestamp(1) : result.getObject(1)).isNull();
            assertThat(result.next()).isFalse();
        }
    }

    @Test
    void an_error_has_duckdbs_message_before_the_first_row_and_after_many() throws SQLException {
        assertThatThrownBy(() -> number("SELECT x FROM nowhere"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("Catalog Error: Table with name nowhere does not exist!");
        assertThatThrownBy(() -> {
                    try (Statement statement = jdbc.createStatement();
                            ResultSet result = statement.executeQuery(
                                    "SELECT CASE WHEN range < 50_000 THEN range::VARCHAR ELSE 'x'"
                                            + " END::INTEGER FROM range(100_000)")) {
                        assertThat(read(result)).isNegative();
                    }
                })
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("Could not convert string 'x' to INT32");
    }

    @Test
    void connections_of_many_threads_work_at_once() throws Exception {
        int clients = 12;
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try {
            List<Future<Integer>> changed = new ArrayList<>();
            for (int client = 0; client < clients; client++) {
                int first = client * 100;
                changed.add(threads.submit(() -> {
                    int rows = 0;
                    try (Connection connection = server.jdbc();
                            PreparedStatement insert =
                                    connection.prepareStatement("INSERT INTO t VALUES (?::INTEGER)")) {
                        for (int i = 0; i < 10; i++) {
                            insert.setInt(1, first + i);
                            rows += insert.executeUpdate();
                        }
                    }
                    return rows;
                }));
            }
            for (Future<Integer> rows : changed) {
                assertThat(rows.get(60, TimeUnit.SECONDS)).isEqualTo(10);
            }
            assertThat(number("SELECT count(*) FROM t")).isEqualTo(10L * clients);
        } finally {
            threads.shutdownNow();
        }
    }
}
