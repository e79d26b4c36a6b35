package dev.hatch.arrow;

import org.apache.arrow.memory.util.Float16;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Half, single and double floats. */
final class FloatAppender extends FixedAppender {
    private static final float LARGEST_HALF = 65_504f;

    FloatAppender(Batch batch, Field field, BaseFixedWidthVector vector, @Nullable Appender parent, String name) {
        super(batch, field, vector, parent, name);
    }

    @Override
    public void append(double value) {
        if (width != Double.BYTES) {
            throw refused("the double " + value);
        }
        int i = count;
        if (i >= capacity) {
            makeRoom();
        }
        MemoryUtil.putLong(values + ((long) i << 3), Double.doubleToRawLongBits(value));
        count = i + 1;
    }

    @Override
    public void append(float value) {
        if (width == Double.BYTES) {
            append((double) value);
            return;
        }
        if (width == Short.BYTES && Math.abs(value) > LARGEST_HALF && !Float.isInfinite(value)) {
            throw refused("the float " + value);
        }
        int i = count;
        if (i >= capacity) {
            makeRoom();
        }
        if (width == Float.BYTES) {
            MemoryUtil.putInt(values + ((long) i << 2), Float.floatToRawIntBits(value));
        } else {
            MemoryUtil.putShort(values + ((long) i << 1), Float16.toFloat16(value));
        }
        count = i + 1;
    }

    @Override
    public void appendAll(double[] source, int from, int length, long @Nullable [] bits) {
        if (width != Double.BYTES) {
            throw refused("doubles");
        }
        if (begins(source.length, from, length)) {
            long to = values + ((long) count << 3);
            for (int i = 0; i < length; i++) {
                MemoryUtil.putLong(to + ((long) i << 3), Double.doubleToRawLongBits(source[from + i]));
            }
            ends(length, bits);
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
