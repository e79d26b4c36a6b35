package dev.hatch.arrow;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What a builder has of Arrow's memory. It knows neither the builder nor its appenders: so it can be freed once nobody has any of
 * those.
 */
final class BatchMemory {
    final BufferAllocator allocator;
    VectorSchemaRoot root;

    /** Those of each nested column, beside what its vector has. */
    private final List<ArrowBuf[]> nested = new ArrayList<>();

    /** Whether the builder is its user's. Whoever turns it off has it to himself. */
    final AtomicBoolean open = new AtomicBoolean(true);

    /** Where the user took it from a pool, if that is known. */
    volatile @Nullable Throwable taken;

    BatchMemory(Schema schema, BufferAllocator allocator) {
        this.allocator = allocator;
        root = VectorSchemaRoot.create(schema, allocator);
    }

    void add(ArrowBuf[] buffers) {
        nested.add(buffers);
    }

    void free() {
        root.close();
        for (ArrowBuf[] buffers : nested) {
            release(buffers, allocator);
        }
    }

    static void release(ArrowBuf[] buffers, BufferAllocator allocator) {
        for (int i = 0; i < buffers.length; i++) {
            buffers[i].close();
            buffers[i] = allocator.getEmpty();
        }
    }
}
