package dev.hatch.arrow;

import org.apache.arrow.memory.util.Float16;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Half and single floats. */
final class FloatAppender extends FixedAppender {
    private static final float LARGEST_HALF = 65_504f;

    FloatAppender(Batch batch, Field field, BaseFixedWidthVector vector, @Nullable Appender parent, String name) {
        super(batch, field, vector, parent, name);
    }

    @Override
    public void append(float value) {
        if (width == Short.BYTES) {
            if (Math.abs(value) > LARGEST_HALF && !Float.isInfinite(value)) {
                throw refused("the float " + value);
            }
            int i = slot();
            MemoryUtil.putShort(values + ((long) i << 1), Float16.toFloat16(value));
            count = i + 1;
        } else {
            int i = slot();
            MemoryUtil.putInt(values + ((long) i << 2), Float.floatToRawIntBits(value));
            count = i + 1;
        }
    }

    @Override
    public void appendAll(float[] source, int from, int length, long @Nullable [] bits) {
        if (width != Float.BYTES) {
            throw refused("floats");
        }
        if (begins(source.length, from, length)) {
            long to = values + ((long) count << 2);
            for (int i = 0; i < length; i++) {
                MemoryUtil.putInt(to + ((long) i << 2), Float.floatToRawIntBits(source[from + i]));
            }
            ends(length, bits);
        }
    }
}
