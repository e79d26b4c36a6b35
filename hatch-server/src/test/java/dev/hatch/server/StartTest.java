package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.client.ClientCookieMiddleware;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.duckdb.DuckDBDriver;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartTest {
    @TempDir
    private Path folder;

    private int port;

    @BeforeEach
    void choosePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
    }

    @Test
    void a_database_in_a_missing_folder_is_refused() {
        Path missing = folder.resolve("missing").resolve("x.db");
        assertThatThrownBy(() -> start(missing.toString()))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("missing")
                .hasMessageContaining("x.db");
        assertNothingRuns();
        assertThat(missing).doesNotExist();
    }

    @Test
    void a_file_that_is_not_a_database_is_refused_and_left_alone() throws IOException {
        Path file = folder.resolve("notes.txt");
        Files.writeString(file, "These are notes, not a database. ".repeat(500));
        assertThatThrownBy(() -> start(file.toString()))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("not a valid DuckDB database file");
        assertNothingRuns();
        assertThat(file).hasSize(500 * 33);
    }

    @Test
    void a_file_that_another_process_has_open_is_refused_with_its_pid() throws Exception {
        Path file = folder.resolve("shared.db");
        Process other = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output = other.inputReader(StandardCharsets.UTF_8)) {
            assertThat(output.readLine()).isEqualTo("open");
            assertThatThrownBy(() -> start(file.toString()))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("lock")
                    .hasMessageContaining(Long.toString(other.pid()));
            assertNothingRuns();
        } finally {
            other.destroy();
            other.waitFor();
        }
        try (HatchServer server = start(file.toString())) {
            assertThat(server.port()).isEqualTo(port);
        }
    }

    /** Opens a database and holds it until its process is ended. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] args) throws Exception {
            try (Connection connection = new DuckDBDriver().connect("jdbc:duckdb:" + args[0], new Properties())) {
                System.out.println(connection.isClosed() ? "closed" : "open");
                int unused = System.in.read();
            }
        }
    }

    @Test
    void a_database_that_failed_is_opened_again_though_clients_hold_connections() throws Exception {
        Path file = folder.resolve("failing.db");
        try (HatchServer server = start(file.toString());
                TestServer.Client keeper =
                        new TestServer.Client(server.port(), List.of(new ClientCookieMiddleware.Factory()))) {
            assertThat(keeper.count("SELECT 1")).isOne();
            assertThat(keeper.sql.executeUpdate("CREATE TEMP TABLE mine (i INTEGER)"))
                    .isNotNegative();
            FlightSqlClient.Transaction transaction = keeper.sql.beginTransaction();
            try (TestServer.Client breaker = new TestServer.Client(server.port())) {
                assertThat(breaker.sql.executeUpdate("CREATE TABLE t AS SELECT 42 AS x"))
                        .isOne();
                breaker.sql.executeUpdate("SET GLOBAL debug_checkpoint_abort = 'before_header'");
                assertThatThrownBy(() -> breaker.sql.executeUpdate("FORCE CHECKPOINT"))
                        .isInstanceOf(FlightRuntimeException.class);
                await().atMost(TestServer.SOON).ignoreExceptions().until(() -> breaker.count("FROM t") == 1);
            }
            assertThatThrownBy(() -> keeper.count("FROM mine")).hasMessageContaining("the database has failed");
            assertThatThrownBy(() -> keeper.sql.commit(transaction)).hasMessageContaining("the database has failed");
            assertThat(keeper.count("FROM t")).isOne();
        }
    }

    @Test
    void a_taken_port_is_refused() throws IOException {
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> start(":memory:"))
                    .isInstanceOf(IOException.class)
                    .hasStackTraceContaining("Address already in use")
                    .hasMessageContaining(Integer.toString(taken.getLocalPort()));
        }
        assertNothingRuns();
    }

    @Test
    void a_file_is_served_with_what_was_in_it_and_can_be_opened_again_after_close() throws Exception {
        Path file = folder.resolve("kept.db");
        for (int i = 0; i < 3; i++) {
            try (HatchServer server = start(file.toString());
                    TestServer.Client client = new TestServer.Client(server.port())) {
                if (i == 0) {
                    assertThat(client.sql.executeUpdate("CREATE TABLE t (x INTEGER)"))
                            .isZero();
                }
                assertThat(client.count("FROM t")).isEqualTo(i);
                assertThat(client.sql.executeUpdate("INSERT INTO t VALUES (1)")).isOne();
            }
            assertNothingRuns();
        }
    }

    private HatchServer start(String dsn) throws SQLException, IOException {
        return HatchServer.start(TestServer.config(dsn, port, 4, 1024).build());
    }

    /** Except gRPC's shared boss thread, a daemon, which it keeps after it could not listen. */
    private void assertNothingRuns() {
        await().atMost(TestServer.SOON)
                .untilAsserted(() -> assertThat(threads())
                        .noneMatch(name -> name.startsWith("test-")
                                || name.startsWith("hatch-stream")
                                || name.startsWith("flight-server")
                                || (name.startsWith("grpc-") && !name.startsWith("grpc-nio-boss"))));
        await().atMost(TestServer.SOON)
                .ignoreExceptions()
                .untilAsserted(() -> new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close());
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
    }
}
