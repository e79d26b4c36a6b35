package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.AsyncPutListener;
import org.apache.arrow.flight.FlightClient.ClientStreamListener;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.sql.FlightSqlClient.ExecuteIngestOptions;
import org.apache.arrow.flight.sql.FlightSqlClient.PreparedStatement;
import org.apache.arrow.flight.sql.FlightSqlClient.Transaction;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions.TableExistsOption;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions.TableNotExistOption;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class IngestTest {
    private static final Field ID = Field.nullable("id", new ArrowType.Int(64, true));
    private static final Field NAME = Field.nullable("name", ArrowType.Utf8.INSTANCE);
    private static final Schema ID_AND_NAME = new Schema(List.of(ID, NAME));

    private static final TableDefinitionOptions CREATE =
            definition(TableNotExistOption.TABLE_NOT_EXIST_OPTION_CREATE, TableExistsOption.TABLE_EXISTS_OPTION_FAIL);
    private static final TableDefinitionOptions APPEND =
            definition(TableNotExistOption.TABLE_NOT_EXIST_OPTION_FAIL, TableExistsOption.TABLE_EXISTS_OPTION_APPEND);
    private static final TableDefinitionOptions CREATE_OR_APPEND =
            definition(TableNotExistOption.TABLE_NOT_EXIST_OPTION_CREATE, TableExistsOption.TABLE_EXISTS_OPTION_APPEND);
    private static final TableDefinitionOptions REPLACE = definition(
            TableNotExistOption.TABLE_NOT_EXIST_OPTION_CREATE, TableExistsOption.TABLE_EXISTS_OPTION_REPLACE);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private TestServer server;
    private TestServer.Client client;

    @BeforeEach
    void start() {
        server = TestServer.start(3);
        client = server.client();
    }

    @AfterEach
    void nothing_is_left() {
        client.close();
        server.close();
        threads.shutdownNow();
    }

    private static TableDefinitionOptions definition(TableNotExistOption ifNotExist, TableExistsOption ifExists) {
        return TableDefinitionOptions.newBuilder()
                .setIfNotExist(ifNotExist)
                .setIfExists(ifExists)
                .build();
    }

    private static ExecuteIngestOptions into(String table, TableDefinitionOptions definition) {
        return new ExecuteIngestOptions(table, definition, null, null, null);
    }

    /** Batches of ids from 0 up, with a name each. */
    private static final class Rows extends ArrowReader {
        private final Schema schema;
        private final int batchRows;
        private long left;
        private long id;

        Rows(BufferAllocator allocator, long rows, int batchRows) {
            this(allocator, ID_AND_NAME, rows, batchRows);
        }

        Rows(BufferAllocator allocator, Schema schema, long rows, int batchRows) {
            super(allocator);
            this.schema = schema;
            this.batchRows = batchRows;
            left = rows;
        }

        @Override
        public boolean loadNextBatch() throws IOException {
            prepareLoadNextBatch();
            int rows = (int) Math.min(left, batchRows);
            fill(getVectorSchemaRoot(), id, rows);
            left -= rows;
            id += rows;
            return rows > 0;
        }

        @Override
        public long bytesRead() {
            return 0;
        }

        @Override
        protected void closeReadSource() {}

        @Override
        protected Schema readSchema() {
            return schema;
        }
    }

    private static void fill(VectorSchemaRoot root, long firstId, int rows) {
        root.allocateNew();
        BigIntVector ids = (BigIntVector) root.getVector(0);
        VarCharVector names = root.getFieldVectors().size() > 1 ? (VarCharVector) root.getVector(1) : null;
        for (int row = 0; row < rows; row++) {
            ids.setSafe(row, firstId + row);
            if (names != null && (firstId + row) % 7 != 0) {
                names.setSafe(row, ("name " + (firstId + row)).getBytes(StandardCharsets.UTF_8));
            }
        }
        root.setRowCount(rows);
    }

    private long ingest(ExecuteIngestOptions options, long rows, int batchRows) throws Exception {
        try (Rows reader = new Rows(client.allocator, rows, batchRows)) {
            return client.sql.executeIngest(reader, options);
        }
    }

    private FlightRuntimeException refused(ExecuteIngestOptions options) {
        return refused(options, 10);
    }

    private FlightRuntimeException refused(ExecuteIngestOptions options, int rows) {
        FlightRuntimeException refused =
                catchThrowableOfType(FlightRuntimeException.class, () -> ingest(options, rows, 10));
        assertThat(refused).isNotNull();
        return refused;
    }

    private void assertHolds(String table, long rows) {
        assertThat(server.number("SELECT count(*) FROM " + table)).isEqualTo(rows);
        assertThat(server.number("SELECT coalesce(sum(id), 0) FROM " + table)).isEqualTo(rows * (rows - 1) / 2);
        assertThat(server.number("SELECT count(*) FROM " + table
                        + " WHERE name IS DISTINCT FROM CASE WHEN id % 7 <> 0 THEN 'name ' || id END"))
                .isZero();
    }

    private long tables() {
        return server.number("SELECT count(*) FROM duckdb_tables()");
    }

    @ParameterizedTest
    @CsvSource({"1,10", "10,10", "1000,7", "122880,2048", "250000,16384", "500000,200000"})
    void a_table_is_made_of_all_rows_however_they_are_cut(long rows, int batchRows) throws Exception {
        assertThat(ingest(into("t", CREATE), rows, batchRows)).isEqualTo(rows);
        assertHolds("t", rows);
    }

    @Test
    void a_stream_of_no_rows_makes_an_empty_table_with_the_columns() throws Exception {
        assertThat(ingest(into("t", CREATE), 0, 10)).isZero();
        assertHolds("t", 0);
        assertThat(ingest(into("t", APPEND), 0, 10)).isZero();
        assertHolds("t", 0);
    }

    @Test
    void creating_a_table_that_exists_fails_and_says_what_else_to_do() {
        server.execute("CREATE TABLE t AS SELECT 1 AS id, 'one' AS name");
        FlightRuntimeException refused = refused(into("T", CREATE));
        assertThat(refused.status().code()).isEqualTo(FlightStatusCode.ALREADY_EXISTS);
        assertThat(refused).hasMessageContaining("\"memory\".\"main\".\"T\"").hasMessageContaining("append");
        assertThat(server.number("SELECT count(*) FROM t")).isOne();
    }

    @Test
    void appending_adds_rows_and_fails_without_a_table() throws Exception {
        FlightRuntimeException refused = refused(into("t", APPEND));
        assertThat(refused.status().code()).isEqualTo(FlightStatusCode.NOT_FOUND);
        assertThat(refused).hasMessageContaining("there is no table \"memory\".\"main\".\"t\"");
        assertThat(ingest(into("t", CREATE_OR_APPEND), 100, 10)).isEqualTo(100);
        assertThat(ingest(into("t", CREATE_OR_APPEND), 100, 10)).isEqualTo(100);
        assertThat(ingest(into("t", APPEND), 100, 10)).isEqualTo(100);
        assertThat(server.number("SELECT count(*) FROM t")).isEqualTo(300);
    }

    @Test
    void replacing_leaves_nothing_of_the_table_before() throws Exception {
        server.execute("CREATE TABLE t AS SELECT 1 AS other");
        assertThat(ingest(into("t", REPLACE), 100, 10)).isEqualTo(100);
        assertHolds("t", 100);
        assertThat(ingest(into("u", REPLACE), 100, 10)).isEqualTo(100);
        assertHolds("u", 100);
        TableDefinitionOptions onlyReplace = definition(
                TableNotExistOption.TABLE_NOT_EXIST_OPTION_FAIL, TableExistsOption.TABLE_EXISTS_OPTION_REPLACE);
        assertThat(refused(into("v", onlyReplace)).status().code()).isEqualTo(FlightStatusCode.NOT_FOUND);
    }

    @Test
    void a_replacement_that_is_broken_off_leaves_the_table_before() {
        server.execute("CREATE TABLE t AS SELECT 42 AS other");
        breakOff(REPLACE, 3, (breaking, put) -> put.error(new IllegalStateException("no more")));
        assertThat(server.number("SELECT other FROM t")).isEqualTo(42);
    }

    @Test
    void what_is_not_specified_is_asked_for() {
        TableDefinitionOptions noExists = definition(
                TableNotExistOption.TABLE_NOT_EXIST_OPTION_CREATE, TableExistsOption.TABLE_EXISTS_OPTION_UNSPECIFIED);
        TableDefinitionOptions noNotExist = definition(
                TableNotExistOption.TABLE_NOT_EXIST_OPTION_UNSPECIFIED, TableExistsOption.TABLE_EXISTS_OPTION_APPEND);
        assertInvalid(refused(into("t", noExists)), "if_exists is not set");
        assertInvalid(refused(into("t", noNotExist)), "if_not_exist is not set");
        assertInvalid(refused(into("", CREATE)), "names no table");
        assertInvalid(
                refused(new ExecuteIngestOptions("t", CREATE, null, null, Map.of("fast", "yes"))),
                "unknown options [fast]");
        assertThat(tables()).isZero();
    }

    private static void assertInvalid(FlightRuntimeException refused, String said) {
        assertThat(refused).hasMessageContaining(said);
        assertThat(refused.status().code()).isEqualTo(FlightStatusCode.INVALID_ARGUMENT);
    }

    @Test
    void a_temporary_table_is_refused_to_a_client_that_keeps_no_session() {
        assertInvalid(refused(new ExecuteIngestOptions("t", CREATE, true, null, null, null)), "this client keeps none");
        assertInvalid(refused(new ExecuteIngestOptions("t", CREATE, "temp", null, null)), "this client keeps none");
    }

    @Test
    void a_temporary_table_lasts_for_the_session() throws Exception {
        try (TestServer.Client keeper = server.clientWithCookies();
                Rows rows = new Rows(keeper.allocator, 10, 10)) {
            assertThat(keeper.count("SELECT 1")).isOne();
            assertThat(keeper.sql.executeIngest(rows, new ExecuteIngestOptions("mine", CREATE, true, null, null, null)))
                    .isEqualTo(10);
            assertThat(keeper.count("FROM mine")).isEqualTo(10);
            assertThat(keeper.sql.executeUpdate("DROP TABLE mine")).isNotNegative();
        }
    }

    @Test
    void an_ingest_belongs_to_its_transaction() throws Exception {
        Transaction transaction = client.sql.beginTransaction();
        try (Rows rows = new Rows(client.allocator, 300_000, 10_000)) {
            assertThat(client.sql.executeIngest(rows, into("t", CREATE), transaction))
                    .isEqualTo(300_000);
        }
        assertThat(server.number("SELECT count(*) FROM duckdb_tables() WHERE table_name = 't'"))
                .isZero();
        client.sql.commit(transaction);
        assertHolds("t", 300_000);
    }

    @Test
    void an_ingest_that_fails_leaves_its_transaction_aborted() throws Exception {
        server.execute("CREATE TABLE t (id BIGINT PRIMARY KEY, name VARCHAR)");
        Transaction transaction = client.sql.beginTransaction();
        try (Rows rows = new Rows(client.allocator, 10, 10)) {
            assertThat(client.sql.executeIngest(rows, into("t", APPEND), transaction))
                    .isEqualTo(10);
        }
        try (Rows rows = new Rows(client.allocator, 10, 10)) {
            FlightRuntimeException failed = catchThrowableOfType(
                    FlightRuntimeException.class, () -> client.sql.executeIngest(rows, into("t", APPEND), transaction));
            assertInvalid(failed, "the transaction is aborted: roll it back");
        }
        assertInvalid(
                catchThrowableOfType(FlightRuntimeException.class, () -> client.sql.commit(transaction)),
                "nothing was committed");
        assertThat(server.number("SELECT count(*) FROM t")).isZero();
    }

    @Test
    void an_ingest_belongs_to_the_transaction_of_its_session() throws Exception {
        try (TestServer.Client keeper = server.clientWithCookies();
                Rows rows = new Rows(keeper.allocator, 10, 10)) {
            assertThat(keeper.count("SELECT 1")).isOne();
            assertThat(keeper.sql.executeUpdate("BEGIN")).isNotNegative();
            assertThat(keeper.sql.executeIngest(rows, into("t", CREATE))).isEqualTo(10);
            assertThat(keeper.sql.executeUpdate("ROLLBACK")).isNotNegative();
            assertThat(server.number("SELECT count(*) FROM duckdb_tables() WHERE table_name = 't'"))
                    .isZero();
        }
    }

    @Test
    void catalog_and_schema_say_where_and_must_exist() throws Exception {
        server.execute("ATTACH ':memory:' AS \"o\"\"ther\"");
        server.execute("CREATE SCHEMA \"o\"\"ther\".\"s 1\"");
        server.execute("CREATE SCHEMA s2");
        ingest(new ExecuteIngestOptions("t\"x", CREATE, "o\"ther", "s 1", null), 10, 10);
        assertHolds("\"o\"\"ther\".\"s 1\".\"t\"\"x\"", 10);
        ingest(new ExecuteIngestOptions("t", CREATE, "o\"ther", null, null), 20, 10);
        assertHolds("\"o\"\"ther\".main.t", 20);
        ingest(new ExecuteIngestOptions("t", CREATE, null, "s2", null), 30, 10);
        assertHolds("memory.s2.t", 30);
        assertThat(refused(new ExecuteIngestOptions("t", CREATE, "nowhere", null, null)))
                .hasMessageContaining("nowhere");
        assertThat(refused(new ExecuteIngestOptions("t", CREATE, null, "nowhere", null)))
                .hasMessageContaining("nowhere");
        server.execute("DETACH \"o\"\"ther\"");
    }

    @Test
    void columns_are_matched_by_name_whatever_their_order_and_case() throws Exception {
        server.execute("CREATE TABLE t (extra INTEGER DEFAULT 5, NAME VARCHAR, Id INTEGER)");
        assertThat(ingest(into("t", APPEND), 100, 10)).isEqualTo(100);
        assertHolds("t", 100);
        assertThat(server.number("SELECT count(*) FROM t WHERE extra = 5")).isEqualTo(100);
    }

    @Test
    void a_column_that_the_table_has_not_is_an_error() {
        server.execute("CREATE TABLE t (id BIGINT)");
        assertInvalid(refused(into("t", APPEND)), "name");
        assertThat(server.number("SELECT count(*) FROM t")).isZero();
    }

    @Test
    void a_value_that_does_not_fit_in_a_late_batch_leaves_nothing() throws Exception {
        server.execute("CREATE TABLE t (id BIGINT CHECK (id < 300_000), name VARCHAR)");
        assertThat(catchThrowableOfType(FlightRuntimeException.class, () -> ingest(into("t", APPEND), 400_000, 10_000)))
                .hasMessageContaining("Constraint Error");
        assertThat(server.number("SELECT count(*) FROM t")).isZero();
        server.execute("CREATE TABLE narrow (id UTINYINT, name VARCHAR)");
        assertThat(catchThrowableOfType(FlightRuntimeException.class, () -> ingest(into("narrow", APPEND), 300, 10)))
                .hasMessageContaining("256");
        assertThat(server.number("SELECT count(*) FROM narrow")).isZero();
        assertThat(ingest(into("narrow", APPEND), 256, 10)).isEqualTo(256);
    }

    @Test
    void two_columns_of_one_name_are_refused() {
        Schema twice = new Schema(List.of(ID, Field.nullable("ID", ArrowType.Utf8.INSTANCE)));
        try (Rows rows = new Rows(client.allocator, twice, 10, 10)) {
            assertInvalid(
                    catchThrowableOfType(
                            FlightRuntimeException.class, () -> client.sql.executeIngest(rows, into("t", CREATE))),
                    "two columns of the name ID");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void dictionaries_arrive_as_their_values() throws Exception {
        DictionaryEncoding encoding = new DictionaryEncoding(1, false, new ArrowType.Int(32, true));
        Field name = new Field("name", new FieldType(true, encoding.getIndexType(), encoding), List.of());
        try (VarCharVector values = new VarCharVector("name", client.allocator);
                VectorSchemaRoot root = VectorSchemaRoot.create(new Schema(List.of(name)), client.allocator)) {
            values.allocateNew();
            values.setSafe(0, "red".getBytes(StandardCharsets.UTF_8));
            values.setSafe(1, "green".getBytes(StandardCharsets.UTF_8));
            values.setValueCount(2);
            IntVector indices = (IntVector) root.getVector(0);
            AsyncPutListener listener = new AsyncPutListener();
            ClientStreamListener put = client.flight.startPut(
                    descriptor("t", CREATE),
                    root,
                    new MapDictionaryProvider(new Dictionary(values, encoding)),
                    listener);
            for (int batch = 0; batch < 20; batch++) {
                indices.allocateNew(4);
                for (int row = 0; row < 3; row++) {
                    indices.set(row, row % 2);
                }
                root.setRowCount(4);
                put.putNext();
            }
            put.completed();
            listener.getResult();
        }
        assertThat(server.number("SELECT count(*) FROM t WHERE name = 'red'")).isEqualTo(40);
        assertThat(server.number("SELECT count(*) FROM t WHERE name = 'green'")).isEqualTo(20);
        assertThat(server.number("SELECT count(*) FROM t WHERE name IS NULL")).isEqualTo(20);
    }

    private static FlightDescriptor descriptor(String table, TableDefinitionOptions definition) {
        return FlightDescriptor.command(Any.pack(CommandStatementIngest.newBuilder()
                        .setTable(table)
                        .setTableDefinitionOptions(definition)
                        .build())
                .toByteArray());
    }

    private interface Ending {
        void end(TestServer.Client client, ClientStreamListener put);
    }

    private void breakOff(TableDefinitionOptions definition, int batches, Ending ending) {
        try (TestServer.Client breaking = server.client();
                VectorSchemaRoot root = VectorSchemaRoot.create(ID_AND_NAME, breaking.allocator)) {
            ClientStreamListener put =
                    breaking.flight.startPut(descriptor("t", definition), root, new AsyncPutListener());
            for (int batch = 0; batch < batches; batch++) {
                fill(root, 0, 100_000);
                put.putNext();
            }
            await().atMost(TestServer.SOON).until(() -> server.inUse() == 1);
            ending.end(breaking, put);
            server.awaitIdle();
        }
    }

    @Test
    void a_client_that_is_killed_midway_leaves_nothing() {
        for (int batches = 0; batches < 5; batches++) {
            breakOff(CREATE, batches, (breaking, put) -> breaking.channel.shutdownNow());
            assertThat(tables()).isZero();
        }
    }

    @Test
    void a_client_that_ends_with_an_error_leaves_nothing() {
        for (int batches = 0; batches < 5; batches++) {
            breakOff(CREATE, batches, (breaking, put) -> put.error(new IllegalStateException("no more")));
            assertThat(tables()).isZero();
        }
    }

    @Test
    void closing_the_server_ends_an_ingest_whose_client_sends_nothing_more() throws Exception {
        try (TestServer.Client idle = server.client();
                VectorSchemaRoot root = VectorSchemaRoot.create(ID_AND_NAME, idle.allocator)) {
            AsyncPutListener listener = new AsyncPutListener();
            ClientStreamListener put = idle.flight.startPut(descriptor("t", CREATE), root, listener);
            fill(root, 0, 100_000);
            put.putNext();
            await().atMost(TestServer.SOON).until(() -> server.inUse() == 1);
            long start = System.nanoTime();
            server.hatch().close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            assertThat(catchThrowable(listener::getResult)).hasStackTraceContaining("the server was closed");
        }
    }

    @Test
    void a_client_that_stalls_gives_its_lease_back() {
        try (TestServer impatient = TestServer.start(
                        TestServer.config(":memory:", 0, 1, 1_000).stallTimeout(Duration.ofMillis(100)));
                TestServer.Client stalling = impatient.client();
                VectorSchemaRoot root = VectorSchemaRoot.create(ID_AND_NAME, stalling.allocator)) {
            AsyncPutListener listener = new AsyncPutListener();
            ClientStreamListener put = stalling.flight.startPut(descriptor("t", CREATE), root, listener);
            fill(root, 0, 100_000);
            put.putNext();
            assertThat(catchThrowable(listener::getResult)).hasStackTraceContaining("no batch came for 100 ms");
            impatient.awaitIdle();
            assertThat(impatient.number("SELECT count(*) FROM duckdb_tables()")).isZero();
        }
    }

    @Test
    void two_million_rows_pass_through_little_memory() throws Exception {
        long most = 0;
        CountDownLatch done = new CountDownLatch(1);
        Future<Long> ingest = threads.submit(() -> {
            try {
                return ingest(into("t", CREATE), 2_000_000, 16_384);
            } finally {
                done.countDown();
            }
        });
        while (!done.await(1, TimeUnit.MILLISECONDS)) {
            most = Math.max(most, server.hatch().allocatedBytes());
        }
        assertThat(ingest.get()).isEqualTo(2_000_000);
        assertThat(most).isBetween(1L, 64L << 20);
        assertHolds("t", 2_000_000);
    }

    @Test
    void ingests_at_once_into_two_tables_both_succeed() throws Exception {
        List<Future<Long>> ingests = new ArrayList<>();
        for (String table : List.of("a", "b")) {
            ingests.add(threads.submit(() -> ingest(into(table, CREATE), 500_000, 10_000)));
        }
        for (Future<Long> ingest : ingests) {
            assertThat(ingest.get(60, TimeUnit.SECONDS)).isEqualTo(500_000);
        }
        assertHolds("a", 500_000);
        assertHolds("b", 500_000);
    }

    @Test
    void of_two_that_make_one_table_at_once_the_later_is_told_to_try_again() throws Exception {
        try (TestServer.Client first = server.client();
                VectorSchemaRoot root = VectorSchemaRoot.create(ID_AND_NAME, first.allocator)) {
            AsyncPutListener listener = new AsyncPutListener();
            ClientStreamListener put = first.flight.startPut(descriptor("t", CREATE), root, listener);
            for (int batch = 0; batch < 3; batch++) {
                fill(root, batch * 100_000L, 100_000);
                put.putNext();
            }
            await().atMost(TestServer.SOON)
                    .untilAsserted(
                            () -> assertThat(refused(into("t", CREATE)).status().code())
                                    .isEqualTo(FlightStatusCode.UNAVAILABLE));
            put.completed();
            listener.getResult();
        }
        assertHolds("t", 300_000);
    }

    /** What the ADBC driver's own ingest does, with a type that DuckDB does not know by itself. */
    @Test
    void a_table_with_a_clob_can_be_made_once_there_is_such_a_type() throws Exception {
        String create = "CREATE TABLE \"c\" (\"id\" BIGINT, \"name\" CLOB)";
        assertThat(catchThrowable(() -> client.sql.executeUpdate(create)))
                .hasMessageContaining("Type with name CLOB does not exist");
        client.sql.executeUpdate("CREATE TYPE clob AS VARCHAR");
        client.sql.executeUpdate(create);
        try (PreparedStatement insert = client.sql.prepare("INSERT INTO \"c\" VALUES (?, ?)");
                VectorSchemaRoot root = VectorSchemaRoot.create(ID_AND_NAME, client.allocator)) {
            fill(root, 0, 100);
            insert.setParameters(root);
            assertThat(insert.executeUpdate()).isEqualTo(100);
            insert.clearParameters();
        }
        assertHolds("c", 100);
    }
}
