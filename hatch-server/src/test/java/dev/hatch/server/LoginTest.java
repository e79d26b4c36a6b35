package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.auth2.BasicAuthCredentialWriter;
import org.apache.arrow.flight.auth2.BearerCredentialWriter;
import org.apache.arrow.flight.client.ClientCookieMiddleware;
import org.apache.arrow.flight.grpc.CredentialCallOption;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As clients log in: Arrow's FlightClient and its JDBC driver. */
@SuppressWarnings("try") // Closing a client or a stream may be interrupted.
class LoginTest {
    private static final String PASSWORD = "correct horse";
    private static final CallOption WRONG = new CredentialCallOption(new BasicAuthCredentialWriter("ada", "hunter2"));

    @TempDir
    private Path folder;

    private Path file;
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        file = folder.resolve("users");
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, AuthenticationTest.line("ada", Role.READ_WRITE, PASSWORD) + "\n");
        server = TestServer.start(TestServer.config(":memory:", 0, 2, 1024).users(file));
    }

    @AfterEach
    void nothing_is_left() {
        server.close();
    }

    private FlightClient client(BufferAllocator allocator) {
        return FlightClient.builder(
                        allocator,
                        Location.forGrpcInsecure("127.0.0.1", server.hatch().port()))
                .intercept(new ClientCookieMiddleware.Factory())
                .build();
    }

    private static long one(FlightSqlClient sql, CallOption... options) throws Exception {
        FlightInfo info = sql.execute("SELECT 1", options);
        try (FlightStream stream = sql.getStream(info.getEndpoints().get(0).getTicket(), options)) {
            assertThat(stream.next()).isTrue();
            return stream.getRoot().getRowCount();
        }
    }

    private static void assertUnauthenticated(ThrowingCallable call) {
        FlightRuntimeException refusal = catchThrowableOfType(FlightRuntimeException.class, call);
        assertThat(refusal).as("was let in").isNotNull();
        assertThat(refusal.status().code()).isEqualTo(FlightStatusCode.UNAUTHENTICATED);
    }

    @Test
    void nothing_but_its_health_is_open_to_those_who_do_not_log_in() throws Exception {
        try (TestServer.Client client = server.client()) {
            assertUnauthenticated(() -> client.sql.execute("SELECT 1"));
            assertUnauthenticated(() -> client.sql.prepare("SELECT 1"));
            assertUnauthenticated(() -> client.sql.executeUpdate("CREATE TABLE t (x INTEGER)"));
            assertUnauthenticated(() -> client.sql.getTables(null, null, null, List.of(), false));
            assertUnauthenticated(() -> client.sql.getSqlInfo());
            assertUnauthenticated(() -> client.flight.listActions().iterator().hasNext());
            assertUnauthenticated(() -> client.flight.handshake());
            assertUnauthenticated(() -> client.flight.handshake(WRONG));
            assertThat(HealthGrpc.newBlockingStub(client.channel)
                            .check(HealthCheckRequest.getDefaultInstance())
                            .getStatus())
                    .isEqualTo(ServingStatus.SERVING);
        }
        assertThat(server.number("SELECT count(*) FROM duckdb_tables()")).isZero();
    }

    @Test
    void a_flight_client_gets_a_token_for_its_password() throws Exception {
        try (BufferAllocator allocator = new RootAllocator();
                FlightClient flight = client(allocator)) {
            CredentialCallOption token =
                    flight.authenticateBasicToken("ada", PASSWORD).orElseThrow();
            FlightSqlClient sql = new FlightSqlClient(flight);
            assertThat(one(sql, token)).isOne();
            assertUnauthenticated(() -> one(sql, WRONG));
        }
        try (BufferAllocator allocator = new RootAllocator();
                FlightClient flight = client(allocator)) {
            assertUnauthenticated(() -> flight.authenticateBasicToken("ada", "hunter2"));
        }
    }

    @Test
    void a_client_that_leaves_out_the_header_later_is_known_by_its_cookie() throws Exception {
        CallOption basic = new CredentialCallOption(new BasicAuthCredentialWriter("ada", PASSWORD));
        try (BufferAllocator allocator = new RootAllocator();
                FlightClient flight = client(allocator)) {
            FlightSqlClient sql = new FlightSqlClient(flight);
            assertUnauthenticated(() -> one(sql));
            try (FlightSqlClient.PreparedStatement prepared = sql.prepare("SELECT 1", basic)) {
                FlightInfo info = prepared.execute();
                try (FlightStream stream =
                        sql.getStream(info.getEndpoints().get(0).getTicket())) {
                    assertThat(stream.next()).isTrue();
                }
            }
        }
    }

    @Test
    void a_static_token_works_until_the_user_is_removed() throws Exception {
        String token = new UsersFile(file).addToken("ada", false);
        CallOption bearer = new CredentialCallOption(new BearerCredentialWriter(token));
        server.close();
        server = TestServer.start(TestServer.config(":memory:", 0, 2, 1024).users(file));
        try (BufferAllocator allocator = new RootAllocator();
                FlightClient flight = client(allocator)) {
            assertThat(one(new FlightSqlClient(flight), bearer)).isOne();
        }
        try (Connection jdbc = jdbc("token", token)) {
            assertThat(one(jdbc)).isOne();
        }
        assertThatThrownBy(() -> jdbc("token", "wrong").close()).isInstanceOf(SQLException.class);
    }

    private Connection jdbc(String... properties) throws SQLException {
        Properties all = new Properties();
        all.setProperty("useEncryption", "false");
        for (int i = 0; i < properties.length; i += 2) {
            all.setProperty(properties[i], properties[i + 1]);
        }
        return DriverManager.getConnection(
                "jdbc:arrow-flight-sql://127.0.0.1:" + server.hatch().port(), all);
    }

    private static int one(Connection jdbc) throws SQLException {
        try (PreparedStatement statement = jdbc.prepareStatement("SELECT ?::INTEGER")) {
            statement.setInt(1, 1);
            try (ResultSet result = statement.executeQuery()) {
                assertThat(result.next()).isTrue();
                return result.getInt(1);
            }
        }
    }

    @Test
    void the_jdbc_driver_logs_in_with_user_and_password() throws SQLException {
        try (Connection jdbc = jdbc("user", "ada", "password", PASSWORD)) {
            assertThat(one(jdbc)).isOne();
            assertThat(jdbc.getMetaData().getTables(null, null, "%", null).next())
                    .isFalse();
        }
        assertThatThrownBy(() -> jdbc("user", "ada", "password", "hunter2").close())
                .hasStackTraceContaining("the name or the password is wrong");
        assertThatThrownBy(() -> jdbc("user", "eve", "password", PASSWORD).close())
                .hasStackTraceContaining("the name or the password is wrong");
        assertThatThrownBy(() -> one(jdbc())).hasStackTraceContaining("log in");
    }

    @Test
    void no_secret_is_in_a_log_or_an_error() throws Exception {
        try (CapturedLog log = new CapturedLog();
                BufferAllocator allocator = new RootAllocator();
                FlightClient flight = client(allocator)) {
            FlightSqlClient sql = new FlightSqlClient(flight);
            CallOption bearer = new CredentialCallOption(new BearerCredentialWriter("hunter2"));
            assertThatThrownBy(() -> one(sql, WRONG)).hasMessageNotContaining("hunter2");
            assertThatThrownBy(() -> one(sql, bearer)).hasMessageNotContaining("hunter2");
            assertThat(one(sql, flight.authenticateBasicToken("ada", PASSWORD).orElseThrow()))
                    .isOne();
            assertThat(log.lines()).isNotEmpty().noneMatch(line -> line.contains("hunter2") || line.contains(PASSWORD));
        }
    }
}
