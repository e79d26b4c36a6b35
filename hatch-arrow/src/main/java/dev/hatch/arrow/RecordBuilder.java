package dev.hatch.arrow;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Builds a record batch a row at a time: {@code append} to each column, then {@link #endRow}. Columns are numbered from
 * 0 and may be of the types utf8, binary, bool and the signed integers. A column that got nothing in a row is null
 * there.
 *
 * <p>A value that does not fit its column throws an {@link IllegalArgumentException} that names field, row, expected
 * and found; the builder stays usable. Not safe for use by several threads.
 */
public final class RecordBuilder implements AutoCloseable {
    private final Schema schema;
    private final BufferAllocator allocator;
    private VectorSchemaRoot root;
    private List<FieldVector> vectors;
    private int row;
    private boolean closed;

    private RecordBuilder(Schema schema, BufferAllocator allocator) {
        this.schema = schema;
        this.allocator = allocator;
        root = VectorSchemaRoot.create(schema, allocator);
        vectors = root.getFieldVectors();
    }

    /** A builder for batches of {@code schema} in memory of {@code allocator}. */
    public static RecordBuilder create(Schema schema, BufferAllocator allocator) {
        return new RecordBuilder(schema, allocator);
    }

    /** Appends text to a utf8 column; null appends a null. */
    public RecordBuilder append(int column, @Nullable String value) {
        requireOpen();
        if (value == null) {
            return this;
        }
        if (!(vector(column) instanceof VarCharVector vector)) {
            throw mismatch(column, "text");
        }
        vector.setSafe(row, value.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Appends bytes to a binary column; null appends a null. The bytes are copied. */
    public RecordBuilder append(int column, byte @Nullable [] value) {
        requireOpen();
        if (value == null) {
            return this;
        }
        if (!(vector(column) instanceof VarBinaryVector vector)) {
            throw mismatch(column, "bytes");
        }
        vector.setSafe(row, value);
        return this;
    }

    /** Appends to a bool column. */
    public RecordBuilder append(int column, boolean value) {
        if (!(vector(column) instanceof BitVector vector)) {
            throw mismatch(column, "a boolean");
        }
        vector.setSafe(row, value ? 1 : 0);
        return this;
    }

    /** Appends to a column of signed integers of any width. */
    public RecordBuilder append(int column, long value) {
        FieldVector vector = vector(column);
        if (vector instanceof BigIntVector
                || (vector instanceof IntVector && value == (int) value)
                || (vector instanceof SmallIntVector && value == (short) value)
                || (vector instanceof TinyIntVector && value == (byte) value)) {
            ((BaseIntVector) vector).setWithPossibleTruncate(row, value);
            return this;
        }
        throw mismatch(column, "the integer " + value);
    }

    /**
     * Ends the row.
     *
     * @throws IllegalArgumentException if a column that may not be null got no value; the row stays open
     */
    public void endRow() {
        requireOpen();
        for (int column = 0; column < vectors.size(); column++) {
            FieldVector vector = vectors.get(column);
            if (vector.getField().isNullable()) {
                continue;
            }
            if (row >= vector.getValueCapacity() || vector.isNull(row)) {
                throw mismatch(column, "nothing");
            }
        }
        row++;
    }

    /** Hands the finished rows over as a batch that the caller closes, and leaves the builder empty. */
    public VectorSchemaRoot build() {
        requireOpen();
        VectorSchemaRoot batch = root;
        batch.setRowCount(row);
        root = VectorSchemaRoot.create(schema, allocator);
        vectors = root.getFieldVectors();
        row = 0;
        return batch;
    }

    /** Frees what was not built; any further use but closing again throws an {@link IllegalStateException}. */
    @Override
    public void close() {
        closed = true;
        root.close();
    }

    private FieldVector vector(int column) {
        requireOpen();
        return vectors.get(column);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the builder is closed");
        }
    }

    private IllegalArgumentException mismatch(int column, String found) {
        Field field = schema.getFields().get(column);
        return new IllegalArgumentException(String.format(
                Locale.ROOT,
                "column %d (%s), row %d: expected %s%s, found %s",
                column,
                field.getName(),
                row,
                field.getType(),
                field.isNullable() ? "" : " not null",
                found));
    }
}
