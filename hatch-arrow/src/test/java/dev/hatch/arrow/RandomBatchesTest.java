package dev.hatch.arrow;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Period;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.PeriodDuration;
import org.apache.arrow.vector.VariableWidthFieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.DenseUnionVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.complex.UnionVector;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.IntervalUnit;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.UnionMode;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.DecimalUtility;
import org.apache.arrow.vector.util.ValueVectorUtility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches of random schemas, written by a builder and by Arrow's own vectors at the same time. */
class RandomBatchesTest {
    private static final int BATCHES = 2_000;
    private static final int MANY_BATCHES = 100_000;
    private static final int DEEPEST = 3;

    private static final List<ArrowType> LEAVES = leaves();

    private final BufferAllocator allocator = new RootAllocator();

    /** Of a batch: what makes a failure repeatable. */
    private Random random = new Random(0);

    @AfterEach
    void nothingLeaks() {
        allocator.close();
    }

    private static List<ArrowType> leaves() {
        List<ArrowType> types = new ArrayList<>(List.of(
                ArrowType.Bool.INSTANCE,
                ArrowType.Utf8.INSTANCE,
                ArrowType.LargeUtf8.INSTANCE,
                ArrowType.Binary.INSTANCE,
                ArrowType.LargeBinary.INSTANCE,
                ArrowType.Null.INSTANCE,
                new ArrowType.FixedSizeBinary(5),
                new ArrowType.Decimal(20, 3, 128),
                new ArrowType.Decimal(50, 7, 256),
                new ArrowType.Date(DateUnit.DAY),
                new ArrowType.Date(DateUnit.MILLISECOND),
                new ArrowType.Time(TimeUnit.SECOND, 32),
                new ArrowType.Time(TimeUnit.MILLISECOND, 32),
                new ArrowType.Time(TimeUnit.MICROSECOND, 64),
                new ArrowType.Time(TimeUnit.NANOSECOND, 64)));
        for (int bits = 8; bits <= 64; bits *= 2) {
            types.add(new ArrowType.Int(bits, true));
            types.add(new ArrowType.Int(bits, false));
        }
        for (FloatingPointPrecision precision : FloatingPointPrecision.values()) {
            types.add(new ArrowType.FloatingPoint(precision));
        }
        for (TimeUnit unit : TimeUnit.values()) {
            types.add(new ArrowType.Timestamp(unit, null));
            types.add(new ArrowType.Timestamp(unit, "UTC"));
            types.add(new ArrowType.Duration(unit));
        }
        for (IntervalUnit unit : IntervalUnit.values()) {
            types.add(new ArrowType.Interval(unit));
        }
        return types;
    }

    private Field field(String name, int depth) {
        boolean nullable = random.nextInt(4) != 0;
        int kind = depth == 0 ? 9 : random.nextInt(14);
        return switch (kind) {
            case 0 -> nested(name, nullable, ArrowType.List.INSTANCE, field("e", depth - 1));
            case 1 -> nested(name, nullable, ArrowType.LargeList.INSTANCE, field("e", depth - 1));
            case 2 -> nested(name, nullable, new ArrowType.FixedSizeList(random.nextInt(4)), noUnion(depth - 1));
            case 3 -> nested(name, nullable, ArrowType.Struct.INSTANCE, children(depth - 1));
            case 4 -> {
                Field key = new Field("k", FieldType.notNullable(new ArrowType.Int(32, true)), null);
                Field entries = nested("entries", false, ArrowType.Struct.INSTANCE, key, field("v", depth - 1));
                yield nested(name, nullable, new ArrowType.Map(false), entries);
            }
            case 5 -> union(name, UnionMode.Sparse, depth);
            case 6 -> union(name, UnionMode.Dense, depth);
            default -> {
                ArrowType type = LEAVES.get(random.nextInt(LEAVES.size()));
                yield new Field(name, new FieldType(nullable || type instanceof ArrowType.Null, type, null), null);
            }
        };
    }

    /** Arrow itself makes no vector of a list of a fixed size of unions. */
    private Field noUnion(int depth) {
        Field found = field("e", depth);
        while (found.getType() instanceof ArrowType.Union) {
            found = field("e", depth);
        }
        return found;
    }

