package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hatch.arrow.RecordBuilder;
import dev.hatch.arrow.RecordBuilderPool;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.BackpressureStrategy;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightServer;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.NoOpFlightProducer;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of docs/records.md for Flight streams, each on a real one. */
class RecordBuilderFlightTest {
    private static final int BATCHES = 400;
    private static final int ROWS = 2_000;
    private static final long TIMEOUT_MILLIS = 60_000;

    private static final Schema SCHEMA = new Schema(List.of(
            new Field("id", FieldType.notNullable(new ArrowType.Int(64, true)), null),
            new Field("text", FieldType.nullable(ArrowType.Utf8.INSTANCE), null)));

    /** How a server's stream gets its batches. */
    private interface Sending {
        void send(FlightStreams stream, RecordBuilderPool pool, BufferAllocator memory) throws Exception;
    }

    /** What a sending may do with the stream. */
    private interface FlightStreams {
        void start(VectorSchemaRoot root);

        void put() throws Exception;

        void complete();
    }

    private static void fill(RecordBuilder builder, int batch) {
        for (int row = 0; row < ROWS; row++) {
            long id = (long) batch * ROWS + row;
            builder.append(0, id).append(1, "text " + id).endRow();
        }
    }

    private static final Sending LENT = (stream, pool, memory) -> sendLent(stream, pool, () -> {});

    private static final Sending WHILE_THE_POOL_CLOSES = (stream, pool, memory) -> sendLent(stream, pool, pool::close);

    private static void sendLent(FlightStreams stream, RecordBuilderPool pool, Runnable afterThree) throws Exception {
        try (RecordBuilder builder = pool.get(SCHEMA)) {
            stream.start(builder.lend());
            for (int batch = 0; batch < BATCHES; batch++) {
                fill(builder, batch);
                builder.lend();
                stream.put();
                if (batch == 2) {
                    afterThree.run();
                }
            }
            stream.complete();
        }
    }

    private static final Sending MOVED = (stream, pool, memory) -> {
        try (RecordBuilder builder = pool.get(SCHEMA);
                VectorSchemaRoot root = VectorSchemaRoot.create(SCHEMA, memory)) {
            stream.start(root);
            for (int batch = 0; batch < BATCHES; batch++) {
                fill(builder, batch);
                builder.buildInto(root);
                stream.put();
            }
            stream.complete();
        }
    };

    private static final Sending HANDED_OVER = (stream, pool, memory) -> {
        RecordBuilder builder = pool.get(SCHEMA);
        fill(builder, 0);
        try (VectorSchemaRoot batch = builder.build()) {
            builder.close();
            stream.start(batch);
            stream.put();
            stream.complete();
        }
    };

