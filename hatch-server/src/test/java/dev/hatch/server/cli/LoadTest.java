package dev.hatch.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.server.HatchServer;
import dev.hatch.server.ServerConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.ArrowWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("once")
@Timeout(60)
class LoadTest {
    private static final Terminal TERMINAL = new Terminal() {
        @Override
        public Optional<Size> size() {
            return Optional.of(new Size(120, 24));
        }

        @Override
        public Runnable takeKeys() {
            return () -> {};
        }
    };

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private HatchServer server;

    @BeforeEach
    void serve() throws Exception {
        server = HatchServer.start(ServerConfig.builder(
                        ConnectionPoolConfig.builder().dsn(":memory:").build())
                .listen(new ServerConfig.Address("127.0.0.1", 0))
                .build());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private int run(InputStream in, Terminal terminal, String... args) {
        out.reset();
        err.reset();
        return Hatch.run(
                new Console(
                        in,
                        new PrintStream(out, false, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Terminal.NONE,
                        terminal,
                        Map.of()),
                args);
    }

    private int load(Object... args) {
        return load(InputStream.nullInputStream(), Terminal.NONE, args);
    }

    private int load(InputStream in, Terminal terminal, Object... args) {
        List<String> all = new ArrayList<>(List.of("load", "--server", server.uri()));
        for (Object arg : args) {
            all.add(arg.toString());
        }
        return run(in, terminal, all.toArray(String[]::new));
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private void execute(String sql) {
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    private long number(String sql) {
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getLong(1);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    private Path parquet(String name, String query) {
        Path file = folder.resolve(name);
        execute("COPY (" + query + ") TO '" + file + "' (FORMAT parquet)");
        return file;
    }

    private Path csv(String content) throws IOException {
        return Files.writeString(folder.resolve("it's.csv"), content);
    }

    private Path arrow(String name, int batches) throws IOException {
        Path file = folder.resolve(name);
        Schema schema = new Schema(List.of(Field.nullable("id", new ArrowType.Int(64, true))));
        try (RootAllocator allocator = new RootAllocator();
                VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
                FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                ArrowWriter writer = name.endsWith("s")
                        ? new ArrowStreamWriter(root, null, channel)
                        : new ArrowFileWriter(root, null, channel)) {
            BigIntVector ids = (BigIntVector) root.getVector(0);
            for (int batch = 0; batch < batches; batch++) {
                for (int row = 0; row < 1_000; row++) {
                    ids.setSafe(row, batch * 1_000L + row);
                }
                root.setRowCount(1_000);
                writer.writeBatch();
            }
            writer.end();
        }
        return file;
    }

    @Test
    void a_parquet_file_becomes_a_table_and_one_line_says_so() {
        Path file = parquet("t.parquet", "SELECT range AS id, range::VARCHAR AS name FROM range(100_000)");
        assertThat(load(file, "t")).isZero();
        assertThat(err()).matches("100,000 rows loaded into t in \\d+\\.\\d{3} s: \\d+\\.\\d MB, [\\d,]+ rows/s\n");
        assertThat(out.size()).isZero();
        assertThat(number("SELECT sum(id) FROM t WHERE name = id::VARCHAR")).isEqualTo(99_999L * 100_000 / 2);
    }

    @Test
    void a_csv_file_becomes_a_table_with_the_types_that_duckdb_finds() throws Exception {
        assertThat(load(csv("id;day;name\n1;2024-02-29;a\n2;;\"b;c\"\n"), "t")).isZero();
        assertThat(number("SELECT count(*) FROM t WHERE id = 1 AND day = DATE '2024-02-29' AND name = 'a'"))
                .isOne();
        assertThat(number("SELECT count(*) FROM t WHERE id = 2 AND day IS NULL AND name = 'b;c'"))
                .isOne();
    }

    @ParameterizedTest
    @ValueSource(strings = {"t.arrow", "t.arrows"})
    void an_arrow_file_or_stream_becomes_a_table(String name) throws Exception {
        assertThat(load(arrow(name, 5), "t")).isZero();
        assertThat(number("SELECT sum(id) FROM t")).isEqualTo(4_999L * 5_000 / 2);
    }

    @Test
    void standard_input_may_be_csv_or_an_arrow_stream() throws Exception {
        InputStream csv = new ByteArrayInputStream("id\n1\n2\n".getBytes(StandardCharsets.UTF_8));
        assertThat(load(csv, Terminal.NONE, "-", "t", "--format", "csv")).isZero();
        assertThat(number("SELECT sum(id) FROM t")).isEqualTo(3);
        try (InputStream arrow = Files.newInputStream(arrow("t.arrows", 1))) {
            assertThat(load(arrow, Terminal.NONE, "-", "t", "--append", "--format", "arrow"))
                    .isZero();
        }
        assertThat(number("SELECT count(*) FROM t")).isEqualTo(1_002);
    }

    @Test
    void a_table_that_exists_is_appended_to_or_replaced_only_when_that_is_said() throws Exception {
        Path file = csv("id\n1\n2\n");
        assertThat(load(file, "t", "--append")).isOne();
        assertThat(err()).startsWith("hatch: there is no table").hasLineCount(1);
        assertThat(load(file, "t", "--create")).isZero();
        assertThat(load(file, "t")).isOne();
        assertThat(err())
                .startsWith("hatch: there is a table")
                .contains("--append")
                .hasLineCount(1);
        assertThat(load(file, "t", "--append")).isZero();
        assertThat(number("SELECT count(*) FROM t")).isEqualTo(4);
        assertThat(load(file, "t", "--replace")).isZero();
        assertThat(number("SELECT count(*) FROM t")).isEqualTo(2);
    }

    @Test
    void schema_and_catalog_say_where() throws Exception {
        execute("CREATE SCHEMA s");
        assertThat(load(csv("id\n1\n"), "a.b", "--schema", "s", "--catalog", "memory"))
                .isZero();
        assertThat(number("SELECT count(*) FROM memory.s.\"a.b\"")).isOne();
    }

    @Test
    void a_row_that_does_not_fit_is_told_in_the_servers_words_and_nothing_is_kept() throws Exception {
        execute("CREATE TABLE t (id TINYINT)");
        assertThat(load(parquet("t.parquet", "SELECT range AS id FROM range(1000)"), "t", "--append"))
                .isOne();
        assertThat(err()).startsWith("hatch: Conversion Error").contains("128").hasLineCount(1);
        assertThat(number("SELECT count(*) FROM t")).isZero();
    }

    @Test
    void on_a_terminal_a_bar_shows_how_far_it_is() {
        Path file = parquet("t.parquet", "SELECT range AS id, range::VARCHAR AS name FROM range(5_000_000)");
        assertThat(load(InputStream.nullInputStream(), TERMINAL, file, "t")).isZero();
        assertThat(err()).containsPattern("\r\033\\[K\\[#*-+] +\\d+ %  [\\d,]+ rows  [\\d,.]+ MB  [\\d,]+ rows/s");
        assertThat(err()).containsPattern("\r\033\\[K5,000,000 rows loaded into t in ");
    }

    @Test
    void a_file_that_cannot_be_read_is_one_line_that_says_why() throws Exception {
        assertThat(load(folder.resolve("none.csv"), "t")).isOne();
        assertThat(err())
                .startsWith("hatch: there is no file ")
                .contains("none.csv")
                .hasLineCount(1);
        assertThat(load(folder, "t", "--format", "csv")).isOne();
        assertThat(err()).contains("is not a file").hasLineCount(1);
        Path text = Files.writeString(folder.resolve("text.parquet"), "no parquet ".repeat(100));
        assertThat(load(text, "t")).isOne();
        assertThat(err()).startsWith("hatch: ").contains("text.parquet").hasLineCount(1);
        assertThat(load(text, "t", "--format", "arrow")).isOne();
        assertThat(err()).startsWith("hatch: ").contains("is no Arrow data").hasLineCount(1);
        assertThat(number("SELECT count(*) FROM duckdb_tables()")).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "load",
                "load x.csv",
                "load x.dat t",
                "load - t",
                "load - t --format parquet",
                "load x.csv t --append --replace",
                "load x.csv t --format xml",
            })
    void what_is_not_understood_is_one_line_and_exit_code_2(String line) {
        assertThat(run(InputStream.nullInputStream(), Terminal.NONE, line.split(" ")))
                .isEqualTo(2);
        assertThat(err()).startsWith("hatch: ").contains("--help").hasLineCount(1);
    }

    @Test
    void a_server_that_is_not_there_is_one_line() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        assertThat(load(csv("id\n1\n"), "t", "--server", "grpc://127.0.0.1:" + port))
                .isEqualTo(2);
        assertThat(run(
                        InputStream.nullInputStream(),
                        Terminal.NONE,
                        "load",
                        csv("id\n1\n").toString(),
                        "t",
                        "--server",
                        "grpc://127.0.0.1:" + port))
                .isOne();
        assertThat(err())
                .startsWith("hatch: cannot reach grpc://127.0.0.1:" + port)
                .hasLineCount(1);
    }

    /** As Ctrl-C does. */
    @Test
    void an_interrupted_load_leaves_nothing() throws Exception {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("--") || flag.contains("Unrecognized"))
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.hatch.server.cli.Hatch"));
        command.addAll(List.of("load", "-", "t", "--format", "arrow", "--server", server.uri()));
        byte[] stream = Files.readAllBytes(arrow("t.arrows", 500));
        Process process = new ProcessBuilder(command)
                .redirectError(folder.resolve("err").toFile())
                .start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(stream, 0, stream.length - 8);
            in.flush();
            await().atMost(30, TimeUnit.SECONDS).until(() -> inUse() == 1);
            assertThat(new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                            .start()
                            .waitFor())
                    .isZero();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(130);
        } finally {
            process.destroyForcibly();
        }
        await().until(() -> inUse() == 0);
        assertThat(number("SELECT count(*) FROM duckdb_tables()")).isZero();
    }

    private int inUse() {
        return ((ConnectionPool) server.dataSource()).stats().inUse();
    }
}
