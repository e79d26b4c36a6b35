package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.sql.FlightSqlClient.ExecuteIngestOptions;
import org.apache.arrow.flight.sql.FlightSqlClient.Transaction;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions.TableExistsOption;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions.TableNotExistOption;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that is killed while it writes: what was committed is there when it is started again, and nothing else. */
@Tag("once")
@SuppressWarnings("try") // FlightStream.close may be interrupted.
@Timeout(180)
class KilledServerTest {
    private static final Pattern READY = Pattern.compile("hatch is ready on grpc://127\\.0\\.0\\.1:(\\d+) after .*");

    /** More than any test waits for. */
    private static final long ENDLESS = 100_000_000_000L;

    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();
    private final CountDownLatch gone = new CountDownLatch(1);

    @AfterEach
    void nothing_is_left_running() {
        started.forEach(Process::destroyForcibly);
    }

    /** A server of its own process, on the same file each time. */
    private TestServer.Client serve() throws IOException {
        Process server = Jvm.start(
                folder.resolve("err" + started.size()),
                Jvm.classPath(),
                "dev.hatch.server.cli.Hatch",
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--database",
                folder.resolve("data.db").toString());
        started.add(server);
        String line = String.valueOf(server.inputReader().readLine());
        Matcher ready = READY.matcher(line);
        assertThat(ready.matches()).as(line).isTrue();
        return new TestServer.Client(Integer.parseInt(ready.group(1)), List.of());
    }

    private void kill() throws InterruptedException {
        Process server = started.get(started.size() - 1);
        server.destroyForcibly(); // SIGKILL.
        assertThat(server.waitFor()).isEqualTo(137);
    }

    private static long number(TestServer.Client client, String sql) throws Exception {
        try (FlightStream stream = client.query(sql)) {
            assertThat(stream.next()).isTrue();
            return ((BigIntVector) stream.getRoot().getVector(0)).get(0);
        }
    }

    /** Commits one row after the other until the server is gone. */
    private static CompletableFuture<Void> commits(TestServer.Client client, AtomicLong acknowledged) {
        return CompletableFuture.runAsync(() -> {
            FlightRuntimeException gone = null;
            while (gone == null) {
                gone = catchThrowableOfType(FlightRuntimeException.class, () -> {
                    long unused = client.sql.executeUpdate("INSERT INTO t VALUES (" + acknowledged.get() + ")");
                });
                if (gone == null) {
                    acknowledged.incrementAndGet();
                }
            }
            assertThat(gone.status().code()).isEqualTo(FlightStatusCode.UNAVAILABLE);
        });
    }

    /** All that was acknowledged, at most one more that was on its way, and none of the negative ones. */
    private void assertCommittedAlone(long acknowledged) throws Exception {
        try (TestServer.Client client = serve()) {
            assertThat(number(client, "SELECT count(*) FROM t")).isBetween(acknowledged, acknowledged + 1);
            assertThat(number(client, "SELECT count(*) FROM t WHERE i BETWEEN 0 AND " + (acknowledged - 1)))
                    .isEqualTo(acknowledged);
            assertThat(number(client, "SELECT count(*) FROM t WHERE i < 0")).isZero();
            assertThat(client.sql.executeUpdate("INSERT INTO t VALUES (-1)")).isOne();
        }
    }

    private interface Work {
        void run(TestServer.Client client) throws Exception;
    }

    private void kill_amid(Work uncommitted, boolean mayBeRefused) throws Exception {
        AtomicLong acknowledged = new AtomicLong();
        try (TestServer.Client client = serve();
                TestServer.Client writer = new TestServer.Client(port(client), List.of())) {
            assertThat(client.sql.executeUpdate("CREATE TABLE t (i BIGINT)")).isZero();
            CompletableFuture<Void> commits = commits(client, acknowledged);
            CompletableFuture<FlightRuntimeException> working = CompletableFuture.supplyAsync(
                    () -> catchThrowableOfType(FlightRuntimeException.class, () -> uncommitted.run(writer)));
            long before = acknowledged.get();
            await().atMost(TestServer.SOON).until(() -> working.isDone() || acknowledged.get() >= before + 30);
            boolean ended = working.isDone();
            kill();
            gone.countDown();
            commits.get();
            FlightRuntimeException failure = working.get();
            assertThat(failure).isNotNull();
            assumeFalse(
                    mayBeRefused && failure.status().code() == FlightStatusCode.UNIMPLEMENTED,
                    "this server takes no bulk ingest");
            assertThat(ended).as("it was at work: %s", failure).isFalse();
        }
        assertCommittedAlone(acknowledged.get());
    }

    private static int port(TestServer.Client client) {
        String authority = client.channel.authority();
        return Integer.parseInt(authority.substring(authority.lastIndexOf(':') + 1));
    }

    @Test
    void amid_an_update() throws Exception {
        kill_amid(
                client -> {
                    long unused =
                            client.sql.executeUpdate("INSERT INTO t SELECT -1 - range FROM range(" + ENDLESS + ")");
                },
                false);
    }

    @Test
    void amid_a_transaction() throws Exception {
        kill_amid(
                client -> {
                    Transaction transaction = client.sql.beginTransaction();
                    for (int i = 0; i < Integer.MAX_VALUE; i++) {
                        long unused = client.sql.executeUpdate("INSERT INTO t VALUES (-1)", transaction);
                    }
                },
                false);
    }

    @Test
    void amid_an_ingest() throws Exception {
        kill_amid(
                client -> {
                    try (Unending rows = new Unending(client.allocator, gone)) {
                        long unused = client.sql.executeIngest(
                                rows,
                                new ExecuteIngestOptions(
                                        "t",
                                        TableDefinitionOptions.newBuilder()
                                                .setIfNotExist(TableNotExistOption.TABLE_NOT_EXIST_OPTION_FAIL)
                                                .setIfExists(TableExistsOption.TABLE_EXISTS_OPTION_APPEND)
                                                .build(),
                                        null,
                                        null,
                                        Map.of()));
                    }
                },
                true);
    }

    /** Batches of negative numbers, and then none but no end either until the server is gone. */
    private static final class Unending extends ArrowReader {
        private static final int ROWS = 10_000;

        private final CountDownLatch gone;
        private int left = 200;

        Unending(BufferAllocator allocator, CountDownLatch gone) {
            super(allocator);
            this.gone = gone;
        }

        @Override
        public boolean loadNextBatch() throws IOException {
            if (left-- == 0) {
                try {
                    gone.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                return false;
            }
            VectorSchemaRoot root = getVectorSchemaRoot();
            BigIntVector numbers = (BigIntVector) root.getVector(0);
            numbers.allocateNew(ROWS);
            for (int row = 0; row < ROWS; row++) {
                numbers.set(row, -1 - row);
            }
            root.setRowCount(ROWS);
            return true;
        }

        @Override
        public long bytesRead() {
            return 0;
        }

        @Override
        protected void closeReadSource() {}

        @Override
        protected Schema readSchema() {
            return new Schema(List.of(Field.nullable("i", new ArrowType.Int(64, true))));
        }
    }
}
