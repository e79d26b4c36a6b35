package dev.hatch.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BoundsChecking;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lengths, offsets and validity as they come, also with Arrow's own checks turned off: what is asked for is written or refused. */
class OutOfBoundsTest {
    private static final int BATCHES = 600;
    private static final int CALLS = 40;
    private static final int COLUMNS = 11;

    /** What fits each column, of the cases in {@link #append}. */
    private static final int[][] KINDS = {
        {0, 11}, {1, 10}, {2, 10}, {1, 10}, {3, 12}, {4, 10}, {5, 12}, {6, 11}, {6, 7}, {8, 10}, {11, 12}
    };

    private static final Schema SCHEMA = new Schema(List.of(
            field("long", new ArrowType.Int(64, true)),
            field("int", new ArrowType.Int(32, true)),
            field("short", new ArrowType.Int(16, true)),
            field("time", new ArrowType.Time(TimeUnit.SECOND, 32)),
            field("double", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE)),
            field("float", new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE)),
            field("bool", ArrowType.Bool.INSTANCE),
            field("text", ArrowType.Utf8.INSTANCE),
            field("bytes", ArrowType.LargeBinary.INSTANCE),
            field("fixed", new ArrowType.FixedSizeBinary(3)),
            new Field(
                    "list",
                    FieldType.nullable(ArrowType.List.INSTANCE),
                    List.of(field("e", ArrowType.Utf8.INSTANCE)))));

    private Random random = new Random(0);
    private int refused;
    private int taken;

    private static Field field(String name, ArrowType type) {
        return new Field(name, FieldType.nullable(type), null);
    }

    @Test
    void arrows_own_checks_are_off_where_they_should_be() {
        assertThat(BoundsChecking.BOUNDS_CHECKING_ENABLED)
                .isNotEqualTo(Boolean.getBoolean("arrow.enable_unsafe_memory_access"));
    }

    @Test
    void a_bulk_that_there_is_no_memory_for_leaves_no_address_of_what_was_freed_for_it() {
        Schema schema = new Schema(List.of(
                field("a", new ArrowType.Int(64, true)),
                field("b", new ArrowType.Int(64, true)),
                field("c", ArrowType.Utf8.INSTANCE)));
        int many = 1_000_000;
        try (GuardedMemory memory = new GuardedMemory();
                BufferAllocator root = memory.allocator();
                BufferAllocator limited = root.newChildAllocator("limited", 0, 128 << 10);
                RecordBuilder builder = RecordBuilder.create(schema, limited)) {
            builder.append(0, 1L);
            Appender b = builder.column(1);
            Appender c = builder.column(2);
            assertThatThrownBy(() -> b.appendAll(new long[many], 0, many, null))
                    .isInstanceOf(OutOfMemoryException.class);
            assertThatThrownBy(() -> c.appendAll(new byte[0], new int[many + 1], many, null))
                    .isInstanceOf(OutOfMemoryException.class);
            b.append(2L);
            c.append("three");
            builder.endRow();
            memory.check();
            VectorSchemaRoot batch = builder.lend();
            assertThat(batch.contentToTSVString()).isEqualTo("a\tb\tc\n1\t2\tthree\n");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void nothing_is_written_out_of_bounds_whatever_lengths_and_offsets_say(int seed) {
        random = new Random(seed);
        try (GuardedMemory memory = new GuardedMemory();
                BufferAllocator allocator = memory.allocator();
                BigIntVector longs = new BigIntVector("longs", allocator);
                VarCharVector texts = new VarCharVector("texts", allocator)) {
            for (int i = 0; i < 9; i++) {
                longs.setSafe(i, i);
                texts.setSafe(i, ("text " + i).getBytes(StandardCharsets.UTF_8));
            }
            longs.setValueCount(9);
            texts.setValueCount(9);
            for (int batch = 0; batch < BATCHES; batch++) {
                try (RecordBuilder builder = RecordBuilder.create(SCHEMA, allocator)) {
                    int one = random.nextInt(COLUMNS);
                    for (int call = 0; call < CALLS; call++) {
                        // Most to one column, and most of what it takes, so that it grows.
                        int column = random.nextInt(4) == 0 ? random.nextInt(COLUMNS) : one;
                        int kind = random.nextInt(4) == 0 ? random.nextInt(13) : KINDS[column][random.nextInt(2)];
                        try {
                            append(builder.column(column), kind, longs, texts);
                            taken++;
                        } catch (IllegalArgumentException e) {
                            assertThat(e).hasMessageContaining("column ");
                            refused++;
                        }
                    }
                    memory.check();
                }
            }
        }
        assertThat(taken).isGreaterThan(BATCHES);
        assertThat(refused).isGreaterThan(BATCHES);
    }

    private void append(Appender column, int kind, BigIntVector longs, VarCharVector texts) {
        int size = random.nextInt(kind >= 6 && kind <= 8 ? 2 : 4) == 0 ? random.nextInt(5_000) : random.nextInt(20);
        byte[] bytes = new byte[size];
        if (random.nextInt(8) == 0) {
            random.nextBytes(bytes);
        }
        int from = number(size);
        int length = number(size);
        long @Nullable [] validity = random.nextBoolean()
                ? null
                : random.longs(random.nextInt(3) + (size >> random.nextInt(7))).toArray();
        switch (kind) {
            case 0 -> column.appendAll(new long[size], from, length, validity);
            case 1 -> column.appendAll(new int[size], from, length, validity);
            case 2 -> column.appendAll(new short[size], from, length, validity);
            case 3 -> column.appendAll(new double[size], from, length, validity);
            case 4 -> column.appendAll(new float[size], from, length, validity);
            case 5 -> column.appendAll(new boolean[size], from, length, validity);
            case 6 -> {
                int[] offsets = offsets(size);
                column.appendAll(bytes, offsets, number(Math.max(0, offsets.length - 1)), validity);
            }
            case 7 -> column.append(bytes, from, length);
            case 8 -> column.append(bytes);
            case 9 -> column.append(buffer(bytes));
            case 10 -> column.appendAll(buffer(bytes), length, validity);
            case 11 -> column.appendAll(random.nextBoolean() ? longs : texts, number(9), number(9));
            default -> appendOne(column);
        }
    }

    private void appendOne(Appender column) {
        switch (random.nextInt(5)) {
            case 0 -> column.append(random.nextLong());
            case 1 -> column.append(random.nextDouble());
            case 2 -> column.append("é".repeat(random.nextInt(200)));
            case 3 -> column.appendNull();
            default -> column.begin();
        }
    }

    /** Right, nearly right, or wrong by much. */
    private int number(int size) {
        return switch (random.nextInt(6)) {
            case 0 -> size + random.nextInt(5) - 2;
            case 1 -> random.nextBoolean() ? Integer.MAX_VALUE - random.nextInt(3) : Integer.MIN_VALUE;
            case 2 -> -random.nextInt(10);
            default -> random.nextInt(size + 1);
        };
    }

    private int[] offsets(int size) {
        int[] offsets = random.ints(random.nextInt(20), 0, size + 1).sorted().toArray();
        if (offsets.length > 0 && random.nextInt(3) == 0) {
            offsets[random.nextInt(offsets.length)] = number(size);
        }
        return offsets;
    }

    private ByteBuffer buffer(byte[] bytes) {
        ByteBuffer buffer = random.nextBoolean() ? ByteBuffer.wrap(bytes) : ByteBuffer.allocateDirect(bytes.length);
        buffer.position(random.nextInt(bytes.length + 1));
        return random.nextBoolean() ? buffer.slice() : buffer.asReadOnlyBuffer();
    }
}
