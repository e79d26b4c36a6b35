package dev.hatch.arrow;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Values of one width, in the memory of their vector. */
abstract class FixedAppender extends Appender {
    /** In bytes; of bools 0. */
    final int width;

    /** The address of the values. */
    long values;

    private BaseFixedWidthVector vector;

    FixedAppender(Batch batch, Field field, BaseFixedWidthVector vector, @Nullable Appender parent, String name) {
        super(batch, field, parent, name);
        this.vector = vector;
        width = vector.getTypeWidth();
    }

    @Override
    final void bind(FieldVector fresh) {
        vector = (BaseFixedWidthVector) fresh;
    }

    @Override
    final void makeRoom() {
        makeRoom(1);
    }

    private void enlarge(int least) {
        batch.requireOpen();
        if (capacity == 0) {
            if (vector.getValueCapacity() == 0 || isShared()) {
                vector.allocateNew(Math.max(least, expected));
            }
            reach(0);
        } else {
            long before = vector.getValidityBuffer().capacity();
            vector.reAlloc();
            reach(before);
        }
    }

    private void reach(long bytesBefore) {
        ArrowBuf bits = vector.getValidityBuffer();
        validity = bits.memoryAddress();
        values = vector.getDataBufferAddress();
        MemoryUtil.setMemory(validity + bytesBefore, bits.capacity() - bytesBefore, ONES);
        capacity = vector.getValueCapacity();
    }

    /** Whether a stream, say, still has the last batch: what it has must stay as it is. */
    private boolean isShared() {
        ArrowBuf bits = vector.getValidityBuffer();
        ArrowBuf data = vector.getDataBuffer();
        return Memory.isShared(bits, data);
    }

    final void makeRoom(int more) {
        if (more > Integer.MAX_VALUE - count) {
            throw refused(more + " values more than " + count);
        }
        while (capacity - count < more) {
            enlarge(more);
        }
    }

    @Override
    public void appendNull() {
        requireNullable();
        appendEmpty();
    }

    @Override
    void appendEmpty() {
        int i = count;
        if (i >= capacity) {
            makeRoom();
        }
        zero(i);
        if (isNullable) {
            markNull(i);
        }
        count = i + 1;
    }

    /** Nobody reads it; but what an earlier batch had there must not leave the process. */
    void zero(int index) {
        MemoryUtil.setMemory(values + (long) index * width, width, (byte) 0);
    }

    @Override
    void truncate(int to) {
        unmarkNulls(to, count);
        count = Math.min(count, to);
    }

    @Override
    long bytes() {
        return Memory.bytes(vector.getValidityBuffer(), vector.getDataBuffer());
    }

    @Override
    void finish() {}

    @Override
    void copyValue(FieldVector source, int index) {
        if (count >= capacity) {
            makeRoom();
        }
        MemoryUtil.copyMemory(
                source.getDataBufferAddress() + (long) index * width, values + (long) count * width, width);
        count++;
    }

    /** Checks arguments, makes room; true if there is something to append. */
    final boolean begins(int available, int from, int length) {
        if (from < 0 || length < 0 || from > available - length) {
            throw refused(length + " values from " + from + " on of an array of " + available);
        }
        batch.requireOpen();
        makeRoom(length);
        return length != 0;
    }

    /** Ends a bulk whose values are written: marks its nulls, or takes nothing of it. */
    final void ends(int length, long @Nullable [] bits) {
        int first = count;
        if (bits != null && hasNulls(bits, length)) {
            requireNullable();
            for (int i = 0; i < length; i++) {
                if (isNull(bits, i)) {
                    zero(first + i);
                    markNull(first + i);
                }
            }
        }
        count = first + length;
    }

    private static boolean hasNulls(long[] bits, int length) {
        if (length > (long) bits.length * Long.SIZE) {
            return true;
        }
        int words = length >> 6;
        for (int i = 0; i < words; i++) {
            if (bits[i] != -1) {
                return true;
            }
        }
        int rest = length & 63;
        return rest != 0 && (bits[words] | -1L << rest) != -1;
    }

    @Override
    public void appendAll(ByteBuffer source, int length, long @Nullable [] bits) {
        if (width == 0) {
            throw refused("values as bytes");
        }
        long bytes = (long) length * width;
        if (length < 0 || bytes > source.remaining()) {
            throw refused(length + " values of " + width + " bytes in " + source.remaining() + " bytes");
        }
        if (!begins(length, 0, length)) {
            return;
        }
        long to = values + (long) count * width;
        ByteBuffer copy = source.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        if (copy.hasArray()) {
            MemoryUtil.copyToMemory(copy.array(), copy.arrayOffset() + copy.position(), to, bytes);
        } else if (copy.isDirect()) {
            try {
                MemoryUtil.copyMemory(MemoryUtil.getByteBufferAddress(copy) + copy.position(), to, bytes);
            } finally {
                Reference.reachabilityFence(copy);
            }
        } else {
            for (int i = 0; i < bytes; i++) {
                MemoryUtil.putByte(to + i, copy.get(copy.position() + i));
            }
        }
        checkWritten(length, bits);
        ends(length, bits);
    }

    /** Of values that were written as they came: throws if one is out of range. */
    void checkWritten(int length, long @Nullable [] bits) {}
}
