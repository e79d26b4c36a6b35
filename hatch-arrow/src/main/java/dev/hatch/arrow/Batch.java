package dev.hatch.arrow;

import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** The batch that a builder is at, and the appenders that fill it. */
final class Batch extends Rows {
    final Schema schema;
    final BufferAllocator allocator;
    final BatchMemory memory;
    final Appender[] columns;

    /** Those of the columns that have no children. */
    private final LeafAppender[] leaves;

    private final Appender[] nested;

    /** Those that have to be looked at at the end of each row: the others may be behind. */
    private final Appender[] punctual;

    /** How many rows are complete. */
    int row;

    /** For how many rows each leaf had memory when that was looked at last; it may have more by now, but not less. */
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
        for (int i = 0; i < leaves.length; i++) {
            leaves[i].number = i;
        }
        nested = Arrays.stream(columns).filter(Appender::isNested).toArray(Appender[]::new);
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

    LeafAppender leaf(int number) {
        return leaves[number];
    }

    /** The leaf has a value of the row already, or no row is open. */
    void makeReady(LeafAppender leaf) {
        if (leaf.count > row) {
            closeRow();
        }
        if (isUneven) {
            requireOpen();
            leaf.catchUp(row);
            leaf.makeRoom(1);
        } else {
            beginRow();
        }
    }

    /** Brings all leaves to the row that is being built, with memory for it, and opens it. None has more than it. */
    void beginRow() {
        requireOpen();
        for (LeafAppender leaf : leaves) {
            leaf.catchUp(row);
            leaf.makeRoom(1);
        }
        capacity = leastCapacity();
        openRow = row;
    }

    private int leastCapacity() {
        int least = Integer.MAX_VALUE;
        for (LeafAppender leaf : leaves) {
            least = Math.min(least, leaf.capacity);
        }
        return least;
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
        if (next < 0) {
            throw new IllegalStateException("a batch has no more than " + row + " rows: build() in between");
        }
        openRow = NONE;
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
        for (LeafAppender leaf : leaves) {
            leaf.makeRoom(Math.max(0, next - leaf.count));
        }
        completeNested(0, next);
        for (LeafAppender leaf : leaves) {
            leaf.catchUp(next);
        }
        capacity = leastCapacity();
        isUneven = false;
    }

    /** From one of those that are nested on; if there is no memory for all, none gets anything. */
    private void completeNested(int first, int next) {
        if (first < nested.length) {
            Appender column = nested[first];
            int before = column.count;
            try {
                column.catchUp(next);
                completeNested(first + 1, next);
            } catch (Throwable e) {
                column.truncate(before);
                throw e;
            }
        }
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
        for (int i = 0; i < columns.length; i++) {
            columns[i].bind(fresh.getVector(i));
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
