package dev.hatch.arrow;

import java.nio.ByteBuffer;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VariableWidthFieldVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Text and bytes of any length, in the memory of their vector. */
final class BytesAppender extends LeafAppender {
    private final boolean isText;
    private final boolean isLarge;
    private VariableWidthFieldVector vector;

    private long offsets;
    private long data;

    /** How many bytes of data there are, and may be. */
    private long position;

    private long room;

    /** As {@link #expected}, of bytes. */
    private long expectedBytes = 8 * 1_024;

    BytesAppender(Batch batch, Field field, VariableWidthFieldVector vector, @Nullable Appender parent, String name) {
        super(batch, field, parent, name);
        this.vector = vector;
        isText = field.getType() instanceof ArrowType.Utf8 || field.getType() instanceof ArrowType.LargeUtf8;
        isLarge = vector instanceof BaseLargeVariableWidthVector;
    }

    @Override
    Appender self() {
        return this;
    }

    @Override
    void bind(FieldVector fresh) {
        vector = (VariableWidthFieldVector) fresh;
    }

    @Override
    int slotBehindOrAhead() {
        return arrive();
    }

    @Override
    void enlarge(int least) {
        batch.requireOpen();
        if (count == 0) {
            boolean isTooSmall = capacity != 0;
            // Arrow frees what there is before it allocates: if that fails, there is none.
            capacity = 0;
            room = 0;
            if (isTooSmall
                    || vector.getValueCapacity() == 0
                    || Memory.isShared(vector.getValidityBuffer(), vector.getOffsetBuffer())
                    || Memory.isShared(vector.getDataBuffer())) {
                vector.allocateNew(expectedBytes, Math.max(least, expected));
            }
            position = 0;
            reach(0);
            putOffset(0, 0);
        } else {
            long before = vector.getValidityBuffer().capacity();
            if (vector instanceof BaseVariableWidthVector narrow) {
                narrow.reallocValidityAndOffsetBuffers();
            } else {
                ((BaseLargeVariableWidthVector) vector).reallocValidityAndOffsetBuffers();
            }
            reach(before);
        }
    }

    private void makeRoomFor(long bytes) {
        long needed = position + bytes;
        if (needed <= room) {
            return;
        }
        if (vector instanceof BaseVariableWidthVector narrow) {
            if (needed > Integer.MAX_VALUE) {
                throw refused(bytes + " bytes after " + position
                        + ": more than such a column holds; build() in between," + " or use its large type");
            }
            narrow.reallocDataBuffer(Math.min(Integer.MAX_VALUE, Math.max(needed, 2 * room)));
        } else {
            while (vector.getDataBuffer().capacity() < needed) {
                ((BaseLargeVariableWidthVector) vector).reallocDataBuffer();
            }
        }
        reachData();
    }

    private void reach(long bytesBefore) {
        ArrowBuf bits = vector.getValidityBuffer();
        validity = bits.memoryAddress();
        offsets = vector.getOffsetBufferAddress();
        MemoryUtil.setMemory(validity + bytesBefore, bits.capacity() - bytesBefore, ONES);
        capacity = vector.getValueCapacity();
        reachData();
    }

    private void reachData() {
        data = vector.getDataBufferAddress();
        room = vector.getDataBuffer().capacity();
    }

    private void putOffset(int index, long offset) {
        if (isLarge) {
            MemoryUtil.putLong(offsets + ((long) index << 3), offset);
        } else {
            MemoryUtil.putInt(offsets + ((long) index << 2), (int) offset);
        }
    }

    private long offset(int index) {
        return isLarge
                ? MemoryUtil.getLong(offsets + ((long) index << 3))
                : MemoryUtil.getInt(offsets + ((long) index << 2));
    }

    /** A value has been written up to there. */
    private void ends(int index, long end) {
        position = end;
        putOffset(index + 1, end);
        count = index + 1;
    }

    @Override
    public void append(byte[] source, int from, int length) {
        if ((from | length) < 0 || from > source.length - length) {
            throw refused(length + " bytes from " + from + " on of an array of " + source.length);
        }
        int i = slot();
        if (isText && length <= room - position && Utf8.copyShortAscii(source, from, length, data + position)) {
            ends(i, position + length);
        } else {
            appendAny(source, from, length);
        }
    }

    private void appendAny(byte[] source, int from, int length) {
        if (length > room - position) {
            makeRoomFor(length);
        }
        if (isText) {
            int bad = Utf8.copy(source, from, length, data + position);
            if (bad >= 0) {
                throw refused("bytes that are not UTF-8, from the byte " + bad + " on");
            }
        } else {
            MemoryUtil.copyToMemory(source, from, data + position, length);
        }
        ends(count, position + length);
    }

