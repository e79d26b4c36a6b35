package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.arrow.adbc.core.AdbcConnection;
import org.apache.arrow.adbc.core.AdbcConnection.GetObjectsDepth;
import org.apache.arrow.adbc.core.AdbcDatabase;
import org.apache.arrow.adbc.core.AdbcDriver;
import org.apache.arrow.adbc.core.AdbcException;
import org.apache.arrow.adbc.core.AdbcStatement;
import org.apache.arrow.adbc.core.AdbcStatusCode;
import org.apache.arrow.adbc.core.BulkIngestMode;
import org.apache.arrow.adbc.driver.flightsql.FlightSqlConnectionProperties;
import org.apache.arrow.adbc.driver.flightsql.FlightSqlDriver;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ADBC's Flight SQL driver for Java 0.20.0: what works with it, and what it has not. */
@SuppressWarnings("try") // Closing may be interrupted.
class AdbcClientTest {
    private static final Field NUMBER = Field.nullable("n", new ArrowType.Int(32, true));
    private static final Field TEXT = Field.nullable("s", ArrowType.Utf8.INSTANCE);
    private static final Field REAL = Field.nullable("d", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE));

    @TempDir
    Path folder;

    private TestServer server;
    private Client client;

    /** A connection and its memory. */
    private static final class Client implements AutoCloseable {
        private final BufferAllocator allocator = new RootAllocator();
        private final AdbcDatabase database;
        private final AdbcConnection connection;

        Client(String uri) throws AdbcException {
            Map<String, Object> parameters = new HashMap<>();
            AdbcDriver.PARAM_URI.set(parameters, uri);
            FlightSqlConnectionProperties.WITH_COOKIE_MIDDLEWARE.set(parameters, true);
            database = new FlightSqlDriver(allocator).open(parameters);
            connection = database.connect();
        }

        long update(String sql) throws Exception {
            try (AdbcStatement statement = connection.createStatement()) {
                statement.setSqlQuery(sql);
                return statement.executeUpdate().getAffectedRows();
            }
        }

        /** All rows, as text. */
        String query(String sql) throws Exception {
            try (AdbcStatement statement = connection.createStatement()) {
                statement.setSqlQuery(sql);
                try (AdbcStatement.QueryResult result = statement.executeQuery()) {
                    return text(result.getReader());
                }
            }
        }

        String objects(GetObjectsDepth depth) throws Exception {
            try (ArrowReader reader = connection.getObjects(depth, null, null, null, null, null)) {
                return text(reader);
            }
        }

        private static String text(ArrowReader reader) throws Exception {
            StringBuilder text = new StringBuilder();
            while (reader.loadNextBatch()) {
                text.append(reader.getVectorSchemaRoot().contentToTSVString());
            }
            return text.toString();
        }

        @Override
        public void close() throws Exception {
            connection.close();
            database.close();
            allocator.close();
        }
    }

    @BeforeEach
    void start() throws AdbcException {
        server = TestServer.start(4);
        server.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, s VARCHAR)");
        client = new Client(server.hatch().uri().replace("grpc://", "grpc+tcp://"));
    }

    @AfterEach
    void nothing_is_left() throws Exception {
        try {
            client.close();
        } finally {
            server.close();
        }
    }

    private static void assertNotImplemented(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        AdbcException.class,
                        failure -> assertThat(failure.getStatus()).isEqualTo(AdbcStatusCode.NOT_IMPLEMENTED));
    }

    @Test
    void queries_and_updates_give_rows_and_counts() throws Exception {
        assertThat(client.update("INSERT INTO t SELECT range, 'r' || range FROM range(5)"))
                .isEqualTo(5);
        assertThat(client.query("SELECT * FROM t WHERE n > 2 ORDER BY n")).isEqualTo("n\ts\n3\tr3\n4\tr4\n");
        assertThatThrownBy(() -> client.update("INSERT INTO t VALUES (1, 'x')"))
                .isInstanceOf(AdbcException.class)
                .hasMessageContaining("Constraint Error: Duplicate key");
    }

    @Test
    void a_prepared_statement_runs_for_each_row_that_is_bound() throws Exception {
        try (AdbcStatement insert = client.connection.createStatement();
                AdbcStatement query = client.connection.createStatement()) {
            insert.setSqlQuery("INSERT INTO t VALUES (?, 'p')");
            insert.prepare();
            query.setSqlQuery("SELECT n FROM t WHERE n = ?");
            query.prepare();
            try (VectorSchemaRoot rows = VectorSchemaRoot.create(insert.getParameterSchema(), client.allocator)) {
                for (int i = 0; i < 3; i++) {
                    ((IntVector) rows.getVector(0)).setSafe(i, 10 + i);
                }
                rows.setRowCount(3);
                insert.bind(rows);
                assertThat(insert.executeUpdate().getAffectedRows()).isEqualTo(3);
                query.bind(rows);
                try (AdbcStatement.QueryResult result = query.executeQuery()) {
                    assertThat(Client.text(result.getReader()).replace("n\n", ""))
                            .isEqualTo("10\n11\n12\n");
                }
            }
        }
    }

    private long ingest(String table, BulkIngestMode mode, Field... fields) throws Exception {
        try (VectorSchemaRoot rows = VectorSchemaRoot.create(new Schema(List.of(fields)), client.allocator);
                AdbcStatement ingest = client.connection.bulkIngest(table, mode)) {
            rows.allocateNew();
            for (int row = 0; row < 10; row++) {
                int i = row;
                rows.getFieldVectors().forEach(vector -> {
                    if (vector instanceof IntVector numbers) {
                        numbers.setSafe(i, i);
                    } else if (vector instanceof VarCharVector texts) {
                        texts.setSafe(i, ("text " + i).getBytes(StandardCharsets.UTF_8));
                    } else {
                        ((Float8Vector) vector).setSafe(i, i / 2.0);
                    }
                });
            }
            rows.setRowCount(10);
            ingest.bind(rows);
            return ingest.executeUpdate().getAffectedRows();
        }
    }

    @Test
    void it_ingests_by_inserts_into_a_table_that_is_there_or_that_it_makes_of_integers() throws Exception {
        server.execute("CREATE TABLE there (n INTEGER, s VARCHAR, d DOUBLE)");
        assertThat(ingest("there", BulkIngestMode.APPEND, NUMBER, TEXT, REAL)).isEqualTo(10);
        assertThat(client.query("SELECT count(*) AS c, sum(n) AS n, max(s) AS s, sum(d) AS d FROM there"))
                .isEqualTo("c\tn\ts\td\n10\t45\ttext 9\t22.5\n");
        assertThat(ingest("made", BulkIngestMode.CREATE, NUMBER)).isEqualTo(10);
        assertThat(server.number("SELECT sum(n) FROM made")).isEqualTo(45);
    }

    @Test
    void a_table_that_it_makes_has_text_only_where_clob_is_a_type_and_never_a_real_number() throws Exception {
        assertThatThrownBy(() -> ingest("made", BulkIngestMode.CREATE, TEXT))
                .rootCause()
                .hasMessageContaining("Type with name CLOB does not exist!");
        server.execute("CREATE TYPE clob AS VARCHAR");
        assertThat(ingest("made", BulkIngestMode.CREATE, TEXT)).isEqualTo(10);
        assertThat(server.number("SELECT count(*) FROM made WHERE s LIKE 'text _'"))
                .isEqualTo(10);
        assertNotImplemented(() -> ingest("another", BulkIngestMode.CREATE, REAL));
    }

    @Test
    void the_driver_has_no_transactions_of_its_own() throws Exception {
        assertThat(client.connection.getAutoCommit()).isTrue();
        assertNotImplemented(() -> client.connection.setAutoCommit(false));
        assertNotImplemented(client.connection::commit);
        assertNotImplemented(client.connection::rollback);
    }

    @Test
    void with_cookies_a_transaction_is_begun_and_ended_by_text() throws Exception {
        Throwable refused = catchThrowable(() -> client.update("BEGIN"));
        assumeTrue(
                refused == null || !String.valueOf(refused.getMessage()).contains("this client keeps none"),
                "the server gives this client no session");
        assertThat(refused).isNull();
        assertThat(client.update("INSERT INTO t VALUES (1, 'x')")).isOne();
        assertThat(server.number("SELECT count(*) FROM t")).isZero();
        assertThat(client.query("SELECT n FROM t")).isEqualTo("n\n1\n");
        long unused = client.update("ROLLBACK");
        assertThat(client.query("SELECT count(*) AS c FROM t")).isEqualTo("c\n0\n");
    }

    @Test
    void it_lists_catalogs_schemas_and_tables_and_has_nothing_else_of_metadata() throws Exception {
        assertThat(client.objects(GetObjectsDepth.CATALOGS)).contains("memory");
        assertThat(client.objects(GetObjectsDepth.DB_SCHEMAS)).contains("\"db_schema_name\":\"main\"");
        assertThat(client.objects(GetObjectsDepth.TABLES)).contains("\"table_name\":\"t\"");
        try (ArrowReader reader = client.connection.getInfo((int[]) null)) {
            VectorSchemaRoot info = reader.getVectorSchemaRoot(); // Asked for late, the reader fails.
            assertThat(reader.loadNextBatch()).isTrue();
            assertThat(info.contentToTSVString()).contains("ADBC Flight SQL Driver");
        }
        assertNotImplemented(client.connection::getTableTypes);
        assertNotImplemented(() -> client.connection.getTableSchema(null, "main", "t"));
        try (AdbcStatement statement = client.connection.createStatement()) {
            statement.setSqlQuery("FROM t");
            assertThat(statement.executeSchema().getFields())
                    .extracting(Field::getName)
                    .containsExactly("n", "s");
        }
    }

    /**
     * Where the JDBC driver's jar comes first, its copy of a class of theirs does not fit. And the reader fails as soon as a
     * column says whether it counts by itself, since the driver writes that under a name that its own schema has not.
     */
    @Test
    void it_lists_columns_in_a_program_without_the_jdbc_driver() throws Exception {
        String classPath = Pattern.compile(Pattern.quote(File.pathSeparator))
                .splitAsStream(Jvm.classPath())
                .filter(entry -> !entry.contains("flight-sql-jdbc-driver"))
                .collect(Collectors.joining(File.pathSeparator));
        Process program = Jvm.start(
                folder.resolve("err"),
                classPath,
                ListsColumns.class.getName(),
                server.hatch().uri().replace("grpc://", "grpc+tcp://"));
        try {
            String output = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(output)
                    .as(Files.readString(folder.resolve("err")))
                    .contains("\"column_name\":\"n\"")
                    .contains("\"column_name\":\"s\"");
            assertThat(program.waitFor()).isZero();
        } finally {
            program.destroyForcibly();
        }
    }

    static final class ListsColumns {
        public static void main(String[] args) throws Exception {
            try (Client client = new Client(args[0])) {
                System.out.println(client.objects(GetObjectsDepth.ALL));
            }
        }
    }

    @Test
    void a_reader_that_is_closed_early_ends_its_query_and_there_is_no_cancel() throws Exception {
        for (int i = 0; i < 10; i++) {
            try (AdbcStatement statement = client.connection.createStatement()) {
                statement.setSqlQuery("SELECT range AS i FROM range(100_000_000_000)");
                try (AdbcStatement.QueryResult result = statement.executeQuery()) {
                    assertThat(result.getReader().loadNextBatch()).isTrue();
                }
                assertNotImplemented(statement::cancel);
            }
        }
        server.awaitIdle();
    }
}
