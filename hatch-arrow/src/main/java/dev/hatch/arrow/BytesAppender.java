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
final class BytesAppender extends Appender {
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
    void bind(FieldVector fresh) {
        vector = (VariableWidthFieldVector) fresh;
    }

    @Override
    void makeRoom() {
        batch.requireOpen();
        if (capacity == 0) {
            if (vector.getValueCapacity() == 0
                    || Memory.isShared(vector.getValidityBuffer(), vector.getOffsetBuffer())
                    || Memory.isShared(vector.getDataBuffer())) {
                vector.allocateNew(expectedBytes, Math.max(1, expected));
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
        if (count >= capacity) {
            makeRoom();
        }
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

    private void ended(long end) {
        position = end;
        putOffset(++count, end);
    }

    @Override
    public void append(byte[] source, int from, int length) {
        if ((from | length) < 0 || from > source.length - length) {
            throw refused(length + " bytes from " + from + " on of an array of " + source.length);
        }
        if (count >= capacity || position + length > room) {
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
        ended(position + length);
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
        if (count >= capacity || position + length > room) {
            makeRoomFor(length);
        }
        if (Utf8.writeAscii(text, data + position) == length) {
            ended(position + length);
            return;
        }
        long bytes = Utf8.length(text);
        if (bytes < 0) {
            throw refused("text with half of a surrogate pair");
        }
        makeRoomFor(bytes);
        Utf8.write(text, data + position);
        ended(position + bytes);
    }

    @Override
    public void appendNull() {
        requireNullable();
        appendEmpty();
    }

    @Override
    void appendEmpty() {
        if (count >= capacity) {
            makeRoom();
        }
        if (isNullable) {
            markNull(count);
        }
        ended(position);
    }

    @Override
    public void appendAll(byte[] source, int[] starts, int length, long @Nullable [] bits) {
        if (length < 0 || length > starts.length - 1) {
            throw refused(length + " values of " + (starts.length - 1));
        }
        int before = count;
        try {
            for (int i = 0; i < length; i++) {
                if (isNull(bits, i)) {
                    appendNull();
                } else {
                    append(source, starts[i], starts[i + 1] - starts[i]);
                }
            }
        } catch (Throwable e) {
            truncate(before);
            throw e;
        }
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
        makeRoomFor(end - start);
        MemoryUtil.copyMemory(source.getDataBufferAddress() + start, data + position, end - start);
        ended(position + end - start);
    }

    @Override
    void truncate(int values) {
        if (values >= count) {
            return;
        }
        unmarkNulls(values, count);
        count = values;
        position = offset(values);
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
