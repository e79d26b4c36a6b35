package dev.hatch.arrow;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Period;
import java.util.List;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.PeriodDuration;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/**
 * Appends to one column of a {@link RecordBuilder}, or to what is nested in one. The builder has one for each, always the same: keep it
 * where many values go to one column.
 *
 * <p>Each {@code append} adds one value. What does not fit the column's type throws an {@link IllegalArgumentException} that names the
 * field, the row, what was expected and what was found, and adds nothing. A null reference is a null value. Text and bytes are copied.
 *
 * <p>Nested values are begun, then filled:
 * <ul>
 *   <li>list, large list, fixed-size list: {@link #begin}, then what is appended to {@link #child child(0)} until the next
 *       {@code begin} or the end of the row
 *   <li>map: {@link #begin}, then for each entry one value to {@code child(0)}, the key, and one to {@code child(1)}
 *   <li>struct: {@link #begin}, then at most one value to each child; the others are null
 *   <li>union: {@link #begin(int)} with the member's number, then one value to that child
 * </ul>
 *
 * <p>Not safe for use by several threads, as its builder is not.
 */
public abstract class Appender {
    /** A byte of validity without nulls. */
    static final byte ONES = -1;

    final Batch batch;
    final Field field;
    private final @Nullable Appender parent;
    private final String name;

    /** As the field says. */
    final boolean isNullable;

    /** Whether a row may do without a value. */
    boolean takesNull;

    /** How many values there are. */
    int count;

    /** For how many there is memory that this may write; 0 before memory is asked for, and while the builder is not the user's. */
    int capacity;

    /** The address of the validity bits. All are set, but those of nulls. */
    long validity;

    /** How many values earlier batches had: the most, and a little less with each that has fewer. */
    int expected = 1_024;

    Appender(Batch batch, Field field, @Nullable Appender parent, String name) {
        this.batch = batch;
        this.field = field;
        this.parent = parent;
        this.name = name;
        isNullable = field.isNullable() || field.getType() instanceof ArrowType.Null;
        takesNull = isNullable;
    }

    /**
     * This. Each kind has a method of its own, which the JIT calls where there are more than two: whoever asked a builder for several
     * appenders and then appends to them in a loop has them as the results of calls, which it gives better registers than what it read.
     */
    abstract Appender self();

    /** What is appended to. */
    public final Field field() {
        return field;
    }

    /** Adds a null. */
    public abstract void appendNull();

    /** To a bool column. */
    public void append(boolean value) {
        throw refused("the boolean " + value);
    }

    /**
     * To a column of integers, signed or unsigned; of indices into a dictionary; or of dates, times, timestamps, durations and intervals
     * of months, in their units.
     */
    public void append(long value) {
        throw refused("the integer " + value);
    }

    /** To a column of integers or decimals, whose scale must be 0. */
    public void append(@Nullable BigInteger value) {
        refuse(value, "the integer ");
    }

    /** To a float or double column, or a half float one, which takes the nearest of its own. */
    public void append(float value) {
        throw refused("the float " + value);
    }

    /** To a double column. */
    public void append(double value) {
        throw refused("the double " + value);
    }

    /** To a decimal column of the same scale. */
    public void append(@Nullable BigDecimal value) {
        refuse(value, "the decimal ");
    }

    /** To a utf8 or large utf8 column. Half of a surrogate pair is refused. */
    public void append(@Nullable CharSequence value) {
        refuse(value == null ? null : "text", "");
    }

    /** To a binary column of any kind, or a utf8 one, where the bytes must be UTF-8. */
    public void append(byte @Nullable [] value) {
        if (value == null) {
            appendNull();
        } else {
            append(value, 0, value.length);
        }
    }

    /** As {@link #append(byte[])}, of a part of an array. */
    public void append(byte[] source, int from, int length) {
        throw refused("bytes");
    }

    /** As {@link #append(byte[])}, of what remains in a buffer, whose position stays. */
    public void append(@Nullable ByteBuffer value) {
        refuse(value == null ? null : "bytes", "");
    }

    /** To a column of dates. */
    public void append(@Nullable LocalDate value) {
        refuse(value, "the date ");
    }

    /** To a column of times, whose unit must do for it. */
    public void append(@Nullable LocalTime value) {
        refuse(value, "the time ");
    }

