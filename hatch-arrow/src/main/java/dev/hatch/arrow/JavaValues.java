package dev.hatch.arrow;

import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.util.Text;
import org.jspecify.annotations.Nullable;

/** Reads a cell as the Java value that JDBC would give for it. */
public final class JavaValues {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private JavaValues() {}

    /**
     * The value at {@code row}: text as {@link String}, dates and times as {@code java.time} (a timestamp with a time
     * zone as {@link java.time.OffsetDateTime} in UTC), unsigned integers as a type that holds them, everything else as
     * {@link FieldVector#getObject} gives it; null where the cell is null.
     */
    public static @Nullable Object get(FieldVector vector, int row) {
        Object value = vector.getObject(row);
        if (value == null) {
            return null;
        }
        if (value instanceof Text text) {
            return text.toString();
        }
        ArrowType type = vector.getField().getType();
        if (type instanceof ArrowType.Int integer && !integer.getIsSigned()) {
            return unsigned(value, integer.getBitWidth());
        }
        if (type instanceof ArrowType.Date) {
            return value instanceof LocalDateTime dateTime
                    ? dateTime.toLocalDate()
                    : LocalDate.ofEpochDay(((Number) value).longValue());
        }
        if (type instanceof ArrowType.Time time) {
            return value instanceof LocalDateTime dateTime
                    ? dateTime.toLocalTime()
                    : LocalTime.ofNanoOfDay(((Number) value).longValue() * nanosPer(time.getUnit()));
        }
        if (type instanceof ArrowType.Timestamp timestamp && value instanceof Long units) {
            long perSecond = NANOS_PER_SECOND / nanosPer(timestamp.getUnit());
            return Instant.ofEpochSecond(
                            Math.floorDiv(units, perSecond),
                            Math.floorMod(units, perSecond) * nanosPer(timestamp.getUnit()))
                    .atOffset(ZoneOffset.UTC);
        }
        return value;
    }

    private static Object unsigned(Object value, int bits) {
        if (value instanceof Character c) {
            return (long) c;
        }
        long number = ((Number) value).longValue();
        return bits == 64 ? new BigInteger(Long.toUnsignedString(number)) : (Object) (number & ((1L << bits) - 1));
    }

    private static long nanosPer(TimeUnit unit) {
        return switch (unit) {
            case SECOND -> NANOS_PER_SECOND;
            case MILLISECOND -> 1_000_000L;
            case MICROSECOND -> 1_000L;
            case NANOSECOND -> 1L;
        };
    }
}
