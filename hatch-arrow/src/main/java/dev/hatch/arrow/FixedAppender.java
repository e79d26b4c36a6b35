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
abstract class FixedAppender extends LeafAppender {
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
    final Appender self() {
        return this;
    }

    @Override
    final void bind(FieldVector fresh) {
        vector = (BaseFixedWidthVector) fresh;
    }

    @Override
    final int slotBehindOrAhead() {
        return arrive();
    }

    @Override
    final void enlarge(int least) {
        batch.requireOpen();
        if (count == 0) {
            boolean isTooSmall = capacity != 0;
            // Arrow frees what there is before it allocates: if that fails, there is none.
            capacity = 0;
            if (isTooSmall || vector.getValueCapacity() == 0 || isShared()) {
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

    @Override
    final void putEmpty(int from, int to) {
        for (int i = from; i < to; i++) {
            zero(i);
            if (isNullable) {
                markNull(i);
            }
        }
    }

    /** Nobody reads it; but what an earlier batch had there must not leave the process. */
    void zero(int index) {
        long at = values + (long) index * width;
        switch (width) {
            case Long.BYTES -> MemoryUtil.putLong(at, 0);
            case Integer.BYTES -> MemoryUtil.putInt(at, 0);
            case Short.BYTES -> MemoryUtil.putShort(at, (short) 0);
            case Byte.BYTES -> MemoryUtil.putByte(at, (byte) 0);
            default -> MemoryUtil.setMemory(at, width, (byte) 0);
        }
    }

    @Override
    long bytes() {
        return Memory.bytes(vector.getValidityBuffer(), vector.getDataBuffer());
    }

    @Override
    void finish() {}

    @Override
    void copyValue(FieldVector source, int index) {
        int i = slot();
        MemoryUtil.copyMemory(source.getDataBufferAddress() + (long) index * width, values + (long) i * width, width);
        count = i + 1;
    }

    /** Ends a bulk whose values are written: marks its nulls, or takes nothing of it. */
    final void ends(int length, long @Nullable [] bits) {
        int first = count;
        for (int i = nextNull(bits, 0, length); i < length; i = nextNull(bits, i + 1, length)) {
            requireNullable();
            putEmpty(first + i, first + i + 1);
        }
        count = first + length;
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