    /** To a column of timestamps without a zone, whose unit must do for it. */
    public void append(@Nullable LocalDateTime value) {
        refuse(value, "the timestamp without a zone ");
    }

    /** To a column of timestamps with a zone, whose unit must do for it. */
    public void append(@Nullable Instant value) {
        refuse(value, "the instant ");
    }

    /** To a column of durations, or of intervals of days and milliseconds, whose unit must do for it. */
    public void append(@Nullable Duration value) {
        refuse(value, "the duration ");
    }

    /** To a column of intervals of months. */
    public void append(@Nullable Period value) {
        refuse(value, "the period ");
    }

    /** To a column of intervals of months, days and nanoseconds. */
    public void append(@Nullable PeriodDuration value) {
        refuse(value, "the interval ");
    }

    private void refuse(@Nullable Object value, String kind) {
        if (value != null) {
            throw refused(kind + value);
        }
        appendNull();
    }

    /** Begins a list, a map or a struct. */
    public void begin() {
        throw refused("the begin of a nested value");
    }

    /**
     * Begins a value of a union.
     *
     * @param member which of its children, from 0
     * @return that child's, for the value
     */
    public Appender begin(int member) {
        throw refused("the begin of a union's value");
    }

    /**
     * What appends to a child: the element of a list is 0, the key of a map 0 and the value 1.
     *
     * @throws IllegalArgumentException if there is none
     */
    public final Appender child(int index) {
        List<Appender> children = children();
        if (index < 0 || index >= children.size()) {
            throw new IllegalArgumentException(
                    name + " has no child " + index + ": " + field.getType() + " with " + children.size());
        }
        return children.get(index);
    }

    /**
     * What appends to the child of that name, as the schema has it.
     *
     * @throws IllegalArgumentException if there is none
     */
    public final Appender child(String child) {
        for (Appender one : children()) {
            if (one.field.getName().equals(child)) {
                return one;
            }
        }
        throw new IllegalArgumentException(name + " has no child '" + child + "': " + field);
    }

    List<Appender> children() {
        return List.of();
    }

    /**
     * To a column of that type, or one that {@link #append(long)} takes: many values at once.
     *
     * @param validity a bit for each value, from the lowest of the first: set where it is not null; null if none is, and bits that
     *     are missing are not set, as in {@link java.util.BitSet#toLongArray}
     */
    public void appendAll(long[] values, int from, int length, long @Nullable [] validity) {
        throw refused("integers of 64 bits");
    }

    /** As {@link #appendAll(long[], int, int, long[])}. */
    public void appendAll(int[] values, int from, int length, long @Nullable [] validity) {
        throw refused("integers of 32 bits");
    }

    /** As {@link #appendAll(long[], int, int, long[])}. */
    public void appendAll(short[] values, int from, int length, long @Nullable [] validity) {
        throw refused("integers of 16 bits");
    }

    /** As {@link #appendAll(long[], int, int, long[])}, to a double column. */
    public void appendAll(double[] values, int from, int length, long @Nullable [] validity) {
        throw refused("doubles");
    }

    /** As {@link #appendAll(long[], int, int, long[])}, to a float column. */
    public void appendAll(float[] values, int from, int length, long @Nullable [] validity) {
        throw refused("floats");
    }

    /** As {@link #appendAll(long[], int, int, long[])}, to a bool column. */
    public void appendAll(boolean[] values, int from, int length, long @Nullable [] validity) {
        throw refused("booleans");
    }

    /**
     * To a utf8 or binary column, or a large one: many values at once.
     *
     * @param offsets where each value begins in {@code data}, and in the next where it ends: one more than values
     */
    public void appendAll(byte[] data, int[] offsets, int length, long @Nullable [] validity) {
        throw refused("texts");
    }

    /**
     * To a column of integers, floats, dates, times, timestamps, durations, decimals or fixed-size binary: many values at once, as Arrow
     * lays them out, little-endian, of the column's width.
     *
     * @param values from its position on; that stays
     */
    public void appendAll(ByteBuffer values, int length, long @Nullable [] validity) {
        throw refused("values as bytes");
    }

