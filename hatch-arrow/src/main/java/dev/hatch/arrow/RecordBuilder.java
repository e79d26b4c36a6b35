package dev.hatch.arrow;

import dev.hatch.pool.Recyclable;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Builds Arrow record batches, a row at a time or whole columns.
 *
 * <pre>{@code
 * try (RecordBuilder builder = RecordBuilder.create(schema, allocator)) {
 *     builder.append(0, 17L).append(1, "seventeen").endRow();
 *     builder.append(0, 18L).endRow();
 *     try (VectorSchemaRoot batch = builder.build()) {
 *         // the caller's
 *     }
 * }
 * }</pre>
 *
 * <p>Columns are numbered from 0. A column that got nothing in a row is null there. {@link #column} gives what appends to one column:
 * every type, nested ones, and many values at once. There are three ways to get at what was built:
 *
 * <ul>
 *   <li>{@link #build} hands the batch over: the caller's own, to be closed by him
 *   <li>{@link #lend} shows it: it is the builder's, and good until the next append; nothing is allocated for the next one
 *   <li>{@link #buildInto} moves it into a root that a stream has been started with
 * </ul>
 *
 * <p>What does not fit throws an {@link IllegalArgumentException} that names field, row, expected and found, and the builder stays
 * usable. Not safe for use by several threads.
 */
public final class RecordBuilder extends Recyclable implements AutoCloseable {
    final Batch batch;
    private final Appender[] columns;
    private final @Nullable RecordBuilderPool lender;

    /** What its memory weighs while it is idle, for its pool. */
    long idleBytes;

    RecordBuilder(Batch batch, @Nullable RecordBuilderPool lender) {
        this.batch = batch;
        this.lender = lender;
        columns = batch.columns;
    }

    /**
     * A builder for batches of {@code schema} in memory of {@code allocator}.
     *
     * @throws UnsupportedOperationException if the schema has a view, list view, run-end encoded or extension type
     */
    public static RecordBuilder create(Schema schema, BufferAllocator allocator) {
        return new RecordBuilder(new Batch(schema, allocator), null);
    }

    /** Of its batches. */
    public Schema schema() {
        return batch.schema;
    }

    /** How many rows are complete. */
    public int rowCount() {
        return batch.row;
    }

    /**
     * What appends to a column; always the same.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Appender column(int index) {
        return at(index).self();
    }

    private Appender at(int index) {
        if (index < 0 || index >= columns.length) {
            throw new IllegalArgumentException("there is no column " + index + ": the schema has " + columns.length);
        }
        return columns[index];
    }

    /**
     * What appends to the first column of that name; always the same.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Appender column(String name) {
        for (Appender column : columns) {
            if (column.field.getName().equals(name)) {
                return column;
            }
        }
        throw new IllegalArgumentException("there is no column '" + name + "' in " + batch.schema);
    }

    /** As {@link Appender#append(boolean)}. */
    public RecordBuilder append(int column, boolean value) {
        at(column).append(value);
        return this;
    }

    /** As {@link Appender#append(long)}. */
    public RecordBuilder append(int column, long value) {
        at(column).append(value);
        return this;
    }

    /** As {@link Appender#append(float)}. */
    public RecordBuilder append(int column, float value) {
        at(column).append(value);
        return this;
    }

    /** As {@link Appender#append(double)}. */
    public RecordBuilder append(int column, double value) {
        at(column).append(value);
        return this;
    }

    /** As {@link Appender#append(CharSequence)}. */
    public RecordBuilder append(int column, @Nullable String value) {
        at(column).append(value);
        return this;
    }

    /** As {@link Appender#append(byte[])}. */
    public RecordBuilder append(int column, byte @Nullable [] value) {
        at(column).append(value);
        return this;
    }

    /** As {@link Appender#appendNull}. */
    public RecordBuilder appendNull(int column) {
        at(column).appendNull();
        return this;
    }

    /**
     * Ends the row. Columns that got nothing are null in it.
     *
     * @throws IllegalArgumentException if a column that may not be null got nothing, a column got more than one value, or a nested
     *     value is not complete. The row stays open; of the column with too much nothing is left in it
     */
    public void endRow() {
        batch.endRow();
    }

    /**
     * Ends the rows of columns that were appended to in bulk: rows may follow.
     *
     * @throws IllegalStateException if the columns are of unequal length, which stay as they are
     */
    public void endRows() {
        batch.endRows();
    }

    /**
     * Hands the batch over, in memory of its own, and leaves the builder empty and ready.
     *
     * @return to be closed by the caller, and that before the allocator
     * @throws IllegalStateException if the columns are of unequal length, which stay as they are
     */
    public VectorSchemaRoot build() {
        batch.requireOpen();
        VectorSchemaRoot fresh = VectorSchemaRoot.create(batch.schema, batch.allocator);
        VectorSchemaRoot built = batch.finish();
        batch.bind(fresh);
        return built;
    }

    /**
     * Shows the batch, in the builder's own root, always the same one until {@link #build} hands it over; the builder is empty then, and
     * shows none if it is asked again. The batch is good until the next
     * append, and as long as somebody has the builder. The next append begins an empty batch in the same memory: what the caller copies or
     * sends must be done by then. A buffer of it that somebody retained through its allocator, as a stream does that sends without a copy,
     * stays as it is, for as many bytes as it had: the builder then takes other memory.
     *
     * @return not to be closed
     * @throws IllegalStateException if the columns are of unequal length, which stay as they are
     */
    public VectorSchemaRoot lend() {
        return batch.finish();
    }

    /**
     * Moves the batch into a root of the same schema, in place of what is there, and leaves the builder empty and ready.
     *
     * @param target its memory becomes that of its own allocator, which must be of the same root as the builder's
     * @throws IllegalArgumentException if the schema or the allocator's root is another
     * @throws IllegalStateException if the columns are of unequal length, which stay as they are
     */
    @SuppressWarnings("ReferenceEquality") // The builder's own, as lend() shows it, has the batch already.
    public void buildInto(VectorSchemaRoot target) {
        batch.requireOpen();
        if (!target.getSchema().equals(batch.schema)) {
            throw new IllegalArgumentException(
                    "a batch of " + batch.schema + " cannot be built into a root of " + target.getSchema());
        }
        List<FieldVector> to = target.getFieldVectors();
        for (FieldVector vector : to) {
            // Of nulls there is no memory.
            if (!(vector instanceof NullVector) && vector.getAllocator().getRoot() != batch.allocator.getRoot()) {
                throw new IllegalArgumentException("the root's memory is of allocator '"
                        + vector.getAllocator().getName() + "', whose root is not that of the builder's, '"
                        + batch.allocator.getName() + "'");
            }
        }
        VectorSchemaRoot built = batch.finish();
        if (built == target) {
            return;
        }
        for (int i = 0; i < columns.length; i++) {
            built.getVector(i).makeTransferPair(to.get(i)).transfer();
        }
        batch.release();
        target.setRowCount(built.getRowCount());
    }

    /** Drops what was not built. */
    public void clear() {
        batch.requireOpen();
        batch.clear();
    }

    /**
     * Drops what was not built, and gives the builder back to its pool, or frees its memory if it has none. Any further use throws
     * an {@link IllegalStateException}; closing again does too, if it has a pool.
     */
    @Override
    public void close() {
        if (lender != null) {
            lender.put(this);
        } else if (batch.memory.open.compareAndSet(true, false)) {
            batch.clear();
            batch.memory.free();
        }
    }

    @Nullable RecordBuilderPool lender() {
        return lender;
    }

    void giveBack() {
        recycle();
    }

    @Override
    protected @Nullable Runnable whenLost() {
        return lender == null ? null : lender.whenLost(batch.memory);
    }

    /** What the appenders have, too: whoever has one of them has the builder. */
    @Override
    protected Object watched() {
        return batch;
    }
}
