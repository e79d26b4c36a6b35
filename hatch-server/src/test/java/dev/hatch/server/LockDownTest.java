package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LockDownTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private TestServer server;
    private TestServer.Client client;

    @BeforeEach
    void start() {
        server = TestServer.start(
                TestServer.config(folder.resolve("locked.duckdb").toString(), 0, 2, 1_000)
                        .lockDown(true));
        client = server.client();
    }

    @AfterEach
    void nothing_is_left() {
        client.close();
        server.close();
    }

    @Test
    void no_statement_reaches_a_file_or_the_network_or_undoes_that() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret.csv"), "a,b\n1,2\n");
        Path out = folder.resolve("out.csv");
        for (String sql : List.of(
                "COPY (SELECT 1) TO '" + out + "'",
                "EXPLAIN ANALYZE COPY (SELECT 1) TO '" + out + "'",
                "CREATE TABLE t AS FROM read_csv('" + secret + "')",
                "CREATE TABLE t AS FROM '" + secret + "'",
                "CREATE TABLE t AS FROM read_text('" + secret + "')",
                "CREATE TABLE t AS FROM glob('" + folder + "/*')",
                "CREATE TABLE t AS FROM read_csv('https://127.0.0.1:1/x.csv')",
                "ATTACH '" + folder.resolve("other.duckdb") + "'",
                "EXPORT DATABASE '" + folder.resolve("exported") + "'",
                "IMPORT DATABASE '" + folder + "'",
                "INSTALL httpfs",
                "LOAD '" + folder.resolve("x.duckdb_extension") + "'",
                "SET GLOBAL enable_external_access = true",
                "RESET GLOBAL enable_external_access")) {
            FlightRuntimeException failure =
                    catchThrowableOfType(FlightRuntimeException.class, () -> client.sql.executeUpdate(sql));
            assertThat(failure).as(sql).isNotNull();
            assertThat(failure.status().code())
                    .as("%s: %s", sql, failure.getMessage())
                    .isIn(FlightStatusCode.UNAUTHORIZED, FlightStatusCode.INVALID_ARGUMENT);
        }
        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .allMatch(name -> name.equals("secret.csv") || name.startsWith("locked.duckdb"));
        }
    }

    @Test
    void the_databases_own_file_is_written_and_read() throws Exception {
        assertThat(client.sql.executeUpdate("CREATE TABLE t AS FROM range(1000)"))
                .isEqualTo(1_000);
        assertThat(client.sql.executeUpdate("CHECKPOINT")).isLessThanOrEqualTo(0);
        assertThat(client.count("FROM t")).isEqualTo(1_000);
    }
}
