package dev.hatch.server;

import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.apache.arrow.flight.CallStatus;
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
 * Runs one query on a connection that it is lent and streams its result to one client. With several rows of parameters it
 * is run for each, and the results follow each other as one.
 *
 * <p>Reader, allocator and connection are closed in this order: DuckDB's memory
 * must not outlive the connection that it came from.
 */
final class ResultStream {
    /** What a statement that changes rows and returns none sends: how many it changed. */
    static final Schema COUNT = new Schema(List.of(Field.nullable("Count", new ArrowType.Int(64, true))));

    private static final Schema EMPTY = new Schema(List.of());

    private final RunningCalls.Call call;
    private final BufferAllocator allocator;
    private final ServerConfig config;
    private final Query query;
    private final Lender lender;
    private final Runnable stale;
    private final ClientStream client;

    private long sentRows;
    private long sentBytes;

    /** What the client was given to read from; null until the first result is there. */
    private @Nullable VectorSchemaRoot sent;

    /** @param stale is run if the result is not what the client was promised */
    ResultStream(
            RunningCalls.Call call,
            BufferAllocator allocator,
            ServerConfig config,
            Query query,
            Lender lender,
            Runnable stale,
            ClientStream client) {
        this.call = call;
        this.allocator = allocator;
        this.config = config;
        this.query = query;
        this.lender = lender;
        this.stale = stale;
        this.client = client;
    }

    void send() throws SQLException, IOException {
        try (Lent lent = lender.lend(call);
                BufferAllocator memory = allocator.newChildAllocator("stream", 0, Long.MAX_VALUE)) {
            if (lent.transaction() == Lent.Transaction.OF_CLIENT) {
                call.spareTransaction();
            }
            if (query.rows().size() == 1) {
                run(lent, query.rows().get(0), memory);
            } else {
                runEach(lent, memory);
            }
            lent.succeeded();
        }
    }

    /** Each result has a root of its own; the client reads from one into which all of them are moved. */
    private void runEach(Lent lent, BufferAllocator memory) throws SQLException, IOException {
        try {
            for (List<@Nullable Object> row : query.rows()) {
                run(lent, row, memory);
            }
        } finally {
            if (sent != null) {
                sent.close();
            }
        }
    }

    private void run(Lent lent, List<@Nullable Object> parameters, BufferAllocator memory)
            throws SQLException, IOException {
        try (PreparedStatement statement = lent.connection().prepareStatement(query.sql())) {
            Parameters.bind(statement, parameters);
            try {
                call.runs(statement);
                if (statement.execute()) {
                    sendRows(statement, memory);
                } else {
                    sendCount(statement.getLargeUpdateCount(), memory);
                }
            } finally {
                call.runs(null);
            }
        } catch (SQLException e) {
            throw Statements.reason(call, lent, query.sql(), parameters, e);
        }
    }

    private void sendRows(PreparedStatement statement, BufferAllocator memory) throws SQLException, IOException {
        try (ResultSet result = statement.getResultSet();
                ArrowReader reader = (ArrowReader)
                        result.unwrap(DuckDBResultSet.class).arrowExportStream(memory, config.batchRows())) {
            VectorSchemaRoot root = reader.getVectorSchemaRoot();
            if (!EnumDecoder.isNeeded(root.getSchema())) {
                send(reader, root, () -> {}, memory);
                return;
            }
            try (EnumDecoder decoder = EnumDecoder.of(reader, memory)) {
                send(reader, decoder.root(), decoder::decode, memory);
            }
        }
    }

    private void send(ArrowReader reader, VectorSchemaRoot root, Runnable beforeEach, BufferAllocator memory)
            throws IOException {
        start(root, memory);
        while (reader.loadNextBatch()) {
            beforeEach.run();
            put(root);
        }
        if (call.isStopped()) {
            throw call.stopped();
        }
    }

    private void sendCount(long count, BufferAllocator memory) {
        boolean counted = count >= 0;
        try (VectorSchemaRoot root = VectorSchemaRoot.create(counted ? COUNT : EMPTY, memory)) {
            start(root, memory);
            if (counted) {
                ((BigIntVector) root.getVector(0)).setSafe(0, count);
                root.setRowCount(1);
                put(root);
            }
        }
    }

    private void start(VectorSchemaRoot root, BufferAllocator memory) {
        if (!query.promised(root.getSchema())) {
            stale.run();
            throw query.notAsPromised(root.getSchema());
        }
        VectorSchemaRoot first = sent;
        if (query.rows().size() == 1) {
            client.start(root);
        } else if (first == null) {
            sent = VectorSchemaRoot.create(root.getSchema(), memory);
            client.start(sent);
        } else if (!first.getSchema().equals(root.getSchema())) {
            throw CallStatus.INVALID_ARGUMENT
                    .withDescription("the result's columns depend on the parameters: " + first.getSchema() + ", then "
                            + root.getSchema() + "; run it once for each row of parameters")
                    .toRuntimeException();
        }
    }

    private void put(VectorSchemaRoot root) {
        sentRows += root.getRowCount();
        requireAtMost("rows", sentRows, config.maxResultRows());
        if (config.maxResultBytes() < Long.MAX_VALUE) {
            root.getFieldVectors().forEach(vector -> sentBytes += vector.getBufferSize());
            requireAtMost("bytes", sentBytes, config.maxResultBytes());
        }
        VectorSchemaRoot moved = sent;
        if (moved != null) {
            for (int i = 0; i < root.getFieldVectors().size(); i++) {
                root.getVector(i).makeTransferPair(moved.getVector(i)).transfer();
            }
            moved.setRowCount(root.getRowCount());
        }
        client.put();
    }

    private static void requireAtMost(String what, long sent, long most) {
        if (sent > most) {
            throw CallStatus.RESOURCE_EXHAUSTED
                    .withDescription("the result has more than " + most + " " + what
                            + ", the most that this server sends; ask for less, such as with LIMIT")
                    .toRuntimeException();
        }
    }
}
