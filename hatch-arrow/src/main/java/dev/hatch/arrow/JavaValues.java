package dev.hatch.arrow;

import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.complex.BaseListVector;
import org.apache.arrow.vector.complex.DenseUnionVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.complex.UnionVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.util.Text;
import org.jspecify.annotations.Nullable;

/** Reads a cell as a Java value, whatever its type is nested in. */
public final class JavaValues {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final DictionaryProvider NO_DICTIONARIES = new DictionaryProvider.MapDictionaryProvider();

    private JavaValues() {}

    /** As {@link #get(FieldVector, int, DictionaryProvider)}, of a vector that no dictionary encodes. */
    public static @Nullable Object get(FieldVector vector, int row) {
        return get(vector, row, NO_DICTIONARIES);
    }

    /**
     * The value at {@code row}: text as {@link String}, dates and times as {@code java.time} (a timestamp with a time
     * zone as {@link java.time.OffsetDateTime} in UTC), unsigned integers as a type that holds them, lists of any kind
     * as {@link List}, structs and maps as {@link Map} in their order, a union as its member's value, everything else as
     * {@link FieldVector#getObject} gives it; null where the cell is null.
     *
     * @throws IllegalArgumentException if a dictionary that encodes the vector is not among {@code dictionaries}
     */
    public static @Nullable Object get(FieldVector vector, int row, DictionaryProvider dictionaries) {
        if (vector.isNull(row)) {
            return null;
        }
        DictionaryEncoding encoding = vector.getField().getDictionary();
        if (encoding != null) {
            return decoded((BaseIntVector) vector, row, encoding, dictionaries);
        }
        if (vector instanceof MapVector map) {
            return map(map, row, dictionaries);
        }
        if (vector instanceof BaseListVector list) {
            return list(list, list.getElementStartIndex(row), list.getElementEndIndex(row), dictionaries);
        }
        if (vector instanceof LargeListVector list) {
            return list(list, list.getElementStartIndex(row), list.getElementEndIndex(row), dictionaries);
        }
        if (vector instanceof StructVector struct) {
            Map<String, @Nullable Object> members = new LinkedHashMap<>();
            for (FieldVector member : struct.getChildrenFromFields()) {
                members.put(member.getName(), get(member, row, dictionaries));
            }
            return members;
        }
        if (vector instanceof UnionVector union) {
            FieldVector member = member(union, row);
            return member == null ? null : get(member, row, dictionaries);
        }
        if (vector instanceof DenseUnionVector union) {
            ValueVector member = union.getVectorByType(union.getTypeId(row));
            return member == null ? null : get((FieldVector) member, union.getOffset(row), dictionaries);
        }
        Object value = vector.getObject(row);
        return value == null ? null : scalar(vector.getField().getType(), value);
    }

    private static @Nullable Object decoded(
            BaseIntVector indices, int row, DictionaryEncoding encoding, DictionaryProvider dictionaries) {
        Dictionary dictionary = dictionaries.lookup(encoding.getId());
        if (dictionary == null) {
            throw new IllegalArgumentException("the dictionary " + encoding.getId() + " is not known");
        }
        int index = Math.toIntExact(indices.getValueAsLong(row));
        return get(dictionary.getVector(), index, dictionaries);
    }

    private static List<@Nullable Object> list(
            FieldVector list, long start, long end, DictionaryProvider dictionaries) {
        FieldVector elements = list.getChildrenFromFields().get(0);
        List<@Nullable Object> values = new ArrayList<>();
        for (long element = start; element < end; element++) {
            values.add(get(elements, Math.toIntExact(element), dictionaries));
        }
        return values;
    }

    private static Map<@Nullable Object, @Nullable Object> map(
            MapVector map, int row, DictionaryProvider dictionaries) {
        List<FieldVector> entry = map.getDataVector().getChildrenFromFields();
        Map<@Nullable Object, @Nullable Object> values = new LinkedHashMap<>();
        for (int element = map.getElementStartIndex(row); element < map.getElementEndIndex(row); element++) {
            values.put(get(entry.get(0), element, dictionaries), get(entry.get(1), element, dictionaries));
        }
        return values;
    }

    /**
     * The member that holds the row. Type ids count the members in what DuckDB and most others send. A vector that was
     * built in Java has ids of Arrow's own, which only its lookup knows; that lookup confuses two members of one type,
     * and fails for types with parameters.
     */
    private static @Nullable FieldVector member(UnionVector union, int row) {
        int id = union.getTypeValue(row);
        List<FieldVector> members = union.getChildrenFromFields();
        if (id < 0) {
            return null;
        }
        return id < members.size() ? members.get(id) : (FieldVector) union.getVectorByType(id);
    }

    private static Object scalar(ArrowType type, Object value) {
        if (value instanceof Text text) {
            return text.toString();
        }
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
