package dev.hatch.arrow;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Period;
import java.time.temporal.ChronoUnit;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.PeriodDuration;
import org.apache.arrow.vector.types.IntervalUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Values of several words: decimals, fixed-size binary, intervals that have days. */
final class BlockAppender extends FixedAppender {
    private static final long MILLIS_PER_DAY = 86_400_000L;

    private final @Nullable BigInteger mostUnscaled;

    BlockAppender(Batch batch, Field field, BaseFixedWidthVector vector, @Nullable Appender parent, String name) {
        super(batch, field, vector, parent, name);
        mostUnscaled =
                field.getType() instanceof ArrowType.Decimal type ? BigInteger.TEN.pow(type.getPrecision()) : null;
    }

    private long nextSlot() {
        // First: it may move the values.
        int i = slot();
        return values + (long) i * width;
    }

    @Override
    public void append(@Nullable BigDecimal value) {
        if (value == null || !(field.getType() instanceof ArrowType.Decimal type) || mostUnscaled == null) {
            super.append(value);
            return;
        }
        if (value.scale() != type.getScale()) {
            throw refused("the decimal " + value + " of scale " + value.scale());
        }
        if (value.unscaledValue().abs().compareTo(mostUnscaled) >= 0) {
            throw refused("the decimal " + value);
        }
        long to = nextSlot();
        byte[] bytes = value.unscaledValue().toByteArray();
        byte sign = (byte) (value.signum() >> 31);
        for (int i = 0; i < width; i++) {
            MemoryUtil.putByte(to + i, i < bytes.length ? bytes[bytes.length - 1 - i] : sign);
        }
        count++;
    }

    @Override
    public void append(@Nullable BigInteger value) {
        if (value == null || mostUnscaled == null) {
            super.append(value);
            return;
        }
        append(new BigDecimal(value));
    }

    @Override
    public void append(byte[] source, int from, int length) {
        if (!(field.getType() instanceof ArrowType.FixedSizeBinary)
                || length != width
                || from < 0
                || from > source.length - length) {
            throw refused(length + " bytes");
        }
        MemoryUtil.copyToMemory(source, from, nextSlot(), length);
        count++;
    }

    @Override
    public void append(@Nullable ByteBuffer value) {
        if (value == null) {
            appendNull();
            return;
        }
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        append(bytes, 0, bytes.length);
    }

    @Override
    public void append(@Nullable Duration value) {
        if (value == null || !isInterval(IntervalUnit.DAY_TIME)) {
            super.append(value);
            return;
        }
        long millis;
        try {
            millis = value.toMillis();
        } catch (ArithmeticException e) {
            throw refused("the duration " + value);
        }
        long days = millis / MILLIS_PER_DAY;
        if (days != (int) days || !value.minusMillis(millis).isZero()) {
            throw refused(
                    "the duration " + value + ", of which an interval has whole milliseconds and 32 bits of days");
        }
        long to = nextSlot();
        MemoryUtil.putInt(to, (int) days);
        MemoryUtil.putInt(to + Integer.BYTES, (int) (millis % MILLIS_PER_DAY));
        count++;
    }

    @Override
    public void append(@Nullable PeriodDuration value) {
        if (value == null || !isInterval(IntervalUnit.MONTH_DAY_NANO)) {
            super.append(value);
            return;
        }
        Period period = value.getPeriod();
        long nanos;
        try {
            nanos = value.getDuration().toNanos();
        } catch (ArithmeticException e) {
            throw refused("the interval " + value);
        }
        long months = period.toTotalMonths();
        if (months != (int) months) {
            throw refused("the interval " + value);
        }
        long to = nextSlot();
        MemoryUtil.putInt(to, (int) months);
        MemoryUtil.putInt(to + Integer.BYTES, (int) period.get(ChronoUnit.DAYS));
        MemoryUtil.putLong(to + Long.BYTES, nanos);
        count++;
    }

    private boolean isInterval(IntervalUnit unit) {
        return field.getType() instanceof ArrowType.Interval type && type.getUnit() == unit;
    }
}
