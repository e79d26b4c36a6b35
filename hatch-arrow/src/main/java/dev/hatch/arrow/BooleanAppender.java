package dev.hatch.arrow;

import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Booleans, a bit each. */
final class BooleanAppender extends FixedAppender {
    BooleanAppender(Batch batch, Field field, BitVector vector, @Nullable Appender parent, String name) {
        super(batch, field, vector, parent, name);
    }

    @Override
    public void append(boolean value) {
        int i = slot();
        put(i, value);
        count = i + 1;
    }

    private void put(int index, boolean value) {
        long at = values + (index >> 3);
        int bit = 1 << (index & 7);
        // The first of a byte clears what an earlier batch had in it.
        int old = (index & 7) == 0 ? 0 : MemoryUtil.getByte(at);
        MemoryUtil.putByte(at, (byte) (value ? old | bit : old & ~bit));
    }

    @Override
    void zero(int index) {
        put(index, false);
    }

    @Override
    void copyValue(FieldVector source, int index) {
        append(((BitVector) source).get(index) != 0);
    }

    @Override
    public void appendAll(boolean[] source, int from, int length, long @Nullable [] bits) {
        if (begins(source.length, from, length)) {
            for (int i = 0; i < length; i++) {
                put(count + i, source[from + i]);
            }
            ends(length, bits);
        }
    }
}
