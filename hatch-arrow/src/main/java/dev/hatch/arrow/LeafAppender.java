package dev.hatch.arrow;

import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/**
 * Values without children, written by address into the memory of their vector. A column of them that may be null need not keep up with
 * the rows: the nulls of rows that gave it nothing are written before its next value, or at the latest when the batch is finished.
 */
abstract class LeafAppender extends Appender {
    private static final int NESTED = -1;

    private final Rows rows;

    /** Which of its batch's leaves it is, from 0; {@link #NESTED} if it is part of another column. */
    int number = NESTED;

    LeafAppender(Batch batch, Field field, @Nullable Appender parent, String name) {
        super(batch, field, parent, name);
        rows = parent == null ? batch : Rows.OF_NESTED;
    }

    /** Where the next value goes: there is memory for it. Whoever has written it counts it. */
    final int slot() {
        int next = count;
        return next == rows.openRow ? next : slotElsewhere();
    }

    private int slotElsewhere() {
        if (number == NESTED) {
            makeRoom(1);
            return count;
        }
        // Itself, of which the JIT would otherwise know the class.
        return batch.leaf(number).slotBehindOrAhead();
    }

    /**
     * Where the next value goes of a column that is not at the open row, or there is none. Each kind of leaf has a method of its own, though
     * all do the same: what there is but one of the JIT would take into the loop of whoever appends, which then has no registers left.
     */
    abstract int slotBehindOrAhead();

    /** For {@link #slotBehindOrAhead}. */
    final int arrive() {
        int row = rows.openRow;
        if (count < row) {
            putEmpty(count, row);
            count = row;
        } else {
            batch.makeReady(this);
        }
        return count;
    }

    /** Sees to memory for so many more. */
    final void makeRoom(int more) {
        while (capacity - count < more) {
            enlarge(more);
        }
    }

    /** More memory, for so many at least if it is the first of a batch. */
    abstract void enlarge(int least);

    /** Writes values that nobody reads, and where it may be that they are null, for which there is memory. */
    abstract void putEmpty(int from, int to);

    @Override
    final void catchUp(int rows) {
        if (count < rows) {
            makeRoom(rows - count);
            putEmpty(count, rows);
            count = rows;
        }
    }

    @Override
    public final void appendNull() {
        requireNullable();
        appendEmpty();
    }

    @Override
    final void appendEmpty() {
        int i = slot();
        putEmpty(i, i + 1);
        count = i + 1;
    }

    /** Checks what is asked for, makes room; true if there is something to append. */
    final boolean begins(int available, int from, int length) {
        if (from < 0 || length < 0 || from > available - length) {
            throw refused(length + " values from " + from + " on of an array that has " + Math.max(0, available));
        }
        batch.requireOpen();
        if (length == 0) {
            return false;
        }
        int before = number == NESTED ? count : Math.max(count, batch.row);
        if (length > Integer.MAX_VALUE - before) {
            throw refused(length + " values more than " + before);
        }
        if (number != NESTED) {
            catchUp(batch.row);
            batch.closeRow();
        }
        makeRoom(length);
        return true;
    }

    /** The first value of a bulk, from one on, that its bits say is null; {@code length} if there is none. */
    static int nextNull(long @Nullable [] validity, int from, int length) {
        if (validity == null || from >= length) {
            return length;
        }
        int word = from >> 6;
        if (word >= validity.length) {
            return from;
        }
        long nulls = ~validity[word] & (-1L << from);
        while (nulls == 0) {
            word++;
            if (word >= validity.length) {
                break;
            }
            nulls = ~validity[word];
        }
        long found = ((long) word << 6) + (nulls == 0 ? 0 : Long.numberOfTrailingZeros(nulls));
        return (int) Math.min(found, length);
    }

    /** The first from one on that is not null. */
    static int nextValue(long @Nullable [] validity, int from, int length) {
        if (validity == null) {
            return from;
        }
        int word = from >> 6;
        if (word >= validity.length) {
            return length;
        }
        long values = validity[word] & (-1L << from);
        while (values == 0) {
            word++;
            if (word >= validity.length) {
                return length;
            }
            values = validity[word];
        }
        return (int) Math.min(((long) word << 6) + Long.numberOfTrailingZeros(values), length);
    }

    @Override
    void truncate(int values) {
        unmarkNulls(values, count);
        count = Math.min(count, values);
    }
}
