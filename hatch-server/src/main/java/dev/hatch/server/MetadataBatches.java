package dev.hatch.server;

import dev.hatch.arrow.RecordBuilder;
import dev.hatch.arrow.RecordBuilderPool;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The rows of a list on their way to one client, in batches small enough for any client: gRPC refuses messages of more
 * than 4 MiB unless a client is set to take them.
 */
final class MetadataBatches implements AutoCloseable {
    private static final int MAX_ROWS = 4_096;
    private static final long MAX_BYTES = 2L << 20;

    private final RecordBuilder builder;
    private final ClientStream client;
    private long bytes;
    private boolean started;

    MetadataBatches(RecordBuilderPool builders, Schema schema, ClientStream client) {
        builder = builders.get(schema);
        this.client = client;
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
    }

    private void send() {
        var root = builder.lend();
        if (!started) {
            client.start(root);
            started = true;
        }
        client.put();
        bytes = 0;
    }

    @Override
    public void close() {
        builder.close();
    }
}
