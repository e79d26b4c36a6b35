package dev.hatch.arrow;

import dev.hatch.pool.ObjectPool;
import java.time.Duration;
import java.util.Objects;
import org.apache.arrow.memory.BufferAllocator;

/** The settings of a {@link RecordBuilderPool}. Not safe for use by several threads. */
public final class RecordBuilderPoolBuilder {
    final BufferAllocator parent;
    String name = "records";
    int maxSchemas = 256;
    long maxBytes = Long.MAX_VALUE;
    long maxIdleBytes = 64L << 20;
    Duration fadeAfter = Duration.ofSeconds(60);
    boolean tracksTaken;

    RecordBuilderPoolBuilder(BufferAllocator parent) {
        this.parent = Objects.requireNonNull(parent, "parent");
    }

    /** What the pool and its allocator are called in messages; default: {@code records}. */
    public RecordBuilderPoolBuilder name(String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("name must not be blank");
        }
        name = value;
        return this;
    }

    /** For how many schemas builders are kept; default: 256. */
    public RecordBuilderPoolBuilder maxSchemas(int value) {
        if (value < 1) {
            throw new IllegalArgumentException("maxSchemas must be at least 1, not " + value);
        }
        maxSchemas = value;
        return this;
    }

    /**
     * The most bytes that builders and the batches which they hand over may have together; default: what the allocator above has. What
     * would be beyond it throws Arrow's {@code OutOfMemoryException}: an append, the end of a row, or a {@code get}.
     */
    public RecordBuilderPoolBuilder maxBytes(long value) {
        if (value < 1) {
            throw new IllegalArgumentException("maxBytes must be at least 1, not " + value);
        }
        maxBytes = value;
        return this;
    }

    /** The most bytes that builders keep while they are idle; default: 64 MiB. 0 keeps none that has memory. */
    public RecordBuilderPoolBuilder maxIdleBytes(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("maxIdleBytes must not be negative: " + value);
        }
        maxIdleBytes = value;
        return this;
    }

    /** How long a builder that is not used is kept; default: 60 s; 0: for as long as there is room. */
    public RecordBuilderPoolBuilder fadeAfter(Duration value) {
        // Checked by whom it is for.
        ObjectPool.builder(Object::new).fadeAfter(value);
        fadeAfter = value;
        return this;
    }

    /** Whether the pool knows where each builder was taken, for its messages; default: false. Costs a stack trace for each. */
    public RecordBuilderPoolBuilder tracksTaken(boolean value) {
        tracksTaken = value;
        return this;
    }

    /** Makes the pool. */
    public RecordBuilderPool build() {
        return new RecordBuilderPool(this);
    }
}
