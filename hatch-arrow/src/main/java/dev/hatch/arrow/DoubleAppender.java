package dev.hatch.arrow;

import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Double floats. */
final class DoubleAppender extends FixedAppender {
    DoubleAppender(Batch batch, Field field, BaseFixedWidthVector vector, @Nullable Appender parent, String name) {
        super(batch, field, vector, parent, name);
    }

    @Override
    public void append(double value) {
        int i = slot();
        MemoryUtil.putLong(values + ((long) i << 3), Double.doubleToRawLongBits(value));
        count = i + 1;
    }

    @Override
    public void append(float value) {
        append((double) value);
    }

    @Override
    public void appendAll(double[] source, int from, int length, long @Nullable [] bits) {
        if (begins(source.length, from, length)) {
            long to = values + ((long) count << 3);
            for (int i = 0; i < length; i++) {
                MemoryUtil.putLong(to + ((long) i << 3), Double.doubleToRawLongBits(source[from + i]));
            }
            ends(length, bits);
        }
    }
}
