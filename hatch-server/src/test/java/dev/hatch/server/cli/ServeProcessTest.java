package dev.hatch.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code hatch serve} as a process of its own, as a user runs and stops it. */
@Timeout(120)
class ServeProcessTest {
    private static final Pattern READY =
            Pattern.compile("hatch is ready on grpc://127\\.0\\.0\\.1:(\\d+) after (\\d+\\.\\d) s: .*");

    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void nothingIsLeftRunning() {
        started.forEach(Process::destroyForcibly);
    }

    private Process hatch(String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("--") || flag.contains("Unrecognized"))
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.hatch.server.cli.Hatch"));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command)
                .redirectError(folder.resolve("err").toFile())
                .start();
        started.add(process);
        return process;
    }

    private static Matcher ready(Process server) throws IOException {
        String line = server.inputReader().readLine();
        Matcher matcher = READY.matcher(String.valueOf(line));
        assertThat(matcher.matches()).as("the line %s", line).isTrue();
        return matcher;
    }

    private static int port(Process server) throws IOException {
        return Integer.parseInt(ready(server).group(1));
    }

    private static Connection connect(int port) throws SQLException {
        return DriverManager.getConnection("jdbc:arrow-flight-sql://127.0.0.1:" + port + "?useEncryption=false");
    }

    private String err() throws IOException {
        return Files.readString(folder.resolve("err"));
    }

    @Test
    void it_serves_a_sample_and_ends_with_0_on_sigterm() throws Exception {
        Process server = hatch("serve", "--listen", "127.0.0.1:0", "--sample");
        int port = port(server);
        try (Connection connection = connect(port);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(
                        "SELECT l_returnflag, count(*), sum(l_quantity) FROM lineitem GROUP BY ALL ORDER BY 1")) {
            int rows = 0;
            while (result.next()) {
                rows++;
            }
            assertThat(rows).isEqualTo(3);
        }
        server.destroy();
        assertThat(server.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(server.exitValue()).isZero();
        assertThat(err()).contains("loading TPC-H at scale 0.01").contains("hatch: stopping");
        assertThat(err()).doesNotContain("Exception").doesNotContain("not given back");
    }

    /** Three seconds on a machine that does nothing else. */
    @Test
    void it_says_once_where_and_after_how_long_it_is_ready() throws Exception {
        Process server =
                hatch("serve", "--listen", "127.0.0.1:0", "--database", "jdbc:duckdb:;custom_user_agent=secret");
        Matcher ready = ready(server);
        assertThat(ready.group()).endsWith(" s: :memory:, up to 25 statements at once");
        connect(Integer.parseInt(ready.group(1))).close();
        assertThat(Double.parseDouble(ready.group(2))).isBetween(0.1, 15.0);
        server.toHandle().destroy(); // Process.destroy() closes the reader as well.
        assertThat(server.inputReader().readLine()).isNull();
        assertThat(server.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void it_says_in_a_second_line_where_it_shows_itself() throws Exception {
        Process server = hatch("serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0");
        port(server);
        String line = server.inputReader().readLine();
        assertThat(line).matches("hatch shows itself on http://127\\.0\\.0\\.1:\\d+");
        Process top = hatch("top", "--admin", line.substring(line.indexOf("http")));
        assertThat(new String(top.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("pool hatch, healthy")
                .doesNotContain("\033");
        assertThat(top.waitFor()).isZero();
        server.toHandle().destroy();
        assertThat(server.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(server.exitValue()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--database FOLDER/no/where.db",
                "--database FOLDER/text.db",
                "--listen 127.0.0.1:TAKEN",
                "--listen 127.0.0.1:0 --nosuch",
            })
    void one_that_cannot_start_says_why_in_one_line_and_is_gone(String arguments) throws Exception {
        Files.writeString(folder.resolve("text.db"), "no database ".repeat(1_000));
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String line = arguments
                    .replace("FOLDER", folder.toString())
                    .replace("TAKEN", Integer.toString(taken.getLocalPort()));
            Process server = hatch(("serve " + line).split(" "));
            assertThat(server.inputReader().readLine()).isNull();
            assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(server.exitValue()).isEqualTo(arguments.endsWith("--nosuch") ? 2 : 1);
        }
        assertThat(err()).startsWith("hatch: ").hasLineCount(1);
    }

    @Test
    void sigterm_lets_a_running_statement_end_and_a_second_one_does_not() throws Exception {
        Process server = hatch("serve", "--listen", "127.0.0.1:0", "--drain", "100s");
        int port = port(server);
        Connection connection = connect(port);
        try {
            ResultSet result = connection.createStatement().executeQuery("SELECT i FROM range(20000000) t(i)");
            assertThat(result.next()).isTrue();
            server.destroy();
            await().until(() -> err().contains("hatch: stopping"));
            for (int row = 1; row < 1_000_000; row++) {
                assertThat(result.next()).isTrue();
                assertThat(result.getLong(1)).isEqualTo(row);
            }
            assertThat(server.isAlive()).isTrue();
            long start = System.nanoTime();
            server.destroy();
            assertThat(server.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            assertThat(server.exitValue()).isEqualTo(130);
        } finally {
            closeWithoutServer(connection);
        }
    }

    private static void closeWithoutServer(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // The rest of the result went with the server.
        }
    }

    @Test
    void a_result_is_read_to_its_end_after_sigterm_and_then_it_ends_with_0() throws Exception {
        int rows = 5_000_000;
        Process server = hatch("serve", "--listen", "127.0.0.1:0", "--drain", "100s");
        try (Connection connection = connect(port(server));
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT i FROM range(" + rows + ") t(i)")) {
            assertThat(result.next()).isTrue();
            server.destroy();
            await().until(() -> err().contains("hatch: stopping"));
            int read = 1;
            while (result.next() && result.getLong(1) == read) {
                read++;
            }
            assertThat(read).isEqualTo(rows);
        }
        assertThat(server.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(server.exitValue()).isZero();
        assertThat(err()).hasLineCount(1);
    }

    @Test
    void a_file_that_another_process_has_open_is_one_line_that_names_it() throws Exception {
        String file = folder.resolve("data.db").toString();
        Process first = hatch("serve", "--listen", "127.0.0.1:0", "--database", file);
        port(first);
        Process second = hatch("serve", "--listen", "127.0.0.1:0", "--database", file);
        assertThat(second.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(second.exitValue()).isOne();
        assertThat(err()).startsWith("hatch: ").contains("PID " + first.pid()).hasLineCount(1);
    }
}
