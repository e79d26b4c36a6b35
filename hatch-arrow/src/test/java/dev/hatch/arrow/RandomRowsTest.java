package dev.hatch.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.ValueVectorUtility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rows that have values, nulls, nothing or too much, and bulks between them, beside a model of lists. */
class RandomRowsTest {
    private static final int SEQUENCES = 1_000;
    private static final int CALLS = 300;

    /** More than a builder has memory for at first. */
    private static final int MANY = 3_000;

    private static final Schema SCHEMA = new Schema(List.of(
            new Field("long", FieldType.nullable(new ArrowType.Int(64, true)), null),
            new Field("required", FieldType.notNullable(new ArrowType.Int(32, true)), null),
            new Field("text", FieldType.nullable(ArrowType.Utf8.INSTANCE), null),
            new Field("nothing", FieldType.nullable(ArrowType.Null.INSTANCE), null),
            new Field("flag", FieldType.nullable(ArrowType.Bool.INSTANCE), null),
            new Field(
                    "list",
                    FieldType.nullable(ArrowType.List.INSTANCE),
                    List.of(new Field("e", FieldType.nullable(new ArrowType.Int(64, true)), null)))));

    private static final int REQUIRED = 1;

    private final GuardedMemory memory = new GuardedMemory();
    private final BufferAllocator allocator = memory.allocator();
    private Random random = new Random(0);
    private final List<List<@Nullable Object>> model = new ArrayList<>();
    private int rows;
    private int refused;

    @AfterEach
    void nothingLeaks() {
        allocator.close();
        memory.close();
    }

    @Test
    void any_sequence_of_rows_and_bulks_gives_what_a_list_for_each_column_gives() {
        check(Long.MAX_VALUE);
        assertThat(refused).isZero();
    }

    @Test
    void what_there_is_no_memory_for_is_refused_and_leaves_all_as_it_was() {
        check(130_000);
        assertThat(refused).isPositive();
    }

    private void check(long limit) {
        try (RecordBuilderPool pool =
                RecordBuilderPool.builder(allocator).maxBytes(limit).build()) {
            for (int seed = 0; seed < SEQUENCES; seed++) {
                random = new Random(seed);
                clear();
                try (RecordBuilder builder = pool.get(SCHEMA)) {
                    for (int call = 0; call < CALLS; call++) {
                        try {
                            step(builder);
                        } catch (OutOfMemoryException e) {
                            refused++;
                        }
                    }
                    memory.check();
                } catch (Throwable e) {
                    throw new AssertionError("sequence " + seed, e);
                }
            }
        }
    }

    private void clear() {
        model.clear();
        SCHEMA.getFields().forEach(field -> model.add(new ArrayList<>()));
        rows = 0;
    }

    private void step(RecordBuilder builder) {
        int what = random.nextInt(100);
        if (random.nextInt(3_000) == 0) {
            for (int i = 0; i < MANY; i++) {
                row(builder);
            }
        } else if (what < 30) {
            row(builder);
        } else if (what < 60) {
            int column = random.nextInt(model.size());
            append(builder, column, random.nextInt(5) == 0 ? null : random.nextInt(1_000));
        } else if (what < 80) {
            endRow(builder);
        } else if (what < 85) {
            bulk(builder);
        } else if (what < 90) {
            endRows(builder);
        } else if (what < 92) {
            builder.clear();
            clear();
        } else {
            lend(builder);
        }
    }

    /** As most do it. */
    private void row(RecordBuilder builder) {
        for (int column = 0; column < model.size(); column++) {
            if (column == REQUIRED || random.nextInt(3) != 0) {
                append(builder, column, random.nextInt(1_000));
            }
        }
        endRow(builder);
    }

    private void append(RecordBuilder builder, int column, @Nullable Integer value) {
        if (value == null || column == 3) {
            if (column != REQUIRED) {
                builder.appendNull(column);
                values(column).add(null);
            }
            return;
        }
        switch (column) {
            case 0, REQUIRED -> builder.append(column, (long) value);
            case 2 -> builder.append(column, "text " + value);
            case 4 -> builder.append(column, value % 2 == 0);
            default -> {
                builder.column(column).begin();
                try {
                    builder.column(column).child(0).append((long) value);
                } catch (OutOfMemoryException e) {
                    // It was begun.
                    values(column).add(List.of());
                    throw e;
                }
            }
        }
        values(column)
                .add(
                        switch (column) {
                            case 0 -> (long) value;
                            case 2 -> "text " + value;
                            case 4 -> value % 2 == 0;
                            case 5 -> List.of((long) value);
                            default -> value;
                        });
    }