    /** As rule 4 wants it: the stream is over, then the next gets the builder, and fills the root that the stream had. */
    private static final Sending LENT_TO_TWO = (stream, pool, memory) -> {
        LENT.send(stream, pool, memory);
        try (RecordBuilder next = pool.get(SCHEMA)) {
            fill(next, 7);
            next.lend();
        }
    };

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_stream_of_a_batch_that_was_handed_over_is_whole_without_its_builder(boolean zeroCopy) throws Exception {
        assertThat(received(HANDED_OVER, zeroCopy, BATCHES)).isOne();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_stream_goes_on_while_its_pool_is_closed_whose_memory_is_free_once_it_is_over(boolean zeroCopy)
            throws Exception {
        assertThat(received(WHILE_THE_POOL_CLOSES, zeroCopy, BATCHES)).isEqualTo(BATCHES);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_stream_that_was_over_before_its_builder_was_given_back_is_whole(boolean zeroCopy) throws Exception {
        assertThat(received(LENT_TO_TWO, zeroCopy, BATCHES)).isEqualTo(BATCHES);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_stream_of_what_is_lent_is_whole_whether_it_copies_or_not(boolean zeroCopy) throws Exception {
        assertThat(received(LENT, zeroCopy, BATCHES)).isEqualTo(BATCHES);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_stream_of_what_is_built_into_its_root_is_whole_whether_it_copies_or_not(boolean zeroCopy) throws Exception {
        assertThat(received(MOVED, zeroCopy, BATCHES)).isEqualTo(BATCHES);
    }

    @Test
    void a_client_that_leaves_in_the_middle_leaves_nothing_behind() throws Exception {
        assertThat(received(LENT, true, 3)).isEqualTo(3);
        assertThat(received(MOVED, true, 3)).isEqualTo(3);
    }

    /** How many batches came as they were sent; all memory is free after. */
    @SuppressWarnings("try")
    private static int received(Sending sending, boolean zeroCopy, int wanted) throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (BufferAllocator allocator = new RootAllocator();
                BufferAllocator memory = allocator.newChildAllocator("server", 0, Long.MAX_VALUE);
                RecordBuilderPool pool = RecordBuilderPool.create(memory);
                // What gRPC has it may give back after the server is closed.
                AutoCloseable settled = () -> Awaitility.await()
                        .until(() -> memory.getAllocatedMemory() == pool.stats().idleBytes());
                FlightServer server = FlightServer.builder(
                                memory,
                                Location.forGrpcInsecure("127.0.0.1", 0),
                                producer(sending, zeroCopy, pool, memory, threads))
                        .build()
                        .start();
                FlightClient client =
                        FlightClient.builder(allocator, server.getLocation()).build();
                FlightStream stream = client.getStream(new Ticket(new byte[0]))) {
            int batches = 0;
            while (batches < wanted && stream.next()) {
                check(stream.getRoot(), batches);
                batches++;
            }
            if (wanted < BATCHES) {
                stream.cancel("enough", null);
            } else {
                assertThat(stream.next()).isFalse();
            }
            threads.shutdown();
            assertThat(threads.awaitTermination(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS))
                    .isTrue();
            return batches;
        }
    }

    private static void check(VectorSchemaRoot root, int batch) {
        assertThat(root.getRowCount()).isEqualTo(ROWS);
        BigIntVector ids = (BigIntVector) root.getVector(0);
        VarCharVector texts = (VarCharVector) root.getVector(1);
        for (int row = 0; row < ROWS; row++) {
            long id = (long) batch * ROWS + row;
            if (ids.get(row) != id || !texts.getObject(row).toString().equals("text " + id)) {
                throw new AssertionError(
                        "batch " + batch + ", row " + row + ": " + ids.get(row) + ", " + texts.getObject(row));
            }
        }
    }

    private static NoOpFlightProducer producer(
            Sending sending,
            boolean zeroCopy,
            RecordBuilderPool pool,
            BufferAllocator memory,
            ExecutorService threads) {
        return new NoOpFlightProducer() {
            @Override
            public void getStream(CallContext context, Ticket ticket, ServerStreamListener listener) {
                listener.setUseZeroCopy(zeroCopy);
                BackpressureStrategy pressure = new BackpressureStrategy.CallbackBackpressureStrategy();
                pressure.register(listener);
                threads.execute(() -> send(listener, pressure));
            }

            private void send(ServerStreamListener listener, BackpressureStrategy pressure) {
                try {
                    sending.send(
                            new FlightStreams() {
                                @Override
                                public void start(VectorSchemaRoot root) {
                                    listener.start(root);
                                }

                                @Override
                                public void put() {
                                    BackpressureStrategy.WaitResult ready = pressure.waitForListener(TIMEOUT_MILLIS);
                                    if (ready != BackpressureStrategy.WaitResult.READY) {
                                        throw new IllegalStateException(ready.toString());
                                    }
                                    listener.putNext();
                                }

                                @Override
                                public void complete() {
                                    listener.completed();
                                }
                            },
                            pool,
                            memory);
                } catch (Exception e) {
                    listener.error(e);
                }
            }
        };
    }
}
