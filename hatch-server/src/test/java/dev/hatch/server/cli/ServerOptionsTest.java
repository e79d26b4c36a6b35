package dev.hatch.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.server.HatchServer;
import dev.hatch.server.Role;
import dev.hatch.server.ServerConfig;
import dev.hatch.server.TestCertificates;
import dev.hatch.server.UsersFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

@Timeout(60)
@SuppressWarnings("try") // Closing a client may be interrupted.
class ServerOptionsTest {
    private static final String PASSWORD = "correct horse";

    @TempDir
    private static Path folder;

    private static TestCertificates authority;
    private static HatchServer server;
    private static Path token;

    @BeforeAll
    static void serve() throws Exception {
        authority = new TestCertificates(folder, "authority");
        Path certificate = authority.make("server");
        authority.make("robot");
        UsersFile users = new UsersFile(folder.resolve("users"));
        users.add("ada", Role.READ_WRITE, PASSWORD);
        users.add("robot", Role.READ_ONLY, null);
        token = Files.writeString(folder.resolve("token"), users.addToken("ada", false) + "\n");
        server = HatchServer.start(ServerConfig.builder(
                        ConnectionPoolConfig.builder().dsn(":memory:").build())
                .listen(new ServerConfig.Address("127.0.0.1", 0))
                .users(folder.resolve("users"))
                .lockDown(true)
                .tls(certificate, authority.keyOf("server"))
                .clientCertificates(authority.authority())
                .build());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Command(name = "probe")
    private static final class Probe {
        @Mixin
        final ServerOptions options;

        Probe(ServerOptions options) {
            this.options = options;
        }
    }

    private static ServerOptions options(Terminal terminal, Map<String, String> environment, String... args) {
        Console console = new Console(
                new ByteArrayInputStream(new byte[0]),
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                terminal,
                environment);
        Probe probe = new Probe(new ServerOptions(console));
        new CommandLine(probe).parseArgs(args);
        return probe.options;
    }

    /** With a certificate that names nobody, so that the rest has to say who it is. */
    private static String[] trusting(String... args) {
        return withCertificate("server", args);
    }

    private static String[] withCertificate(String name, String... args) {
        String[] all = {
            "--server", server.uri(),
            "--tls-ca", authority.authority().toString(),
            "--tls-cert", folder.resolve(name + ".pem").toString(),
            "--tls-key", folder.resolve(name + ".key").toString()
        };
        String[] both = Arrays.copyOf(all, all.length + args.length);
        System.arraycopy(args, 0, both, all.length, args.length);
        return both;
    }

    private static void query(ServerOptions options) throws Exception {
        try (BufferAllocator allocator = new RootAllocator();
                ServerOptions.OpenServer open = options.open(allocator)) {
            assertThat(open.sql().execute("SELECT 1", open.options()).getEndpoints())
                    .hasSize(1);
        }
    }

    @Test
    void a_user_logs_in_with_a_password_from_the_environment_or_the_terminal() throws Exception {
        query(options(Terminal.NONE, Map.of("HATCH_PASSWORD", PASSWORD), trusting("--user", "ada")));
        UserCommandTest.Typist typist = new UserCommandTest.Typist(PASSWORD);
        query(options(typist, Map.of("HATCH_TOKEN", "not used"), trusting("--user", "ada")));
        assertThat(typist.prompts).containsExactly("Password for ada on " + server.uri() + ": ");
        assertThatThrownBy(() -> query(options(Terminal.NONE, Map.of(), trusting("--user", "ada"))))
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining("set HATCH_PASSWORD");
    }

    @Test
    void a_token_comes_from_a_file_or_the_environment() throws Exception {
        query(options(Terminal.NONE, Map.of("HATCH_TOKEN", "not used"), trusting("--token-file", token.toString())));
        query(options(Terminal.NONE, Map.of("HATCH_TOKEN", Files.readString(token)), trusting()));
        Path empty = Files.createFile(folder.resolve("empty"));
        assertThatThrownBy(() -> query(options(Terminal.NONE, Map.of(), trusting("--token-file", empty.toString()))))
                .hasMessageContaining(empty + " has no token");
        assertThatThrownBy(() -> query(options(Terminal.NONE, Map.of(), trusting("--token-file", "missing"))))
                .hasMessageContaining("cannot read missing");
    }

    @Test
    void a_certificate_is_enough_if_it_names_a_user() throws Exception {
        query(options(Terminal.NONE, Map.of(), withCertificate("robot")));
    }

    @Test
    void what_went_wrong_says_what_to_do() throws Exception {
        ServerOptions nobody = options(Terminal.NONE, Map.of(), trusting());
        assertThat(explained(nobody)).hasMessageContaining("log in").hasMessageContaining("--user NAME");
        ServerOptions untrusting = options(Terminal.NONE, Map.of(), "--server", server.uri());
        assertThat(explained(untrusting)).hasMessageContaining("--tls-ca").hasMessageContaining(server.uri());
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        String uri = "grpc://127.0.0.1:" + port;
        assertThat(explained(options(Terminal.NONE, Map.of(), "--server", uri)))
                .hasMessageStartingWith("cannot reach " + uri);
    }

    private static Exception explained(ServerOptions options) {
        FlightRuntimeException failure = catchThrowableOfType(FlightRuntimeException.class, () -> query(options));
        assertThat(failure).isNotNull();
        return options.explained(failure);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --server http://127.0.0.1:1                              | --server takes grpc://HOST:PORT or grpc+tls://HOST:PORT
            --server grpc://127.0.0.1                                | --server takes
            --server grpc://127.0.0.1:1 --tls-ca x                   | grpc+tls://
            --server grpc+tls://127.0.0.1:1 --tls-cert x             | belong together
            --server grpc://127.0.0.1:1 --user a --token-file x      | not both
            """)
    void options_that_do_not_fit_are_refused(String args, String said) {
        assertThatThrownBy(() -> query(options(Terminal.NONE, Map.of(), args.split(" "))))
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining(said);
    }
}
