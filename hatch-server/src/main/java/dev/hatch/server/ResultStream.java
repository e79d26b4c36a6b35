package dev.hatch.server;

import dev.hatch.duckdb.StreamingFailures;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.apache.arrow.flight.BackpressureStrategy.CallbackBackpressureStrategy;
import org.apache.arrow.flight.BackpressureStrategy.WaitResult;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.duckdb.DuckDBResultSet;

/**
 * Runs one query on a lease and streams its result to one client.
 *
 * <p>Made in the call's own thread, where gRPC takes the handlers; run on another, because a call's thread that waits
 * for the client to be ready is never told. Reader, allocator and connection are closed in this order: DuckDB's memory
 * must not outlive the connection that it came from.
 */
final class ResultStream implements Runnable {
    /** What a statement that changes rows and returns none sends: how many it changed. */
    static final Schema COUNT = new Schema(List.of(Field.nullable("Count", new ArrowType.Int(64, true))));

    private static final Schema EMPTY = new Schema(List.of());

    private final RunningCalls.Call call;
    private final BufferAllocator allocator;
    private final int batchRows;
    private final Query query;
    private final ServerStreamListener listener;
    private final Backpressure backpressure = new Backpressure();

    /** @param call which this ends when it has run */
    ResultStream(
            RunningCalls.Call call,
            BufferAllocator allocator,
            int batchRows,
            Query query,
            ServerStreamListener listener) {
        this.call = call;
        this.allocator = allocator;
        this.batchRows = batchRows;
        this.query = query;
        this.listener = listener;
        backpressure.register(listener);
    }

    @Override
    public void run() {
        try (call) {
            stream();
        } catch (SQLException | IOException | RuntimeException | Error e) {
            // Errors too: without a word the client would wait for ever.
            listener.error(call.isStopped() ? call.stopped() : FlightErrors.forListener(e));
            return;
        }
        // Only now, so that a client that has the whole result finds its lease returned.
        listener.completed();
    }

    private void stream() throws SQLException, IOException {
        try (Connection lease = call.lease();
                BufferAllocator memory = allocator.newChildAllocator("stream", 0, Long.MAX_VALUE)) {
            try {
                if (!run(lease, memory)) {
                    throw call.stopped();
                }
            } catch (SQLException e) {
                throw StreamingFailures.isMessageLost(e) && !call.isStopped() ? reason(lease, e) : e;
            }
        }
    }

    /** Returns false if it was stopped before the end. */
    private boolean run(Connection lease, BufferAllocator memory) throws SQLException, IOException {
        try (PreparedStatement statement = lease.prepareStatement(query.sql())) {
            Parameters.bind(statement, query.parameters());
            try {
                call.runs(statement);
                return statement.execute()
                        ? sendRows(statement, memory)
                        : sendCount(statement.getLargeUpdateCount(), memory);
            } finally {
                call.runs(null);
            }
        }
    }

    private SQLException reason(Connection lease, SQLException failure) {
        return Statements.reason(call, lease, query.sql(), query.parameters(), failure);
    }

    private boolean sendRows(PreparedStatement statement, BufferAllocator memory) throws SQLException, IOException {
        try (ResultSet result = statement.getResultSet();
                ArrowReader reader =
                        (ArrowReader) result.unwrap(DuckDBResultSet.class).arrowExportStream(memory, batchRows)) {
            VectorSchemaRoot root = reader.getVectorSchemaRoot();
            if (!EnumDecoder.isNeeded(root.getSchema())) {
                return send(reader, root, () -> {});
            }
            try (EnumDecoder decoder = EnumDecoder.of(reader, memory)) {
                return send(reader, decoder.root(), decoder::decode);
            }
        }
    }

    private boolean send(ArrowReader reader, VectorSchemaRoot root, Runnable beforeEach) throws IOException {
        query.requireSchema(root.getSchema());
        listener.start(root);
        while (reader.loadNextBatch()) {
            beforeEach.run();
            if (!backpressure.isReady()) {
                return false;
            }
            listener.putNext();
        }
        return !call.isStopped();
    }

    private boolean sendCount(long count, BufferAllocator memory) {
        boolean counted = count >= 0;
        try (VectorSchemaRoot root = VectorSchemaRoot.create(counted ? COUNT : EMPTY, memory)) {
            query.requireSchema(root.getSchema());
            listener.start(root);
            if (counted) {
                ((BigIntVector) root.getVector(0)).setSafe(0, count);
                root.setRowCount(1);
                if (!backpressure.isReady()) {
                    return false;
                }
                listener.putNext();
            }
            return true;
        }
    }

    private static final class Backpressure extends CallbackBackpressureStrategy {
        private static final long FOREVER = 0;

        /** Waits until the client can take a batch; false if it went away. */
        boolean isReady() {
            return waitForListener(FOREVER) == WaitResult.READY;
        }
    }
}