    /** Of a column, with nulls for the rows that it missed. */
    private List<@Nullable Object> values(int column) {
        List<@Nullable Object> values = model.get(column);
        values.addAll(Collections.nCopies(Math.max(0, rows - values.size()), null));
        return values;
    }

    private void endRow(RecordBuilder builder) {
        for (int column = 0; column < model.size(); column++) {
            int size = values(column).size();
            if (size > rows + 1) {
                assertThatThrownBy(builder::endRow).hasMessageContaining("found " + (size - rows) + " values");
                model.get(column).subList(rows, size).clear();
                return;
            }
            if (size == rows && column == REQUIRED) {
                assertThatThrownBy(builder::endRow).hasMessageContaining("found nothing");
                return;
            }
        }
        builder.endRow();
        rows++;
    }

    private void bulk(RecordBuilder builder) {
        int length = random.nextInt(70);
        int column = random.nextInt(3);
        List<@Nullable Object> added = new ArrayList<>();
        long[] bits = random.longs(random.nextInt(3)).toArray();
        switch (column) {
            case 0 -> {
                long[] longs = random.longs(length).toArray();
                builder.column(column).appendAll(longs, 0, length, bits);
                for (int i = 0; i < length; i++) {
                    added.add(BitSet.valueOf(bits).get(i) ? (Object) longs[i] : null);
                }
            }
            case REQUIRED -> {
                int[] ints = random.ints(length).toArray();
                builder.column(column).appendAll(ints, 0, length, null);
                for (int one : ints) {
                    added.add(one);
                }
            }
            default -> {
                byte[] bytes =
                        "häuser und straßen".repeat(9).substring(0, length).getBytes(StandardCharsets.UTF_8);
                int[] offsets = new int[length + 1];
                boolean splits = false;
                for (int i = 0; i < length; i++) {
                    offsets[i + 1] = Math.min(bytes.length, offsets[i] + random.nextInt(5));
                    int next = offsets[i + 1];
                    boolean has = BitSet.valueOf(bits).get(i);
                    splits |= has && next > offsets[i] && (isInside(bytes, offsets[i]) || isInside(bytes, next));
                    added.add(has ? new String(bytes, offsets[i], next - offsets[i], StandardCharsets.UTF_8) : null);
                }
                if (splits) {
                    assertThatThrownBy(() -> builder.column(column).appendAll(bytes, offsets, length, bits))
                            .hasMessageContaining("not UTF-8");
                    return;
                }
                builder.column(column).appendAll(bytes, offsets, length, bits);
            }
        }
        values(column).addAll(added);
    }

    /** Whether a value that begins or ends there would split a character. */
    private static boolean isInside(byte[] bytes, int at) {
        return at < bytes.length && (bytes[at] & 0xC0) == 0x80;
    }

    private boolean isEven() {
        return model.stream()
                .allMatch(column -> Math.max(rows, column.size())
                        == Math.max(rows, values(0).size()));
    }

    private void endRows(RecordBuilder builder) {
        if (isEven()) {
            builder.endRows();
            rows = values(0).size();
        } else {
            assertThatThrownBy(builder::endRows).isInstanceOf(IllegalStateException.class);
        }
        assertThat(builder.rowCount()).isEqualTo(rows);
    }

    private void lend(RecordBuilder builder) {
        if (!isEven()) {
            assertThatThrownBy(builder::lend).isInstanceOf(IllegalStateException.class);
            return;
        }
        boolean handsOver = random.nextBoolean();
        VectorSchemaRoot batch = handsOver ? builder.build() : builder.lend();
        rows = values(0).size();
        ValueVectorUtility.validateFull(batch.getVector(2));
        assertThat(batch.getRowCount()).isEqualTo(rows);
        for (int column = 0; column < model.size(); column++) {
            List<@Nullable Object> found = new ArrayList<>();
            for (int i = 0; i < rows; i++) {
                found.add(JavaValues.get(batch.getVector(column), i));
            }
            assertThat(found).as(SCHEMA.getFields().get(column).getName()).isEqualTo(values(column));
        }
        if (handsOver) {
            batch.close();
        }
        clear();
    }
}
