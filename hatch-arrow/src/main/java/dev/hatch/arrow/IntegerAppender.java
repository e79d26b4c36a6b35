package dev.hatch.arrow;

import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.IntervalUnit;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Integers, and what Arrow has as integers: dates, times, timestamps, durations, months. */
abstract class IntegerAppender extends FixedAppender {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long MILLIS_PER_DAY = 86_400_000L;

    IntegerAppender(Batch batch, Field field, BaseFixedWidthVector vector, @Nullable Appender parent, String name) {
        super(batch, field, vector, parent, name);
    }

    @Override
    public void append(@Nullable BigInteger value) {
        if (value == null) {
            appendNull();
        } else if (field.getType() instanceof ArrowType.Int && value.bitLength() < Long.SIZE) {
            append(value.longValue());
        } else {
            throw refused("the integer " + value);
        }
    }

    @Override
    public void append(@Nullable LocalDate value) {
        if (value == null || !(field.getType() instanceof ArrowType.Date date)) {
            super.append(value);
            return;
        }
        long days = value.toEpochDay();
        if (Math.abs(days) > Long.MAX_VALUE / MILLIS_PER_DAY) {
            throw refused("the date " + value);
        }
        append(date.getUnit() == DateUnit.DAY ? days : days * MILLIS_PER_DAY);
    }

    @Override
    public void append(@Nullable LocalTime value) {
        if (value == null || !(field.getType() instanceof ArrowType.Time time)) {
            super.append(value);
            return;
        }
        long nanos = value.toNanoOfDay();
        append(units(value, nanos / NANOS_PER_SECOND, (int) (nanos % NANOS_PER_SECOND), time.getUnit()));
    }

    @Override
    public void append(@Nullable LocalDateTime value) {
        if (value == null || !(field.getType() instanceof ArrowType.Timestamp type) || type.getTimezone() != null) {
            super.append(value);
            return;
        }
        Instant instant = value.toInstant(ZoneOffset.UTC);
        append(units(value, instant.getEpochSecond(), instant.getNano(), type.getUnit()));
    }

    @Override
    public void append(@Nullable Instant value) {
        if (value == null || !(field.getType() instanceof ArrowType.Timestamp type) || type.getTimezone() == null) {
            super.append(value);
            return;
        }
        append(units(value, value.getEpochSecond(), value.getNano(), type.getUnit()));
    }

    @Override
    public void append(@Nullable Duration value) {
        if (value == null || !(field.getType() instanceof ArrowType.Duration type)) {
            super.append(value);
            return;
        }
        append(units(value, value.getSeconds(), value.getNano(), type.getUnit()));
    }

    @Override
    public void append(@Nullable Period value) {
        boolean fits = field.getType() instanceof ArrowType.Interval type
                && type.getUnit() == IntervalUnit.YEAR_MONTH
                && (value == null || value.get(ChronoUnit.DAYS) == 0);
        if (value == null || !fits) {
            super.append(value);
            return;
        }
        append(value.toTotalMonths());
    }

    /** Refuses what the unit is too coarse for, or 64 bits are too few for. */
    private long units(Object value, long seconds, int nanos, TimeUnit unit) {
        long perSecond = unitsPerSecond(unit);
        long nanosPerUnit = NANOS_PER_SECOND / perSecond;
        try {
            if (nanos % nanosPerUnit != 0) {
                throw new DateTimeException("finer than its unit");
            }
            // Negative seconds first come nearer to zero, or the smallest values would overflow on the way.
            return seconds < 0 && nanos > 0
                    ? Math.addExact(
                            Math.multiplyExact(seconds + 1, perSecond), (nanos - NANOS_PER_SECOND) / nanosPerUnit)
                    : Math.addExact(Math.multiplyExact(seconds, perSecond), nanos / nanosPerUnit);
        } catch (ArithmeticException | DateTimeException e) {
            throw refused(value + (e instanceof DateTimeException ? ", which is finer than that unit" : ""));
        }
    }

    static long unitsPerSecond(TimeUnit unit) {
        return switch (unit) {
            case SECOND -> 1L;
            case MILLISECOND -> 1_000L;
            case MICROSECOND -> 1_000_000L;
            case NANOSECOND -> NANOS_PER_SECOND;
        };
    }

    private void requireWidth(int bytes, String found) {
        if (width != bytes) {
            throw refused(found);
        }
    }

    @Override
    public void appendAll(long[] source, int from, int length, long @Nullable [] bits) {
        requireWidth(Long.BYTES, "integers of 64 bits");
        if (begins(source.length, from, length)) {
            long to = values + ((long) count << 3);
            for (int i = 0; i < length; i++) {
                MemoryUtil.putLong(to + ((long) i << 3), source[from + i]);
            }
            checkWritten(length, bits);
            ends(length, bits);
        }
    }

    @Override
    public void appendAll(int[] source, int from, int length, long @Nullable [] bits) {
        requireWidth(Integer.BYTES, "integers of 32 bits");
        if (begins(source.length, from, length)) {
            long to = values + ((long) count << 2);
            for (int i = 0; i < length; i++) {
                MemoryUtil.putInt(to + ((long) i << 2), source[from + i]);
            }
            checkWritten(length, bits);
            ends(length, bits);
        }
    }

    @Override
    public void appendAll(short[] source, int from, int length, long @Nullable [] bits) {
        requireWidth(Short.BYTES, "integers of 16 bits");
        if (begins(source.length, from, length)) {
            long to = values + ((long) count << 1);
            for (int i = 0; i < length; i++) {
                MemoryUtil.putShort(to + ((long) i << 1), source[from + i]);
            }
            checkWritten(length, bits);
            ends(length, bits);
        }
    }
}
