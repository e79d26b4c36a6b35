package dev.hatch.arrow;

import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** The batch that a builder is at, and the appenders that fill it. */
final class Batch {
    final Schema schema;
    final BufferAllocator allocator;
    final BatchMemory memory;
    final Appender[] columns;

    /** Those of the columns whose values have to be looked after at the end of a row. */
    private final Appender[] nested;

    /** How many rows are complete. */
    int row;

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
        nested = Arrays.stream(columns).filter(Appender::isNested).toArray(Appender[]::new);
    }

    void requireOpen() {
        if (!memory.open.get()) {
            throw new IllegalStateException(
                    "the builder is closed, or was given back to its pool: it must not be used any more");
        }
    }

    void endRow() {
        for (Appender column : nested) {
            column.seal();
        }
        int next = row + 1;
        for (Appender column : columns) {
            if (column.count != next) {
                fillRow(next);
                break;
            }
        }
        if (columns.length == 0) {
            requireOpen();
        }
        row = next;
    }

    /** All is checked first: a row that is refused stays as it is, but for what was too much. */
    private void fillRow(int next) {
        requireOpen();
        for (Appender column : columns) {
            if (column.count > next) {
                int found = column.count - row;
                column.truncate(row);
                throw column.refusedAt(row, found + " values");
            }
            if (column.count < row) {
                throw new IllegalStateException(unequal());
            }
            if (column.count == row && !column.takesNull) {
                throw column.refusedAt(row, "nothing");
            }
        }
        for (Appender column : columns) {
            if (column.count == row) {
                column.appendNull();
                column.seal();
            }
        }
    }

    void endRows() {
        requireOpen();
        for (Appender column : nested) {
            column.seal();
        }
        int rows = columns.length == 0 ? row : columns[0].count;
        for (Appender column : columns) {
            if (column.count != rows) {
                throw new IllegalStateException(unequal());
            }
        }
        row = rows;
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
