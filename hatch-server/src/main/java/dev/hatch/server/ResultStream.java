package dev.hatch.server;

import dev.hatch.duckdb.StreamingFailures;
import dev.hatch.pool.jdbc.ConnectionPool;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.apache.arrow.flight.BackpressureStrategy.CallbackBackpressureStrategy;
import org.apache.arrow.flight.BackpressureStrategy.WaitResult;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.duckdb.DuckDBResultSet;
import org.jspecify.annotations.Nullable;

/**
 * Runs one query on a lease and streams its result to one client.
 *
 * <p>Made in the call's own thread, where gRPC takes the handlers; run on another, because a call's thread that waits
 * for the client to be ready is never told. The client's going away interrupts the running statement. Reader,
 * allocator and connection are closed in this order: DuckDB's memory must not outlive the connection that it came from.
 */
final class ResultStream implements Runnable {
    /** What a statement that changes rows and returns none sends: how many it changed. */
    static final Schema COUNT = new Schema(List.of(Field.nullable("Count", new ArrowType.Int(64, true))));

    private static final long INTERRUPT_AGAIN_MILLIS = 20;
    private static final Schema EMPTY = new Schema(List.of());

    private final ConnectionPool pool;
    private final BufferAllocator allocator;
    private final Executor threads;
    private final int batchRows;
    private final Query query;
    private final ServerStreamListener listener;
    private final Backpressure backpressure = new Backpressure();

    /** The statement to interrupt when the client goes away. Guarded by this. */
    private @Nullable Statement running;

    /** Guarded by this. */
    private boolean stopped;

    ResultStream(
            ConnectionPool pool,
            BufferAllocator allocator,
            Executor threads,
            int batchRows,
            Query query,
            ServerStreamListener listener) {
        this.pool = pool;
        this.allocator = allocator;
        this.threads = threads;
        this.batchRows = batchRows;
        this.query = query;
        this.listener = listener;
        backpressure.register(listener);
    }

    @Override
    public void run() {
        boolean complete;
        try (Connection lease = pool.getConnection();
                BufferAllocator memory = allocator.newChildAllocator("stream", 0, Long.MAX_VALUE)) {
            try {
                complete = run(lease, memory);
            } catch (SQLException e) {
                if (!isStopped()) {
                    throw StreamingFailures.isMessageLost(e) ? reason(lease, e) : e;
                }
                complete = false;
            }
        } catch (SQLException | IOException | RuntimeException | Error e) {
            // Errors too: without a word the client would wait for ever.
            listener.error(FlightErrors.of(e));
            return;
        }
        // Only now, so that a client that has the whole result finds its lease returned.
        if (complete) {
            listener.completed();
        } else if (!listener.isCancelled()) {
            listener.error(CallStatus.UNAVAILABLE
                    .withDescription("the server was closed before the result was complete")
                    .toRuntimeException());
        }
    }

    /** Returns false if it was stopped before the end. */
    private boolean run(Connection lease, BufferAllocator memory) throws SQLException, IOException {
        try (PreparedStatement statement = lease.prepareStatement(query.sql())) {
            Parameters.bind(statement, query.parameters());
            interruptible(statement);
            try {
                if (isStopped()) {
                    return false;
                }
                return statement.execute()
                        ? sendRows(statement, memory)
                        : sendCount(statement.getLargeUpdateCount(), memory);
            } finally {
                interruptible(null);
            }
        }
    }

    private SQLException reason(Connection lease, SQLException failure) {
        return StreamingFailures.reason(
                lease,
                query.sql(),
                statement -> Parameters.bind(statement, query.parameters()),
                Statements.TIME_TO_FIND_REASON,
                failure);
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
        return !isStopped();
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

    private synchronized void interruptible(@Nullable Statement statement) {
        running = statement;
        notifyAll();
    }

    private synchronized boolean isStopped() {
        return stopped || listener.isCancelled();
    }

    /**
     * Interrupts the statement and returns when it has ended; again and again, because a statement that is only just
     * being started does not hear it. A thread that waits for a connection or for its client has to be interrupted, too.
     */
    synchronized void stop() {
        stopped = true;
        try {
            while (running != null) {
                running.cancel();
                wait(INTERRUPT_AGAIN_MILLIS);
            }
        } catch (SQLException e) {
            // It has ended by itself.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Backpressure extends CallbackBackpressureStrategy {
        private static final long FOREVER = 0;

        /** Waits until the client can take a batch; false if it went away. */
        boolean isReady() {
            return waitForListener(FOREVER) == WaitResult.READY;
        }

        @Override
        protected void cancelCallback() {
            super.cancelCallback();
            try {
                // Not here: the callback holds the lock that the stream needs to wake up and end.
                threads.execute(ResultStream.this::stop);
            } catch (RejectedExecutionException e) {
                // The server is being closed, which stops every stream.
            }
        }
    }
}