    private Field union(String name, UnionMode mode, int depth) {
        Field[] members = children(depth - 1);
        int[] ids = IntStream.range(0, members.length).toArray();
        return nested(name, true, new ArrowType.Union(mode, ids), members);
    }

    private Field[] children(int depth) {
        return IntStream.range(0, 1 + random.nextInt(3))
                .mapToObj(i -> field("c" + i, depth))
                .toArray(Field[]::new);
    }

    private static Field nested(String name, boolean nullable, ArrowType type, Field... children) {
        return new Field(name, new FieldType(nullable, type, null), List.of(children));
    }

    @Test
    void a_batch_of_a_random_schema_is_what_arrows_own_setters_make_of_it() {
        checkRandom(0, BATCHES);
    }

    @Test
    @Tag("full")
    void a_hundred_thousand_batches_are_what_arrows_own_setters_make_of_them() {
        checkRandom(BATCHES, MANY_BATCHES);
    }

    private void checkRandom(int from, int to) {
        for (int i = from; i < to; i++) {
            random = new Random(i);
            Schema schema =
                    new Schema(List.of(children(DEEPEST)), random.nextBoolean() ? null : Map.of("batch", "" + i));
            int rows = random.nextInt(10) == 0 ? 0 : 1 + random.nextInt(40);
            try {
                check(schema, rows);
            } catch (Throwable e) {
                throw new AssertionError("batch " + i + ", " + rows + " rows of " + schema, e);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 64, 65_536})
    void every_type_is_written_as_arrows_own_setters_do(int rows) {
        random = new Random(rows);
        List<Field> fields = new ArrayList<>();
        for (ArrowType type : LEAVES) {
            fields.add(new Field("nullable", FieldType.nullable(type), null));
            if (!(type instanceof ArrowType.Null)) {
                fields.add(new Field("not null", FieldType.notNullable(type), null));
            }
        }
        check(new Schema(fields), rows);
    }

    @ParameterizedTest
    @ValueSource(ints = {1_100, 65_536})
    void nested_columns_grow(int rows) {
        random = new Random(rows);
        Field text = new Field("text", FieldType.nullable(ArrowType.Utf8.INSTANCE), null);
        Field key = new Field("k", FieldType.notNullable(new ArrowType.Int(32, true)), null);
        Field entries = nested("entries", false, ArrowType.Struct.INSTANCE, key, text);
        Field list = nested("list", true, ArrowType.List.INSTANCE, text);
        check(
                new Schema(List.of(
                        nested("struct", true, ArrowType.Struct.INSTANCE, text, list),
                        nested("large", true, ArrowType.LargeList.INSTANCE, list),
                        nested("fixed", true, new ArrowType.FixedSizeList(2), list),
                        nested("map", true, new ArrowType.Map(false), entries),
                        nested("sparse", true, new ArrowType.Union(UnionMode.Sparse, new int[] {0, 1}), text, list),
                        nested("dense", true, new ArrowType.Union(UnionMode.Dense, new int[] {0, 1}), text, list))),
                rows);
    }

    /** Two batches of one builder: lent, then handed over. */
    private void check(Schema schema, int rows) {
        try (RecordBuilder builder = RecordBuilder.create(schema, allocator);
                VectorSchemaRoot first = VectorSchemaRoot.create(schema, allocator);
                VectorSchemaRoot second = VectorSchemaRoot.create(schema, allocator)) {
            write(builder, first, rows);
            assertSame(builder.lend(), first);
            write(builder, second, rows / 2);
            try (VectorSchemaRoot built = builder.build()) {
                assertSame(built, second);
            }
        }
    }

    private void write(RecordBuilder builder, VectorSchemaRoot reference, int rows) {
        int columns = reference.getFieldVectors().size();
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < columns; i++) {
                value(builder.column(i), reference.getVector(i), row);
            }
            builder.endRow();
        }
        reference.setRowCount(rows);
    }

    private static void assertSame(VectorSchemaRoot built, VectorSchemaRoot reference) {
        assertThat(built.getSchema()).isEqualTo(reference.getSchema());
        assertThat(built.getRowCount()).isEqualTo(reference.getRowCount());
        for (int i = 0; i < reference.getFieldVectors().size(); i++) {
            FieldVector one = built.getVector(i);
            validate(one);
            for (int row = 0; row < reference.getRowCount(); row++) {
                Object expected = JavaValues.get(reference.getVector(i), row);
                Object found = JavaValues.get(one, row);
                if (!Objects.deepEquals(plain(found), plain(expected))) {
                    assertThat(plain(found)).as("column %d, row %d", i, row).isEqualTo(plain(expected));
                }
            }
        }
    }

    /** Arrow's own check, which knows neither maps nor lists of a fixed size nor half floats: of those, what is in them. */
    private static void validate(FieldVector vector) {
        if (hasUnknown(vector)) {
            vector.getChildrenFromFields().forEach(RandomBatchesTest::validate);
        } else {
            ValueVectorUtility.validateFull(vector);
        }
    }

    private static boolean hasUnknown(FieldVector vector) {
        return vector instanceof MapVector
                || vector instanceof Float2Vector
                || vector instanceof FixedSizeListVector
                || vector.getChildrenFromFields().stream().anyMatch(RandomBatchesTest::hasUnknown);
    }

    /** Arrays compare by identity: their text does not. */
    private static @Nullable Object plain(@Nullable Object value) {
        if (value instanceof byte[] bytes) {
            return Arrays.toString(bytes);
        }
        if (value instanceof List<?> list) {
            return list.stream()
                    .map(RandomBatchesTest::plain)
                    .map(String::valueOf)
                    .toList();
        }
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> plain(entry.getKey()) + "=" + plain(entry.getValue()))
                    .toList();
        }
        return value;
    }

    /** Appends a random value, and sets it in a vector. */
    private void value(Appender to, FieldVector vector, int index) {
        ArrowType type = to.field().getType();
        boolean isUnion = type instanceof ArrowType.Union;
        boolean isNull = type instanceof ArrowType.Null;
        if (isNull || (!isUnion && to.field().isNullable() && random.nextInt(5) == 0)) {
            to.appendNull();
            if (!isNull) {
                vector.setNull(index);
            }
            return;
        }
        if (vector instanceof ListVector list) {
            to.begin();
            int start = list.startNewValue(index);
            list.endValue(index, elements(to, list.getDataVector(), start, random.nextInt(4)));
        } else if (vector instanceof LargeListVector list) {
            to.begin();
            long start = list.startNewValue(index);
            list.endValue(index, elements(to, list.getDataVector(), (int) start, random.nextInt(4)));
        } else if (vector instanceof FixedSizeListVector list) {
            to.begin();
            elements(to, list.getDataVector(), list.startNewValue(index), list.getListSize());
        } else if (vector instanceof StructVector struct) {
            to.begin();
            struct.setIndexDefined(index);
            members(to, struct.getChildrenFromFields(), index);
        } else if (vector instanceof UnionVector union) {
            int member = random.nextInt(union.getChildrenFromFields().size());
            while (index >= union.getTypeBuffer().capacity()) {
                union.reAlloc();
            }
            union.getTypeBuffer().setByte(index, member);
            value(to.begin(member), union.getChildrenFromFields().get(member), index);
        } else if (vector instanceof DenseUnionVector union) {
            int member = random.nextInt(union.getChildrenFromFields().size());
            FieldVector child = union.getChildrenFromFields().get(member);
            Appender appender = to.begin(member);
            while (index * 4L >= union.getOffsetBuffer().capacity()) {
                union.reAlloc();
            }
            union.setTypeId(index, (byte) member);
            int offset = appender.count;
            union.getOffsetBuffer().setInt(index * 4L, offset);
            value(appender, child, offset);
        } else {
            leaf(to, vector, index);
        }
    }

    private int elements(Appender to, FieldVector elements, int start, int count) {
        for (int i = 0; i < count; i++) {
            if (to.children().size() == 2) {
                StructVector entries = (StructVector) elements;
                entries.setIndexDefined(start + i);
                members(to, entries.getChildrenFromFields(), start + i);
            } else {
                value(to.child(0), elements, start + i);
            }
        }
        return count;
    }

    private void members(Appender to, List<FieldVector> vectors, int index) {
        for (int i = 0; i < vectors.size(); i++) {
            value(to.child(i), vectors.get(i), index);
        }
    }

    private void leaf(Appender to, FieldVector vector, int index) {
        if (vector instanceof BitVector bits) {
            boolean value = random.nextBoolean();
            to.append(value);
            bits.setSafe(index, value ? 1 : 0);
        } else if (vector instanceof Float8Vector doubles) {
            double value = random.nextGaussian();
            to.append(value);
            doubles.setSafe(index, value);
        } else if (vector instanceof Float4Vector floats) {
            float value = random.nextFloat();
            to.append(value);
            floats.setSafe(index, value);
        } else if (vector instanceof Float2Vector halfs) {
            float value = random.nextFloat() * 1_000;
            to.append(value);
            halfs.setSafeWithPossibleTruncate(index, value);
        } else if (vector instanceof VariableWidthFieldVector texts) {
            String value = text();
            byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
            boolean isText = to.field().getType() instanceof ArrowType.Utf8
                    || to.field().getType() instanceof ArrowType.LargeUtf8;
            if (isText && random.nextBoolean()) {
                to.append(value);
            } else {
                to.append(bytes);
            }
            texts.setSafe(index, bytes);
        } else {
            fixed(to, (BaseFixedWidthVector) vector, index);
        }
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(random.nextInt(20) == 0 ? 400 : 20);
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return random.nextInt(3) == 0 ? text + "é€\uD834\uDD1E" : text.toString();
    }

    private void fixed(Appender to, BaseFixedWidthVector vector, int index) {
        while (index >= vector.getValueCapacity()) {
            vector.reAlloc();
        }
        ArrowType type = to.field().getType();
        int width = vector.getTypeWidth();
        byte[] bytes = new byte[width];
        if (type instanceof ArrowType.FixedSizeBinary) {
            random.nextBytes(bytes);
            to.append(bytes);
        } else if (type instanceof ArrowType.Decimal decimal) {
            BigDecimal value = new BigDecimal(new BigInteger(decimal.getPrecision() * 3, random), decimal.getScale());
            value = random.nextBoolean() ? value : value.negate();
            to.append(value);
            DecimalUtility.writeBigDecimalToArrowBuf(value, vector.getDataBuffer(), index, width);
            BitVectorHelper.setBit(vector.getValidityBuffer(), index);
            return;
        } else if (type instanceof ArrowType.Interval interval && interval.getUnit() != IntervalUnit.YEAR_MONTH) {
            interval(to, interval, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        } else {
            // Not so far from now that no class of Java has it.
            boolean isTime = type instanceof ArrowType.Timestamp || type instanceof ArrowType.Duration;
            long value =
                    type instanceof ArrowType.Time ? random.nextInt(86_400) : random.nextLong() >> (isTime ? 16 : 0);
            value = width == Long.BYTES ? value : value & ((1L << (width * 8 - 1)) - 1);
            value = type instanceof ArrowType.Int integer && !integer.getIsSigned() ? value & Long.MAX_VALUE : value;
            value = type instanceof ArrowType.Date && width == 8 ? (value % 30_000) * 86_400_000L : value;
            to.append(value);
            for (int i = 0; i < width; i++) {
                bytes[i] = (byte) (value >> (8 * i));
            }
        }
        vector.getDataBuffer().setBytes((long) index * width, bytes);
        BitVectorHelper.setBit(vector.getValidityBuffer(), index);
    }

    private void interval(Appender to, ArrowType.Interval type, ByteBuffer bytes) {
        int days = random.nextInt(1_000);
        int millis = random.nextInt(86_400_000);
        if (type.getUnit() == IntervalUnit.DAY_TIME) {
            to.append(Duration.ofDays(days).plusMillis(millis));
            bytes.putInt(days).putInt(millis);
        } else {
            int months = random.nextInt(1_000);
            to.append(new PeriodDuration(Period.of(0, months, days), Duration.ofMillis(millis)));
            bytes.putInt(months).putInt(days).putLong(millis * 1_000_000L);
        }
    }
}