    /**
     * Many values of a vector of the same type, which are taken to be valid: its UTF-8 and its decimals are not checked.
     *
     * @throws IllegalArgumentException also if it has not so many
     */
    public final void appendAll(FieldVector source, int from, int length) {
        if (from < 0 || length < 0 || from > source.getValueCount() - length) {
            throw refused(length + " values from " + from + " on of a vector of " + source.getValueCount());
        }
        requireSameType(source);
        seal();
        int before = count;
        try {
            for (int i = 0; i < length; i++) {
                copy(source, from + i);
            }
        } catch (Throwable e) {
            truncate(before);
            throw e;
        }
    }

    /** Also of what is nested. */
    private void requireSameType(FieldVector source) {
        Field other = source.getField();
        List<FieldVector> others = source.getChildrenFromFields();
        // Vectors of unions have their own idea of their ids.
        boolean sameType =
                (field.getType() instanceof ArrowType.Union mine && other.getType() instanceof ArrowType.Union its)
                        ? mine.getMode() == its.getMode()
                        : other.getType().equals(field.getType());
        if (!sameType || (other.getDictionary() == null) != (field.getDictionary() == null)) {
            throw refused("a vector of " + other.getType());
        }
        List<Appender> children = vectorChildren();
        if (children.size() != others.size()) {
            throw refused("a vector of " + other);
        }
        for (int i = 0; i < others.size(); i++) {
            children.get(i).requireSameType(others.get(i));
        }
    }

    /** As the vector has them. */
    List<Appender> vectorChildren() {
        return children();
    }

    /** Appends one value of a vector that fits. */
    final void copy(FieldVector source, int index) {
        if (source.isNull(index)) {
            appendNull();
        } else {
            copyValue(source, index);
        }
    }

    /** Appends one of its values that is not null. */
    abstract void copyValue(FieldVector source, int index);

    /** From now on it fills this vector, which is new and empty. */
    abstract void bind(FieldVector vector);

    /** Makes the vector read as the values that there are, up to its value count, which its parent sets. */
    abstract void finish();

    /** Takes back all but the first so many values. */
    abstract void truncate(int values);

    /** A slot that nobody reads, below a null: null where the field may be. */
    abstract void appendEmpty();

    /** Appends the nulls of the rows that gave it nothing. */
    void catchUp(int rows) {
        while (count < rows) {
            appendNull();
            seal();
        }
    }

    /** Sees that the last value is complete, if it is nested. */
    void seal() {}

    boolean isNested() {
        return false;
    }

    /** Bytes of memory that it has, with what is nested. */
    abstract long bytes();

    /** Lets go of what the vector has too, or was given away with. */
    void release() {}

    /** What there is now is what to expect of the next batch. */
    void learn() {
        expected = Math.max(count, expected - (expected >> 3));
        for (Appender child : vectorChildren()) {
            child.learn();
        }
    }

    /** No values: after a batch, or instead of one. The next append has to ask for room. */
    void clear() {
        count = 0;
        capacity = 0;
        for (Appender child : vectorChildren()) {
            child.clear();
        }
    }

    /** Takes back the nulls among some values, which nobody has any more. */
    final void unmarkNulls(int from, int to) {
        for (int i = from; i < to; i++) {
            long at = validity + (i >> 3);
            MemoryUtil.putByte(at, (byte) (MemoryUtil.getByte(at) | (1 << (i & 7))));
        }
    }

    final void markNull(int index) {
        long at = validity + (index >> 3);
        MemoryUtil.putByte(at, (byte) (MemoryUtil.getByte(at) & ~(1 << (index & 7))));
    }

    final void requireNullable() {
        if (!isNullable) {
            batch.requireOpen();
            throw refused("null");
        }
    }

    /** The row that is being built, or the value's number in a column that is ahead. */
    private int row() {
        Appender top = this;
        while (top.parent != null) {
            top = top.parent;
        }
        return top == this ? Math.max(count, batch.row) : Math.max(0, top.count - 1);
    }

    final IllegalArgumentException refused(String found) {
        return refusedAt(row(), found);
    }

    final IllegalArgumentException refusedAt(int row, String found) {
        batch.requireOpen();
        return new IllegalArgumentException(name + ", row " + row + ": expected " + field.getType()
                + (field.getDictionary() == null ? "" : " as an index into a dictionary")
                + (field.isNullable() ? "" : " not null") + ", found " + found);
    }

    /** For the names of what is nested: {@code column 3 (a.b)}. */
    final String nameOfChild(String child) {
        return name.substring(0, name.length() - 1) + "." + child + ")";
    }
}
