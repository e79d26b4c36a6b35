package dev.hatch.arrow;

import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** The batch that a builder is at, and the appenders that fill it. */
final class Batch extends OpenRow {
    final Schema schema;
    final BufferAllocator allocator;
    final BatchMemory memory;
    final Appender[] columns;

    /** Those of the columns that have no children. */
    private final LeafAppender[] leaves;

    /** Those that have to be looked at at the end of each row: the others may be behind. */
    private final Appender[] punctual;

    /** Of {@link #leaves}, while they are being made. */
    int leafCount;

    /** How many rows are complete. */
    int row;

    /** For how many rows each leaf has memory, as of when a row was opened. */
    private int capacity;

    /** Whether columns may have values of later rows than the one that is being built. */
    private boolean isUneven;

    Batch(Schema schema, BufferAllocator allocator) {
        this.schema = schema;
        this.allocator = allocator;
        memory = new BatchMemory(schema, allocator);
        List<FieldVector> vectors = memory.root.getFieldVectors();
        columns = new Appender[vectors.size()];
        for (int i = 0; i < columns.length; i++) {
            Field field = schema.getFields().get(i);
            columns[i] = Appenders.of(this, field, vectors.get(i), null, "column " + i + " (" + field.getName() + ")");
        }
        leaves = Arrays.stream(columns)
                .filter(column -> column instanceof LeafAppender)
                .toArray(LeafAppender[]::new);
        punctual = Arrays.stream(columns)
                .filter(column -> column.isNested() || !column.takesNull)
                .toArray(Appender[]::new);
    }

    void requireOpen() {
        if (!memory.open.get()) {
            throw new IllegalStateException(
                    "the builder is closed, or was given back to its pool: it must not be used any more");
        }
    }

    /**
     * Where the next value goes of a leaf that has not come to the open row. It is looked up by its number, as the JIT would otherwise know
     * its class, and take all that is called here into the loop of whoever appends.
     */
    int slotOf(int number) {
        LeafAppender leaf = leaves[number];
        if (leaf.count < openRow) {
            leaf.putEmpty(leaf.count, openRow);
            leaf.count = openRow;
        } else {
            makeReady(leaf);
        }
        return leaf.count;
    }

    private void makeReady(LeafAppender leaf) {
        if (leaf.count > row) {
            closeRow();
        }
        if (leaf.count <= row || leaf.count >= leaf.capacity) {
            beginRow();
        }
    }

    /** Brings all leaves to the row that is being built, with memory for it, and opens it unless some may have more than it. */
    void beginRow() {
        requireOpen();
        int least = Integer.MAX_VALUE;
        for (LeafAppender leaf : leaves) {
            leaf.catchUp(row);
            leaf.makeRoom(1);
            least = Math.min(least, leaf.capacity);
        }
        capacity = least;
        if (!isUneven) {
            openRow = row;
        }
    }

    /** A column has values of later rows, or will have: from now on each append sees what it comes to, until a row ends. */
    void closeRow() {
        isUneven = true;
        openRow = NONE;
    }

    void endRow() {
        int next = row + 1;
        if (openRow != row || !isComplete(next)) {
            completeRow(next);
        }
        row = next;
        openRow = next < capacity ? next : NONE;
    }

    private boolean isComplete(int rows) {
        for (Appender column : punctual) {
            column.seal();
            if (column.count != rows) {
                return false;
            }
        }
        return true;
    }

    /** All is checked first: a row that is refused stays as it is, but for what was too much. */
    private void completeRow(int next) {
        requireOpen();
        for (Appender column : punctual) {
            column.seal();
        }
        for (Appender column : columns) {
            if (column.count > next) {
                int found = column.count - row;
                column.truncate(row);
                throw column.refusedAt(row, found + " values");
            }
            if (column.count < next && !column.takesNull) {
                throw column.refusedAt(row, "nothing");
            }
        }
        for (Appender column : columns) {
            column.catchUp(next);
        }
        isUneven = false;
    }

    void endRows() {
        requireOpen();
        for (Appender column : punctual) {
            column.seal();
        }
        for (Appender column : columns) {
            column.catchUp(row);
        }
        int rows = columns.length == 0 ? row : columns[0].count;
        for (Appender column : columns) {
            if (column.count != rows) {
                throw new IllegalStateException(unequal());
            }
        }
        row = rows;
        isUneven = false;
        openRow = NONE;
    }

    private String unequal() {
        StringBuilder lengths = new StringBuilder("columns of unequal length, after " + row + " rows:");
        for (Appender column : columns) {
            lengths.append(' ')
                    .append(column.field.getName())
                    .append(' ')
                    .append(column.count)
                    .append(',');
        }
        return lengths.append(" append to the others, or end the row").toString();
    }

    /** The root reads as the rows that there are, and no row is begun. */
    VectorSchemaRoot finish() {
        endRows();
        for (Appender column : columns) {
            column.finish();
            column.learn();
        }
        memory.root.setRowCount(row);
        clear();
        return memory.root;
    }

    /** No rows. */
    void clear() {
        for (Appender column : columns) {
            column.clear();
        }
        row = 0;
        capacity = 0;
        isUneven = false;
        openRow = NONE;
    }

    /** From now on it fills another root, which is new and empty. */
    void bind(VectorSchemaRoot fresh) {
        release();
        List<FieldVector> vectors = fresh.getFieldVectors();
        for (int i = 0; i < columns.length; i++) {
            columns[i].bind(vectors.get(i));
        }
        memory.root = fresh;
    }

    /** Lets go of what was given away. */
    void release() {
        for (Appender column : columns) {
            column.release();
        }
    }

    /** What it has of its allocator, but for parts of a batch that was lent and replaced. */
    long bytes() {
        long bytes = 0;
        for (Appender column : columns) {
            bytes += column.bytes();
        }
        return bytes;
    }
}