    @Override
    public void append(@Nullable ByteBuffer value) {
        if (value == null) {
            appendNull();
        } else if (value.hasArray()) {
            append(value.array(), value.arrayOffset() + value.position(), value.remaining());
        } else {
            byte[] bytes = new byte[value.remaining()];
            value.duplicate().get(bytes);
            append(bytes, 0, bytes.length);
        }
    }

    @Override
    public void append(@Nullable CharSequence value) {
        if (value == null || !isText) {
            super.append(value);
            return;
        }
        // What could still change would be another text when it is written than when it is measured.
        String text = value.toString();
        int length = text.length();
        int i = slot();
        if (length > room - position) {
            makeRoomFor(length);
        }
        if (Utf8.writeAscii(text, data + position) == length) {
            ends(i, position + length);
            return;
        }
        long bytes = Utf8.length(text);
        if (bytes < 0) {
            throw refused("text with half of a surrogate pair");
        }
        makeRoomFor(bytes);
        Utf8.write(text, data + position);
        ends(i, position + bytes);
    }

    @Override
    void putEmpty(int from, int to) {
        for (int i = from; i < to; i++) {
            if (isNullable) {
                markNull(i);
            }
            putOffset(i + 1, position);
        }
    }

    @Override
    public void appendAll(byte[] source, int[] starts, int length, long @Nullable [] bits) {
        if (!begins(starts.length - 1, 0, length)) {
            return;
        }
        int before = count;
        try {
            int i = 0;
            while (i < length) {
                int end = nextNull(bits, i, length);
                if (i < end) {
                    appendRun(source, starts, i, end);
                }
                int next = nextValue(bits, end, length);
                if (end < next) {
                    requireNullable();
                    putEmpty(count, count + next - end);
                    count += next - end;
                }
                i = next;
            }
        } catch (Throwable e) {
            truncate(before);
            throw e;
        }
    }

    /** Values one after another, none of which is null. */
    private void appendRun(byte[] source, int[] starts, int first, int end) {
        int from = starts[first];
        int to = starts[end];
        if (from < 0 || to < from || to > source.length || !isAscending(starts, first, end)) {
            throw refused("offsets that do not ascend from 0 to " + source.length);
        }
        if (isText && !Utf8.isAscii(source, from, to - from)) {
            // Each by itself has to be valid.
            for (int i = first; i < end; i++) {
                append(source, starts[i], starts[i + 1] - starts[i]);
            }
            return;
        }
        if (to - from > room - position) {
            makeRoomFor(to - from);
        }
        MemoryUtil.copyToMemory(source, from, data + position, to - from);
        long moved = position - from;
        for (int i = first; i < end; i++) {
            putOffset(count + 1 + i - first, moved + starts[i + 1]);
        }
        count += end - first;
        position += to - from;
    }

    private static boolean isAscending(int[] starts, int first, int end) {
        boolean ascends = true;
        for (int i = first; i < end; i++) {
            ascends &= starts[i] <= starts[i + 1];
        }
        return ascends;
    }

    @Override
    void copyValue(FieldVector source, int index) {
        long start;
        long end;
        if (isLarge) {
            start = source.getOffsetBuffer().getLong((long) index << 3);
            end = source.getOffsetBuffer().getLong((index + 1L) << 3);
        } else {
            start = source.getOffsetBuffer().getInt((long) index << 2);
            end = source.getOffsetBuffer().getInt((index + 1L) << 2);
        }
        if (start < 0 || end < start || end > source.getDataBuffer().capacity()) {
            throw refused("a vector whose value " + index + " is at " + start + " to " + end + " of "
                    + source.getDataBuffer().capacity() + " bytes");
        }
        int i = slot();
        makeRoomFor(end - start);
        MemoryUtil.copyMemory(source.getDataBufferAddress() + start, data + position, end - start);
        ends(i, position + end - start);
    }

    @Override
    void truncate(int values) {
        if (values < count) {
            super.truncate(values);
            position = offset(values);
        }
    }

    @Override
    long bytes() {
        return Memory.bytes(vector.getValidityBuffer(), vector.getOffsetBuffer())
                + Memory.bytes(vector.getDataBuffer());
    }

    @Override
    void finish() {
        vector.setLastSet(count - 1);
    }

    @Override
    void learn() {
        super.learn();
        expectedBytes = Math.max(position, expectedBytes - (expectedBytes >> 3));
    }

    @Override
    void clear() {
        position = 0;
        room = 0;
        super.clear();
    }
}
