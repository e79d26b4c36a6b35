package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.SessionOptionValueFactory;
import org.apache.arrow.flight.SetSessionOptionsRequest;
import org.apache.arrow.flight.auth2.BasicAuthCredentialWriter;
import org.apache.arrow.flight.grpc.CredentialCallOption;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.flight.sql.FlightSqlClient.Transaction;
import org.apache.arrow.vector.BigIntVector;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user who may only read gets, and what not, in whatever way it is asked for. */
@Tag("once")
@SuppressWarnings("try") // FlightStream.close may be interrupted.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReadOnlyTest {
    private static final String PASSWORD = "correct horse";

    private Path users;
    private TestServer server;
    private TestServer.Client client;
    private CallOption reader;
    private CallOption writer;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        users = folder.resolve("users");
        UsersFile file = new UsersFile(users);
        file.add("rita", Role.READ_ONLY, PASSWORD);
        file.add("wim", Role.READ_WRITE, PASSWORD);
        server = TestServer.start(
                TestServer.config(folder.resolve("locked.duckdb").toString(), 0, 3, 1_000)
                        .users(users)
                        .lockDown(true));
        server.execute("CREATE TABLE t AS SELECT range AS i FROM range(3)");
        server.execute("CREATE SEQUENCE s");
        client = server.clientWithCookies();
        reader = client.flight.authenticateBasicToken("rita", PASSWORD).orElseThrow();
        writer = new CredentialCallOption(new BasicAuthCredentialWriter("wim", PASSWORD));
    }

    @AfterAll
    void nothing_is_left() {
        client.close();
        server.close();
    }

    private long number(String sql, CallOption who) throws Exception {
        return number(client.sql.execute(sql, who), who);
    }

    private long number(FlightInfo info, CallOption who) throws Exception {
        try (FlightStream stream =
                client.sql.getStream(info.getEndpoints().get(0).getTicket(), who)) {
            assertThat(stream.next()).isTrue();
            return ((BigIntVector) stream.getRoot().getVector(0)).get(0);
        }
    }

    private static void assertRefused(String what, ThrowingCallable call) {
        FlightRuntimeException failure = catchThrowableOfType(FlightRuntimeException.class, call);
        assertThat(failure).as(what).isNotNull();
        assertThat(failure.status().code())
                .as("%s: %s", what, failure.getMessage())
                .isIn(FlightStatusCode.UNAUTHORIZED, FlightStatusCode.INVALID_ARGUMENT);
    }

    @Test
    void what_is_there_can_be_read_in_every_way() throws Exception {
        assertThat(number("SELECT count(*) FROM t", reader)).isEqualTo(3);
        assertThat(number("FROM (VALUES (7::BIGINT))", reader)).isEqualTo(7);
        assertThat(number("WITH x AS (FROM t) SELECT max(i) FROM x", reader)).isEqualTo(2);
        try (FlightSqlClient.PreparedStatement statement =
                client.sql.prepare("SELECT count(*) FROM t WHERE i < 2", reader)) {
            assertThat(number(statement.execute(reader), reader)).isEqualTo(2);
        }
        Transaction transaction = client.sql.beginTransaction(reader);
        assertThat(number(client.sql.execute("SELECT count(*) FROM t", transaction, reader), reader))
                .isEqualTo(3);
        client.sql.commit(transaction, reader);
        assertThat(client.sql.getTables(null, null, null, null, true, reader).getEndpoints())
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO t VALUES (7)",
                "INSERT INTO t VALUES (7) RETURNING i",
                "WITH x AS (SELECT 7 AS i) INSERT INTO t FROM x RETURNING i",
                "UPDATE t SET i = 7",
                "DELETE FROM t",
                "MERGE INTO t USING (SELECT 7 AS i) AS x ON t.i = x.i WHEN NOT MATCHED THEN INSERT RETURNING t.i",
                "SELECT nextval('s')",
                "CREATE TABLE u (i INTEGER)",
                "CREATE TABLE u AS FROM t",
                "CREATE VIEW v AS FROM t",
                "CREATE TEMP TABLE u AS FROM t",
                "CREATE TEMP MACRO m() AS 1",
                "CREATE TABLE temp.u (i INTEGER)",
                "DROP TABLE t",
                "ALTER TABLE t ADD COLUMN j INTEGER",
                "COPY t TO '/tmp/hatch-read-only.csv'",
                "COPY t FROM '/etc/passwd'",
                "EXPLAIN ANALYZE COPY t TO '/tmp/hatch-read-only.csv'",
                "EXPLAIN ANALYZE INSERT INTO t VALUES (7)",
                "EXPLAIN ANALYZE COMMIT",
                "EXPLAIN (ANALYZE, FORMAT json) COMMIT",
                "explain /* x */ analyse rollback",
                "EXPLAIN (ANALYZE false) BEGIN",
                "EXPLAIN ANALYZE SET GLOBAL threads = 1",
                "EXPLAIN ANALYZE CREATE TEMP TABLE u AS FROM t",
                "EXPLAIN ANALYZE CALL enable_logging('QueryLog')",
                "CALL enable_logging('QueryLog')",
                "FROM enable_logging('QueryLog')",
                "SELECT * FROM \"enable_logging\" /* x */ ('QueryLog')",
                "FROM query('CALL enable_logging(''QueryLog'')')",
                "FROM truncate_duckdb_logs()",
                "SELECT getenv('PATH')",
                "CONNECT other",
                "DISCONNECT",
                "FROM read_text('/etc/passwd')",
                "FROM '/etc/passwd'",
                "FROM glob('/etc/*')",
                "ATTACH ':memory:' AS other",
                "ATTACH '/tmp/hatch-read-only.duckdb'",
                "DETACH locked",
                "USE temp",
                "SET threads = 1",
                "SET GLOBAL threads = 1",
                "SET SESSION TimeZone = 'UTC'",
                "SET VARIABLE x = 1",
                "RESET threads",
                "PRAGMA threads = 1",
                "PRAGMA enable_profiling",
                "BEGIN",
                "BEGIN TRANSACTION READ WRITE",
                "COMMIT",
                "ROLLBACK",
                "PREPARE p AS SELECT 1",
                "EXECUTE p",
                "DEALLOCATE p",
                "INSTALL httpfs",
                "LOAD json",
                "EXPORT DATABASE '/tmp/hatch-read-only'",
                "IMPORT DATABASE '/tmp/hatch-read-only'",
                "CHECKPOINT",
                "FORCE CHECKPOINT",
                "CALL force_checkpoint()",
                "VACUUM",
                "ANALYZE",
                "COMMENT ON TABLE t IS 'x'",
                "CREATE SECRET (TYPE s3)",
                "SELECT 1; DELETE FROM t",
                "/* SELECT */ DELETE FROM t",
            })
    void nothing_else_gets_through(String sql) throws Exception {
        long threads = server.number("SELECT current_setting('threads')::BIGINT");
        assertRefused("executed", () -> number(sql, reader));
        assertRefused("updated", () -> client.sql.executeUpdate(sql, reader));
        assertRefused("prepared", () -> {
            try (FlightSqlClient.PreparedStatement statement = client.sql.prepare(sql, reader)) {
                if (statement.getResultSetSchema().getFields().isEmpty()) {
                    statement.executeUpdate(reader);
                } else {
                    number(statement.execute(reader), reader);
                }
            }
        });
        Transaction transaction = client.sql.beginTransaction(reader);
        assertRefused("in a transaction", () -> client.sql.executeUpdate(sql, transaction, reader));
        client.sql.rollback(transaction, reader);
        assertThat(server.number("SELECT sum(i) FROM t")).isEqualTo(3);
        assertThat(server.number("SELECT count(*) FROM duckdb_tables()")).isOne();
        assertThat(server.number("SELECT count(*) FROM duckdb_databases() WHERE NOT internal"))
                .isOne();
        assertThat(server.number("SELECT current_setting('threads')::BIGINT")).isEqualTo(threads);
        assertThat(Files.exists(Path.of("/tmp/hatch-read-only.csv"))).isFalse();
    }

    @Test
    void no_text_ends_the_read_only_transaction_that_a_write_could_follow() throws Exception {
        for (String end : List.of("COMMIT", "EXPLAIN ANALYZE COMMIT", "EXPLAIN (ANALYZE) ROLLBACK", "EXPLAIN COMMIT")) {
            Transaction transaction = client.sql.beginTransaction(reader);
            assertRefused(end, () -> number(client.sql.execute(end, transaction, reader), reader));
            assertRefused(
                    "a write after " + end,
                    () -> number(
                            client.sql.execute(
                                    "WITH x AS (SELECT 7 AS i) INSERT INTO t FROM x RETURNING i", transaction, reader),
                            reader));
            client.sql.rollback(transaction, reader);
        }
        assertThat(server.number("SELECT sum(i) FROM t")).isEqualTo(3);
    }

    @Test
    void a_query_may_be_explained() throws Exception {
        assertThat(client.sql.execute("EXPLAIN SELECT * FROM t", reader).getEndpoints())
                .hasSize(1);
        assertThat(client.sql.execute("EXPLAIN ANALYZE SELECT * FROM t", reader).getEndpoints())
                .hasSize(1);
        assertThat(number("SELECT count(*) AS query FROM t AS logs(query)", reader))
                .isEqualTo(3);
    }

    @Test
    void of_a_sessions_options_only_where_names_are_looked_up_can_be_set() {
        assertThat(client.flight
                        .setSessionOptions(
                                new SetSessionOptionsRequest(Map.of(
                                        "schema", SessionOptionValueFactory.makeSessionOptionValue("main"),
                                        "profiling_output",
                                                SessionOptionValueFactory.makeSessionOptionValue(
                                                        "/tmp/hatch-read-only"))),
                                reader)
                        .getErrors())
                .containsOnlyKeys("profiling_output");
    }

    @Test
    void what_one_user_was_given_is_nothing_to_another() throws Exception {
        FlightInfo info = client.sql.execute("SELECT count(*) FROM t", writer);
        Transaction transaction = client.sql.beginTransaction(writer);
        FlightSqlClient.PreparedStatement statement = client.sql.prepare("SELECT count(*) FROM t", writer);
        for (ThrowingCallable use : List.<ThrowingCallable>of(
                () -> number(info, reader),
                () -> client.sql.execute("SELECT 1", transaction, reader),
                () -> client.sql.commit(transaction, reader),
                () -> client.sql.rollback(transaction, reader),
                () -> statement.execute(reader))) {
            assertThat(catchThrowableOfType(FlightRuntimeException.class, use)
                            .status()
                            .code())
                    .isEqualTo(FlightStatusCode.NOT_FOUND);
        }
        assertThat(number(info, writer)).isEqualTo(3);
        assertThat(number(statement.execute(writer), writer)).isEqualTo(3);
        statement.close(writer);
        client.sql.commit(transaction, writer);
    }

    @Test
    void without_lock_down_such_a_user_is_served_nothing() throws Exception {
        try (TestServer open = TestServer.start(
                        TestServer.config(":memory:", 0, 1, 1_000).users(users));
                TestServer.Client other = open.clientWithCookies()) {
            CallOption rita =
                    other.flight.authenticateBasicToken("rita", PASSWORD).orElseThrow();
            FlightRuntimeException failure =
                    catchThrowableOfType(FlightRuntimeException.class, () -> other.sql.execute("SELECT 1", rita));
            assertThat(failure).isNotNull().hasMessageContaining("start it with --lock-down");
            assertThat(failure.status().code()).isEqualTo(FlightStatusCode.UNAUTHORIZED);
            assertThat(other.sql.execute("SELECT 1", writer).getEndpoints()).hasSize(1);
        }
    }
}
