package dev.hatch.arrow;

import java.math.BigInteger;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Integers of 8 and 16 bits, unsigned ones, and times of the day. */
final class RangedAppender extends IntegerAppender {
    private final int shift;
    private final long least;
    private final long most;

    /**
     * {@code value - base <= span} where {@code least <= value <= most}, for every long: one comparison instead of two, as unsigned
     * numbers compare, both sides less 2⁶³.
     */
    private final long base;

    private final long span;
    private final boolean isUnsigned64;

    RangedAppender(Batch batch, Field field, BaseFixedWidthVector vector, @Nullable Appender parent, String name) {
        super(batch, field, vector, parent, name);
        shift = Integer.numberOfTrailingZeros(width);
        ArrowType type = field.getType();
        int bits = width * Byte.SIZE;
        boolean isUnsigned = type instanceof ArrowType.Int integer && !integer.getIsSigned();
        isUnsigned64 = isUnsigned && bits == Long.SIZE;
        if (type instanceof ArrowType.Time time) {
            least = 0;
            most = unitsPerSecond(time.getUnit()) * 86_400 - 1;
        } else if (isUnsigned) {
            least = 0;
            most = isUnsigned64 ? Long.MAX_VALUE : (1L << bits) - 1;
        } else {
            least = -1L << (bits - 1);
            most = ~least;
        }
        base = least - Long.MIN_VALUE;
        span = most - base;
    }

    @Override
    public void append(long value) {
        if (value - base > span) {
            throw refused("the integer " + value);
        }
        put(value);
    }

    private void put(long value) {
        int i = slot();
        long at = values + ((long) i << shift);
        switch (shift) {
            case 3 -> MemoryUtil.putLong(at, value);
            case 2 -> MemoryUtil.putInt(at, (int) value);
            case 1 -> MemoryUtil.putShort(at, (short) value);
            default -> MemoryUtil.putByte(at, (byte) value);
        }
        count = i + 1;
    }

    @Override
    public void append(@Nullable BigInteger value) {
        if (isUnsigned64 && value != null && value.signum() > 0 && value.bitLength() == Long.SIZE) {
            put(value.longValue());
        } else {
            super.append(value);
        }
    }

    /** Only times have values that their width could hold and their type does not: what comes as bits is taken as bits. */
    @Override
    void checkWritten(int length, long @Nullable [] bits) {
        if (!(field.getType() instanceof ArrowType.Time)) {
            return;
        }
        for (int i = nextValue(bits, 0, length); i < length; i = nextValue(bits, i + 1, length)) {
            long at = values + ((long) (count + i) << shift);
            long value = shift == 3 ? MemoryUtil.getLong(at) : MemoryUtil.getInt(at);
            if (value < least || value > most) {
                throw refusedAt(count + i, "the integer " + value);
            }
        }
    }
}
