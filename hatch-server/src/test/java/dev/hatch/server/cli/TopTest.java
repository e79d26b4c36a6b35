package dev.hatch.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.server.HatchServer;
import dev.hatch.server.ServerConfig;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("once")
@Timeout(60)
class TopTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private HatchServer server;
    private String uri;

    /** A terminal whose keys were asked for as often as they were given back. */
    private static final class FakeTerminal implements Terminal {
        private final AtomicInteger taken = new AtomicInteger();
        private volatile int columns = 80;

        @Override
        public Optional<Size> size() {
            return Optional.of(new Size(columns, 24));
        }

        @Override
        public Runnable takeKeys() {
            taken.incrementAndGet();
            return taken::decrementAndGet;
        }
    }

    @BeforeEach
    void serve() throws Exception {
        server = HatchServer.start(ServerConfig.builder(ConnectionPoolConfig.builder()
                        .name("top")
                        .dsn(":memory:")
                        .maxOpenConnections(3)
                        .build())
                .listen(new ServerConfig.Address("127.0.0.1", 0))
                .admin(new ServerConfig.Address("127.0.0.1", 0))
                .batchRows(1_000)
                .build());
        uri = server.adminUri().orElseThrow();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private int run(InputStream in, Terminal terminal, String... args) {
        return Hatch.run(
                new Console(
                        in,
                        new PrintStream(out, false, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        terminal,
                        Map.of()),
                args);
    }

    private int run(String... args) {
        return run(InputStream.nullInputStream(), Terminal.NONE, args);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void where_output_is_no_terminal_it_is_printed_once_as_plain_text() throws Exception {
        try (Connection lease = server.dataSource().getConnection()) {
            assertThat(lease.isClosed()).isFalse();
            assertThat(run("top", "--admin", uri)).isZero();
        }
        assertThat(out())
                .contains("  ready\n")
                .contains("pool top, healthy: 1 in use, ")
                .contains(", 0 waiting, 3 at most\n")
                .contains("connections opened")
                .contains("record builders: 0 out")
                .contains("running statements: 0\n")
                .contains("longest leases, of 1\n")
                .contains(Thread.currentThread().getName())
                .doesNotContain("\033");
        assertThat(err()).isEmpty();
    }

    @Test
    void once_is_once_on_a_terminal_too() {
        FakeTerminal terminal = new FakeTerminal();
        assertThat(run(InputStream.nullInputStream(), terminal, "top", "--admin", uri, "--once"))
                .isZero();
        assertThat(out()).contains("pool top").doesNotContain("\033");
        assertThat(terminal.taken).hasValue(0);
    }

    @Test
    void on_a_terminal_it_is_drawn_again_and_again_until_q() throws Exception {
        FakeTerminal terminal = new FakeTerminal();
        ExecutorService runner = Executors.newSingleThreadExecutor();
        try (PipedOutputStream keys = new PipedOutputStream();
                PipedInputStream in = new PipedInputStream(keys)) {
            Future<Integer> ends = runner.submit(() -> run(in, terminal, "top", "--admin", uri, "--interval", "100ms"));
            await().until(() -> out().split("pool top", -1).length > 3);
            assertThat(terminal.taken).hasValue(1);
            assertThat(out()).contains("last 1").contains("since start");
            terminal.columns = 20;
            await().until(() ->
                    out().lines().reduce((before, last) -> last).orElseThrow().length() < 40);
            keys.write('x');
            keys.write('q');
            keys.flush();
            assertThat(ends.get(20, TimeUnit.SECONDS)).isZero();
        } finally {
            runner.shutdownNow();
        }
        assertThat(out()).startsWith("\033[?1049h\033[?25l").endsWith("\033[?25h\033[?1049l");
        assertThat(terminal.taken).hasValue(0);
    }

    /** In a terminal that util-linux's script makes. */
    @Test
    void it_leaves_a_terminal_as_it_was() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "there is no /usr/bin/script");
        String top = "'%s' -cp '%s' dev.hatch.server.cli.Hatch top --admin %s --interval 100ms"
                .formatted(
                        ProcessHandle.current().info().command().orElseThrow(),
                        System.getProperty("java.class.path"),
                        uri);
        String before = "stty rows 12 cols 80; stty -g; echo; ";
        String after = "; echo \"ended with $?\"; stty -g";
        Process terminal = new ProcessBuilder("script", "-qc", before + top + after, "/dev/null")
                .redirectErrorStream(true)
                .start();
        try {
            StringBuilder seen = new StringBuilder();
            try (BufferedReader output = terminal.inputReader();
                    Writer keys = terminal.outputWriter()) {
                // No longer than that, should it not end.
                for (int next = output.read(); next != -1 && seen.length() < 100_000; next = output.read()) {
                    seen.append((char) next);
                    if (next == 't' && seen.lastIndexOf("since start") == seen.length() - "since start".length()) {
                        keys.write('q');
                        keys.flush();
                    }
                }
            }
            List<String> lines = seen.toString().lines().map(String::strip).toList();
            assertThat(seen).contains("\033[?1049h").contains("pool top").contains("\033[?1049l");
            assertThat(lines).anyMatch(line -> line.endsWith("ended with 0"));
            assertThat(lines.get(lines.size() - 1)).isEqualTo(lines.get(0));
            assertThat(terminal.waitFor()).isZero();
        } finally {
            terminal.destroyForcibly();
        }
    }

    @Test
    void a_server_that_goes_is_said_to_be_gone_and_its_last_numbers_stay() throws Exception {
        ExecutorService runner = Executors.newSingleThreadExecutor();
        try (PipedOutputStream keys = new PipedOutputStream();
                PipedInputStream in = new PipedInputStream(keys)) {
            Future<Integer> ends =
                    runner.submit(() -> run(in, new FakeTerminal(), "top", "--admin", uri, "--interval", "100ms"));
            await().until(() -> out().contains("pool top"));
            server.close();
            await().until(() -> out().contains(uri + ": it does not answer since "));
            int at = out().length();
            await().until(() -> out().substring(at).contains("pool top"));
            keys.write('q');
            keys.flush();
            assertThat(ends.get(20, TimeUnit.SECONDS)).isZero();
        } finally {
            runner.shutdownNow();
        }
    }

    @Test
    void an_address_where_nothing_listens_is_one_line_and_exit_code_1() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        assertThat(run("top", "--admin", "http://127.0.0.1:" + port)).isOne();
        assertThat(out()).isEmpty();
        assertThat(err())
                .startsWith("hatch: cannot reach http://127.0.0.1:" + port + ": nothing listens there")
                .contains("hatch serve --admin")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource({"200, <html>", "200, {}", "404, none", "200, ''"})
    void an_address_of_something_else_is_one_line_and_exit_code_1(int status, String body) throws Exception {
        HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        other.createContext("/", exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        other.start();
        try {
            assertThat(run(
                            "top",
                            "--admin",
                            "http://127.0.0.1:" + other.getAddress().getPort()))
                    .isOne();
            assertThat(err())
                    .contains("is no admin address of hatch: it answers " + status)
                    .hasLineCount(1);
        } finally {
            other.stop(0);
        }
    }

    @Test
    void the_text_of_a_statement_cannot_steer_the_terminal() throws IOException {
        JsonNode hostile = JSON.readTree("""
                {"statementCount": 1, "statements": [{"kind": "query", "thread": "hatch-stream-1",
                  "sql": "SELECT '\\u001b]0;owned\\u0007\\u009b31m\\u202ex'\\r\\n\\tFROM t"}],
                 "pools": [{"leaseCount": 1, "leases": [{"holder": "hatch-stream-1", "connection": "c"}]}]}
                """);
        List<String> lines = TopText.lines(hostile, null, 200);
        assertThat(lines)
                .allSatisfy(line -> assertThat(line.chars()
                                .allMatch(c -> c >= ' ' && c != 0x7f && !(c >= 0x80 && c < 0xa0) && c != 0x202e))
                        .isTrue());
        assertThat(lines).anyMatch(line -> line.contains("]0;owned"));
    }

    @Test
    void what_happened_lately_is_the_difference() throws IOException {
        String state = """
                {"upSeconds": %s, "pools": [{"waits": %d, "waitSeconds": %s, "closedBy": {"surplus": %d},
                  "waitTimes": {"below": [0.001, 0.002, 0.004], "count": [%d, %d, 0]}}]}
                """;
        JsonNode before = JSON.readTree(String.format(state, "10.0", 100, "1.0", 3, 90, 10));
        JsonNode now = JSON.readTree(String.format(state, "12.0", 110, "1.02", 5, 90, 20));
        assertThat(TopText.lines(now, before, 80))
                .contains("                              last 2.0 s   since start")
                .contains("callers that waited                   10           110")
                .contains("  half of them at most            1.5 ms        611 µs")
                .contains("  99 % at most                    2.0 ms        1.9 ms")
                .contains("  on average                      2.0 ms        9.3 ms")
                .contains("  surplus                              2             5");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 µs",
        "0.0000013, 1 µs",
        "0.00099949, 999 µs",
        "0.0012, 1.2 ms",
        "0.0499, 50 ms",
        "0.9996, 1.0 s",
        "59.94, 59.9 s",
        "61, 1:01 min",
        "3599.7, 1:00 h",
        "90000, 25:00 h",
        "NaN, -",
    })
    void durations_are_short(double seconds, String said) {
        assertThat(TopText.duration(seconds)).isEqualTo(said);
    }

    @ParameterizedTest
    @CsvSource({"0, 0 B", "1023, 1023 B", "1024, 1.0 KiB", "1048575, 1.0 MiB", "123456789, 118 MiB"})
    void bytes_are_short(long bytes, String said) {
        assertThat(TopText.bytes(bytes)).isEqualTo(said);
    }

    @Test
    void keys_that_are_no_q_do_nothing_and_no_keys_do_not_end_it() throws Exception {
        ExecutorService runner = Executors.newSingleThreadExecutor();
        try {
            Future<Integer> ends = runner.submit(() -> run(
                    new ByteArrayInputStream(new byte[] {'x'}),
                    new FakeTerminal(),
                    "top",
                    "--admin",
                    uri,
                    "--interval",
                    "100ms"));
            await().until(() -> out().split("pool top", -1).length > 3);
            assertThat(ends).isNotDone();
            long self = ProcessHandle.current().pid();
            assertThat(new ProcessBuilder("kill", "-INT", Long.toString(self))
                            .start()
                            .waitFor())
                    .isZero();
            assertThat(ends.get(20, TimeUnit.SECONDS)).isZero();
        } finally {
            runner.shutdownNow();
        }
    }
}
