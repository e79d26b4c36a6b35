package dev.hatch.server;

import dev.hatch.arrow.RecordBuilder;
import dev.hatch.arrow.RecordBuilderPool;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The rows of a list on their way to one client, in batches small enough for any client: gRPC refuses messages of more
 * than 4 MiB unless a client is set to take them.
 */
final class MetadataBatches implements AutoCloseable {
    private static final int MAX_ROWS = 4_096;
    private static final long MAX_BYTES = 2L << 20;

    private final RecordBuilder builder;
    private final ServerStreamListener listener;
    private long bytes;
    private boolean started;

    MetadataBatches(RecordBuilderPool builders, Schema schema, ServerStreamListener listener) {
        builder = builders.get(schema);
        this.listener = listener;
    }

    /** What a row is appended to. */
    RecordBuilder row() {
        return builder;
    }

    /**
     * Ends the row.
     *
     * @param size of what is large in it, in bytes
     */
    void endRow(int size) {
        builder.endRow();
        bytes += size;
        if (builder.rowCount() >= MAX_ROWS || bytes >= MAX_BYTES) {
            send();
        }
    }

    void endRow() {
        endRow(0);
    }

    /** Sends what is left. A list of nothing is a batch without rows. */
    void end() {
        if (!started || builder.rowCount() > 0) {
            send();
        }
        listener.completed();
    }

    private void send() {
        var root = builder.lend();
        if (!started) {
            listener.start(root);
            started = true;
        }
        // Copied by the time that it returns, as nobody asked for a stream without a copy.
        listener.putNext();
        bytes = 0;
    }

    @Override
    public void close() {
        builder.close();
    }
}
