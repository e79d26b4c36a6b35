package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Properties;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("try") // Closing a client or a stream may be interrupted.
class TlsTest {
    @TempDir
    private static Path folder;

    private static TestCertificates ours;
    private static TestCertificates others;
    private static Path server;
    private static Path ada;
    private static Path eve;

    @BeforeAll
    static void make() {
        ours = new TestCertificates(folder, "ours");
        others = new TestCertificates(folder, "others");
        server = ours.make("server");
        ada = ours.make("ada");
        eve = others.make("eve");
    }

    private static ServerConfig.Builder config() {
        return TestServer.config(":memory:", 0, 2, 1024).tls(server, ours.keyOf("server"));
    }

    private static long query(TestServer to, Path trusted, @Nullable Path certificate, @Nullable Path key)
            throws Exception {
        try (BufferAllocator allocator = new RootAllocator()) {
            FlightClient.Builder builder = FlightClient.builder(
                            allocator,
                            Location.forGrpcTls("127.0.0.1", to.hatch().port()))
                    .trustedCertificates(new ByteArrayInputStream(Files.readAllBytes(trusted)));
            if (certificate != null && key != null) {
                builder.clientCertificate(
                        new ByteArrayInputStream(Files.readAllBytes(certificate)),
                        new ByteArrayInputStream(Files.readAllBytes(key)));
            }
            try (FlightClient flight = builder.build()) {
                FlightSqlClient sql = new FlightSqlClient(flight);
                FlightInfo info = sql.execute("SELECT 1");
                try (FlightStream stream =
                        sql.getStream(info.getEndpoints().get(0).getTicket())) {
                    assertThat(stream.next()).isTrue();
                    return stream.getRoot().getRowCount();
                }
            }
        }
    }

    private static long jdbc(TestServer to, String... properties) throws Exception {
        Properties all = new Properties();
        for (int i = 0; i < properties.length; i += 2) {
            all.setProperty(properties[i], properties[i + 1]);
        }
        try (Connection jdbc = DriverManager.getConnection(
                        "jdbc:arrow-flight-sql://127.0.0.1:" + to.hatch().port(), all);
                Statement statement = jdbc.createStatement();
                ResultSet result = statement.executeQuery("SELECT 1")) {
            assertThat(result.next()).isTrue();
            return result.getLong(1);
        }
    }

    @Test
    void clients_that_trust_the_certificate_are_served_and_others_are_not() throws Exception {
        try (TestServer tls = TestServer.start(config())) {
            assertThat(tls.hatch().uri())
                    .isEqualTo("grpc+tls://127.0.0.1:" + tls.hatch().port());
            assertThat(query(tls, ours.authority(), null, null)).isOne();
            assertThat(jdbc(tls, "tlsRootCerts", ours.authority().toString())).isOne();
            assertThatThrownBy(() -> query(tls, others.authority(), null, null))
                    .isInstanceOf(FlightRuntimeException.class);
            try (TestServer.Client plain = tls.client()) {
                assertThatThrownBy(() -> plain.sql.execute("SELECT 1")).isInstanceOf(FlightRuntimeException.class);
            }
        }
    }

    @Test
    void with_client_certificates_only_those_signed_by_the_authority_are_served() throws Exception {
        try (TestServer tls = TestServer.start(config().clientCertificates(ours.authority()))) {
            assertThat(query(tls, ours.authority(), ada, ours.keyOf("ada"))).isOne();
            assertThat(jdbc(
                            tls,
                            "tlsRootCerts",
                            ours.authority().toString(),
                            "clientCertificate",
                            ada.toString(),
                            "clientKey",
                            ours.keyOf("ada").toString()))
                    .isOne();
            assertThatThrownBy(() -> query(tls, ours.authority(), null, null))
                    .isInstanceOf(FlightRuntimeException.class);
            assertThatThrownBy(() -> query(tls, ours.authority(), eve, others.keyOf("eve")))
                    .isInstanceOf(FlightRuntimeException.class);
        }
    }

    @Test
    void with_users_as_well_the_certificate_has_to_name_one_of_them() throws Exception {
        Path users = folder.resolve("users");
        new UsersFile(users).add("bob", Role.READ_ONLY, null);
        try (TestServer tls = TestServer.start(
                config().clientCertificates(ours.authority()).users(users).lockDown(true))) {
            assertThatThrownBy(() -> query(tls, ours.authority(), ada, ours.keyOf("ada")))
                    .hasMessageContaining("common name (CN) is that of a user");
            Path bob = ours.make("bob");
            assertThat(query(tls, ours.authority(), bob, ours.keyOf("bob"))).isOne();
        }
    }

    @Test
    void client_certificates_without_tls_are_refused() {
        assertThatThrownBy(() -> TestServer.config(":memory:", 0, 2, 1024)
                        .clientCertificates(ours.authority())
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(ours.authority().toString());
    }

    @ParameterizedTest
    @CsvSource({
        "missing.pem, server.key,    cannot read",
        "server.pem,  missing.key,   cannot read",
        "server.pem,  ada.key,       is not the key of the first certificate",
        "server.key,  server.pem,    has no certificate",
        "server.pem,  ada.pem,       are the two files swapped?",
        "server.pem,  encrypted.key, openssl pkcs8 -topk8 -nocrypt",
        "server.pem,  old.key,       openssl pkcs8 -topk8 -nocrypt",
        "server.pem,  damaged.key,   damaged",
        "damaged.pem, server.key,    cannot be read",
    })
    void a_file_that_cannot_be_used_is_named_at_the_start(String chain, String key, String said) throws IOException {
        block("encrypted.key", "ENCRYPTED PRIVATE KEY");
        block("old.key", "RSA PRIVATE KEY");
        block("damaged.key", "PRIVATE KEY");
        block("damaged.pem", "CERTIFICATE");
        assertThatThrownBy(() -> HatchServer.start(TestServer.config(":memory:", 0, 2, 1024)
                                .tls(folder.resolve(chain), folder.resolve(key))
                                .build())
                        .close())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining(said);
    }

    private static void block(String file, String kind) throws IOException {
        Files.writeString(folder.resolve(file), "-----BEGIN " + kind + "-----\nQUJD\n-----END " + kind + "-----\n");
    }
}
