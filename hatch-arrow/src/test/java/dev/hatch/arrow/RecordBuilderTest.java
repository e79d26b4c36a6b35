package dev.hatch.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.Text;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordBuilderTest {
    private static final ArrowType LONG = new ArrowType.Int(64, true);
    private static final Schema SCHEMA = new Schema(List.of(
            new Field("name", FieldType.notNullable(ArrowType.Utf8.INSTANCE), null),
            new Field("bytes", FieldType.nullable(ArrowType.Binary.INSTANCE), null),
            new Field("flag", FieldType.nullable(ArrowType.Bool.INSTANCE), null),
            new Field("small", FieldType.nullable(new ArrowType.Int(16, true)), null),
            new Field("big", FieldType.nullable(new ArrowType.Int(64, true)), null)));

    private final BufferAllocator allocator = new RootAllocator();

    @AfterEach
    void nothingLeaks() {
        allocator.close();
    }

    @Test
    void rows_come_back_as_they_were_appended() {
        try (RecordBuilder builder = RecordBuilder.create(SCHEMA, allocator)) {
            builder.append(0, "é")
                    .append(1, "x".getBytes(StandardCharsets.UTF_8))
                    .append(2, true)
                    .append(3, -7)
                    .append(4, Long.MIN_VALUE)
                    .endRow();
            builder.append(0, "only").endRow();
            try (VectorSchemaRoot batch = builder.build()) {
                assertThat(batch.getRowCount()).isEqualTo(2);
                assertThat(batch.getVector(0).getObject(0)).isEqualTo(new Text("é"));
                assertThat(batch.getVector(1).getObject(0)).isEqualTo(new byte[] {'x'});
                assertThat(batch.getVector(2).getObject(0)).isEqualTo(true);
                assertThat(batch.getVector(3).getObject(0)).isEqualTo((short) -7);
                assertThat(batch.getVector(4).getObject(0)).isEqualTo(Long.MIN_VALUE);
                for (int column = 1; column < 5; column++) {
                    assertThat(batch.getVector(column).isNull(1)).isTrue();
                }
            }
        }
    }

    @Test
    void the_builder_is_empty_and_ready_after_build() {
        try (RecordBuilder builder = RecordBuilder.create(SCHEMA, allocator)) {
            builder.append(0, "first").endRow();
            builder.build().close();
            builder.append(0, "second").endRow();
            try (VectorSchemaRoot batch = builder.build()) {
                assertThat(batch.getRowCount()).isOne();
                assertThat(batch.getVector(0).getObject(0)).isEqualTo(new Text("second"));
            }
            try (VectorSchemaRoot batch = builder.build()) {
                assertThat(batch.getRowCount()).isZero();
            }
        }
    }

    @Test
    void a_value_that_does_not_fit_is_refused_with_field_row_expected_and_found() {
        try (RecordBuilder builder = RecordBuilder.create(SCHEMA, allocator)) {
            assertThatThrownBy(() -> builder.append(3, 40_000))
                    .hasMessage("column 3 (small), row 0: expected Int(16, true), found the integer 40000");
            assertThatThrownBy(() -> builder.append(4, "text"))
                    .hasMessage("column 4 (big), row 0: expected Int(64, true), found text");
            assertThatThrownBy(() -> builder.append(0, true)).hasMessageContaining("found the boolean true");
            assertThatThrownBy(() -> builder.append(2, new byte[1])).hasMessageContaining("found bytes");
            assertThatThrownBy(builder::endRow)
                    .hasMessage("column 0 (name), row 0: expected Utf8 not null, found nothing");
            builder.append(0, "good").endRow();
            try (VectorSchemaRoot batch = builder.build()) {
                assertThat(batch.getRowCount()).isOne();
            }
        }
    }

    @Test
    void thousands_of_rows_grow_the_batch() {
        try (RecordBuilder builder = RecordBuilder.create(SCHEMA, allocator)) {
            for (int i = 0; i < 10_000; i++) {
                builder.append(0, "row " + i).append(4, i).endRow();
            }
            try (VectorSchemaRoot batch = builder.build()) {
                assertThat(batch.getRowCount()).isEqualTo(10_000);
                assertThat(batch.getVector(0).getObject(9_999)).isEqualTo(new Text("row 9999"));
                assertThat(batch.getVector(4).getObject(9_999)).isEqualTo(9_999L);
            }
        }
    }

    @Test
    void a_closed_builder_takes_no_more_and_allocates_nothing() {
        RecordBuilder builder = RecordBuilder.create(SCHEMA, allocator);
        builder.append(0, "x").endRow();
        builder.close();
        builder.close();
        assertThatThrownBy(() -> builder.append(0, "x")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> builder.append(0, new byte[1])).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> builder.append(0, true)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> builder.append(4, 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(builder::endRow).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(builder::build).isInstanceOf(IllegalStateException.class);
        assertThat(allocator.getAllocatedMemory()).isZero();
    }

    private static Field field(String name, ArrowType type, Field... children) {
        return new Field(name, FieldType.nullable(type), List.of(children));
    }

    private static Field required(String name, ArrowType type, Field... children) {
        return new Field(name, FieldType.notNullable(type), List.of(children));
    }

    private RecordBuilder builder(Field... fields) {
        return RecordBuilder.create(new Schema(List.of(fields)), allocator);
    }

    /** The only column's values. */
    private static List<Object> values(VectorSchemaRoot batch) {
        List<Object> values = new ArrayList<>();
        for (int row = 0; row < batch.getRowCount(); row++) {
            values.add(JavaValues.get(batch.getVector(0), row));
        }
        return values;
    }

    private static IllegalArgumentException refusal(ThrowingCallable call) {
        return catchThrowableOfType(IllegalArgumentException.class, call);
    }

    @Test
    void what_is_lent_is_good_until_the_next_append_which_begins_an_empty_batch_in_the_same_memory() {
        try (RecordBuilder builder = builder(field("id", LONG))) {
            builder.append(0, 1L).endRow();
            VectorSchemaRoot batch = builder.lend();
            assertThat(values(batch)).containsExactly(1L);
            long address = batch.getVector(0).getDataBufferAddress();
            builder.appendNull(0).endRow();
            builder.append(0, 3L).endRow();
            assertThat(builder.lend()).isSameAs(batch);
            assertThat(values(batch)).containsExactly(null, 3L);
            assertThat(batch.getVector(0).getDataBufferAddress()).isEqualTo(address);
        }
    }

    @Test
    void no_bit_of_an_earlier_batch_is_left_in_the_last_byte_of_a_bool_column() {
        try (RecordBuilder builder = builder(field("flag", ArrowType.Bool.INSTANCE))) {
            for (int row = 0; row < 8; row++) {
                builder.append(0, true).endRow();
            }
            builder.lend();
            builder.append(0, true).endRow();
            assertThat(builder.lend().getVector(0).getDataBuffer().getByte(0)).isOne();
        }
    }

    @Test
    void who_retains_a_buffer_of_what_was_lent_keeps_it_as_it_is() {
        Field list = field("list", ArrowType.List.INSTANCE, field("e", LONG));
        try (RecordBuilder builder = builder(field("id", LONG), field("text", ArrowType.Utf8.INSTANCE), list)) {
            for (int batch = 0; batch < 3; batch++) {
                builder.append(0, 10L + batch).append(1, "old").column(2).begin();
                builder.column(2).child(0).append(7L);
                builder.endRow();
                VectorSchemaRoot lent = builder.lend();
                List<ArrowBuf> kept = new ArrayList<>();
                for (FieldVector vector : lent.getFieldVectors()) {
                    kept.addAll(List.of(vector.getBuffers(false)));
                }
                kept.forEach(buffer -> buffer.getReferenceManager().retain());
                List<byte[]> before = kept.stream()
                        .map(buffer -> bytes(buffer, buffer.writerIndex()))
                        .toList();
                builder.append(0, -1L).append(1, "newer").column(2).appendNull();
                builder.endRow();
                builder.lend();
                for (int i = 0; i < kept.size(); i++) {
                    assertThat(bytes(kept.get(i), before.get(i).length)).isEqualTo(before.get(i));
                }
                kept.forEach(ArrowBuf::close);
            }
        }
    }

    private static byte[] bytes(ArrowBuf buffer, long length) {
        byte[] bytes = new byte[(int) length];
        buffer.getBytes(0, bytes);
        return bytes;
    }

    @Test
    void a_batch_moves_into_a_root_that_somebody_else_has() {
        Schema schema = new Schema(List.of(field("list", ArrowType.List.INSTANCE, field("e", LONG))));
        try (BufferAllocator other = allocator.newChildAllocator("other", 0, Long.MAX_VALUE);
                RecordBuilder builder = RecordBuilder.create(schema, allocator);
                VectorSchemaRoot target = VectorSchemaRoot.create(schema, other)) {
            for (int batch = 1; batch <= 3; batch++) {
                for (int row = 0; row < batch; row++) {
                    builder.column(0).begin();
                    builder.column(0).child(0).append(row);
                    builder.endRow();
                }
                builder.buildInto(target);
                assertThat(target.getRowCount()).isEqualTo(batch);
                assertThat(values(target).get(batch - 1)).isEqualTo(List.of(batch - 1L));
                assertThat(other.getAllocatedMemory()).isPositive();
            }
        }
    }

    @Test
    void a_batch_that_is_built_into_the_builders_own_root_is_there() {
        try (RecordBuilder builder = builder(field("id", LONG), field("text", ArrowType.Utf8.INSTANCE))) {
            VectorSchemaRoot own = builder.lend();
            builder.append(0, 7L).append(1, "seven").endRow();
            builder.buildInto(own);
            assertThat(values(own)).containsExactly(7L);
            assertThat(own.getVector(1).getObject(0)).isEqualTo(new Text("seven"));
            builder.append(0, 8L).endRow();
            assertThat(values(builder.lend())).containsExactly(8L);
        }
    }

    @Test
    void a_root_of_another_schema_or_of_another_allocators_root_is_refused() {
        try (BufferAllocator foreign = new RootAllocator();
                RecordBuilder builder = builder(field("id", LONG));
                VectorSchemaRoot elsewhere = VectorSchemaRoot.create(builder.schema(), foreign);
                VectorSchemaRoot other = VectorSchemaRoot.create(SCHEMA, allocator)) {
            builder.append(0, 1L).endRow();
            assertThat(refusal(() -> builder.buildInto(elsewhere))).hasMessageContaining("whose root is not");
            assertThat(refusal(() -> builder.buildInto(other))).hasMessageContaining("cannot be built into");
            assertThat(values(builder.lend())).containsExactly(1L);
        }
    }

    @Test
    void null_where_it_must_not_be_is_refused_and_the_row_stays_open() {
        try (RecordBuilder builder = builder(required("id", LONG))) {
            assertThat(refusal(() -> builder.appendNull(0)))
                    .hasMessage("column 0 (id), row 0: expected Int(64, true) not null, found null");
            assertThat(refusal(builder::endRow))
                    .hasMessage("column 0 (id), row 0: expected Int(64, true) not null, found nothing");
            builder.append(0, 5L).endRow();
            assertThat(values(builder.lend())).containsExactly(5L);
        }
    }

    @Test
    void two_values_in_one_row_are_refused_and_neither_is_left() {
        try (RecordBuilder builder = builder(field("id", LONG), field("text", ArrowType.Utf8.INSTANCE))) {
            builder.append(0, 1L).endRow();
            builder.append(0, 2L).append(1, "one").append(1, "two");
            assertThat(refusal(builder::endRow)).hasMessage("column 1 (text), row 1: expected Utf8, found 2 values");
            builder.append(1, "three").endRow();
            VectorSchemaRoot batch = builder.lend();
            assertThat(values(batch)).containsExactly(1L, 2L);
            assertThat(batch.getVector(1).getObject(1)).isEqualTo(new Text("three"));
        }
    }

    @Test
    void columns_of_unequal_length_are_refused_and_stay_as_they_are() {
        try (RecordBuilder builder = builder(field("a", LONG), field("b", LONG))) {
            builder.column("a").appendAll(new long[] {1, 2, 3}, 0, 3, null);
            builder.column("b").appendAll(new long[] {1, 2}, 0, 2, null);
            assertThatThrownBy(builder::build)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("a 3, b 2");
            builder.column("b").append(3L);
            try (VectorSchemaRoot batch = builder.build()) {
                assertThat(values(batch)).containsExactly(1L, 2L, 3L);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80",
                "c2",
                "c0af",
                "e08080",
                "eda080",
                "f0808080",
                "f4908080",
                "f5808080",
                "61ff",
                "e282",
                "6161616161616161c3"
            })
    void bytes_that_are_not_utf8_are_refused_with_where(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        try (RecordBuilder builder = builder(field("text", ArrowType.Utf8.INSTANCE))) {
            assertThat(refusal(() -> builder.append(0, bytes)))
                    .hasMessageContaining("bytes that are not UTF-8, from the byte ");
            builder.append(0, "good").endRow();
            assertThat(values(builder.lend())).containsExactly("good");
        }
    }

    @Test
    void text_is_written_as_utf8_and_half_a_surrogate_pair_refused() {
        List<String> texts =
                List.of("", "a", "12345678", "12345678é", "é", "€uro", "\uD834\uDD1E", "x".repeat(3_000) + "é");
        try (RecordBuilder builder = builder(field("text", ArrowType.Utf8.INSTANCE))) {
            for (String text : texts) {
                builder.append(0, text).endRow();
                builder.append(0, text.getBytes(StandardCharsets.UTF_8)).endRow();
            }
            assertThat(refusal(() -> builder.append(0, "a\uD834"))).hasMessageContaining("half of a surrogate pair");
            assertThat(refusal(() -> builder.append(0, "\uDD1E\uD834")))
                    .hasMessageContaining("half of a surrogate pair");
            List<Object> expected = new ArrayList<>();
            texts.forEach(text -> expected.addAll(List.of(text, text)));
            assertThat(values(builder.lend())).isEqualTo(expected);
        }
    }

    @Test
    void lengths_and_offsets_that_lie_are_refused() {
        byte[] bytes = new byte[8];
        try (RecordBuilder builder = builder(field("text", ArrowType.Binary.INSTANCE), field("id", LONG))) {
            Appender text = builder.column(0);
            Appender id = builder.column(1);
            for (int[] wrong :
                    new int[][] {{-1, 1}, {0, 9}, {8, 1}, {1, -1}, {Integer.MAX_VALUE, 1}, {1, Integer.MAX_VALUE}}) {
                assertThat(refusal(() -> text.append(bytes, wrong[0], wrong[1])))
                        .isNotNull();
                assertThat(refusal(() -> id.appendAll(new long[8], wrong[0], wrong[1], null)))
                        .isNotNull();
            }
            assertThat(refusal(() -> text.appendAll(bytes, new int[] {0, 4, 2}, 2, null)))
                    .isNotNull();
            assertThat(refusal(() -> text.appendAll(bytes, new int[] {0, 4, 9}, 2, null)))
                    .isNotNull();
            assertThat(refusal(() -> text.appendAll(bytes, new int[] {0, 4}, 2, null)))
                    .isNotNull();
            assertThat(refusal(() -> id.appendAll(ByteBuffer.allocate(15), 2, null)))
                    .isNotNull();
            assertThat(refusal(() -> id.appendAll(ByteBuffer.allocate(16), -1, null)))
                    .isNotNull();
            assertThat(builder.lend().getRowCount()).isZero();
        }
    }

    @Test
    void whole_columns_are_appended_from_arrays_buffers_and_vectors() {
        try (RecordBuilder builder = builder(field("id", LONG))) {
            Appender id = builder.column(0);
            id.appendAll(new long[] {9, 1, 2, 3}, 1, 3, new long[] {0b101});
            id.appendAll(
                    ByteBuffer.allocate(16)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(4)
                            .putLong(5)
                            .flip(),
                    2,
                    null);
            id.appendAll(
                    ByteBuffer.allocateDirect(16)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(6)
                            .putLong(7)
                            .flip(),
                    2,
                    new long[0]);
            builder.endRows();
            try (VectorSchemaRoot first = builder.build()) {
                assertThat(values(first)).containsExactly(1L, null, 3L, 4L, 5L, null, null);
                id.appendAll(first.getVector(0), 1, 3);
                builder.append(0, 8L).column(0).append(9L);
                assertThat(values(builder.lend())).containsExactly(null, 3L, 4L, 8L, 9L);
            }
        }
    }

    @Test
    void values_out_of_their_columns_range_are_refused() {
        ArrowType decimal = new ArrowType.Decimal(5, 2, 128);
        ArrowType seconds = new ArrowType.Timestamp(TimeUnit.SECOND, "UTC");
        ArrowType time = new ArrowType.Time(TimeUnit.SECOND, 32);
        try (RecordBuilder builder = builder(
                field("u8", new ArrowType.Int(8, false)),
                field("u64", new ArrowType.Int(64, false)),
                field("decimal", decimal),
                field("at", seconds),
                field("time", time),
                field("half", new ArrowType.FloatingPoint(FloatingPointPrecision.HALF)),
                field("fixed", new ArrowType.FixedSizeBinary(3)))) {
            assertThat(refusal(() -> builder.append(0, 256L))).hasMessageContaining("found the integer 256");
            assertThat(refusal(() -> builder.append(0, -1L))).isNotNull();
            assertThat(refusal(() -> builder.append(1, -1L))).isNotNull();
            assertThat(refusal(() -> builder.column(1).append(BigInteger.TWO.pow(64))))
                    .isNotNull();
            assertThat(refusal(() -> builder.column(2).append(new BigDecimal("1.5"))))
                    .hasMessageContaining("of scale 1");
            assertThat(refusal(() -> builder.column(2).append(new BigDecimal("1000.00"))))
                    .isNotNull();
            assertThat(refusal(() -> builder.column(3).append(Instant.ofEpochMilli(1))))
                    .hasMessageContaining("finer");
            assertThat(refusal(() -> builder.column(3).append(LocalDateTime.MIN)))
                    .hasMessageContaining("without a zone");
            assertThat(refusal(() -> builder.append(4, 86_400L))).isNotNull();
            assertThat(refusal(() -> builder.column(4).appendAll(new int[] {1, 86_400}, 0, 2, null)))
                    .isNotNull();
            assertThat(refusal(() -> builder.append(5, 70_000f))).isNotNull();
            assertThat(refusal(() -> builder.append(5, 1.0))).isNotNull();
            assertThat(refusal(() -> builder.append(6, new byte[4]))).hasMessageContaining("found 4 bytes");
            builder.column(1).append(BigInteger.TWO.pow(64).subtract(BigInteger.ONE));
            builder.endRow();
            assertThat(JavaValues.get(builder.lend().getVector(1), 0))
                    .isEqualTo(BigInteger.TWO.pow(64).subtract(BigInteger.ONE));
        }
    }

    @Test
    void lists_are_begun_and_filled_until_the_next_begins() {
        try (RecordBuilder builder = builder(field("list", ArrowType.List.INSTANCE, field("e", LONG)))) {
            Appender list = builder.column(0);
            Appender element = list.child(0);
            list.begin();
            element.append(1L);
            element.appendNull();
            builder.endRow();
            builder.endRow();
            list.begin();
            builder.endRow();
            element.append(5L);
            assertThat(refusal(list::begin)).hasMessageContaining("elements before the begin of a value");
            list.begin();
            element.append(3L);
            builder.endRow();
            assertThat(values(builder.lend())).containsExactly(Arrays.asList(1L, null), null, List.of(), List.of(3L));
        }
    }

    @Test
    void a_nested_value_that_is_not_complete_is_refused_and_taken_back() {
        Field entry = required("entries", ArrowType.Struct.INSTANCE, required("k", LONG), field("v", LONG));
        Field struct = field("struct", ArrowType.Struct.INSTANCE, required("a", LONG), field("b", LONG));
        Field pair = field("pair", new ArrowType.FixedSizeList(2), field("e", LONG));
        try (RecordBuilder builder = builder(struct, field("map", new ArrowType.Map(false), entry), pair)) {
            builder.column(0).begin();
            builder.column(0).child("b").append(2L);
            assertThat(refusal(builder::endRow))
                    .hasMessage("column 0 (struct), row 0: expected Struct, found no value of a");
            builder.column(0).begin();
            builder.column(0).child("a").append(1L);
            builder.column(1).begin();
            builder.column(1).child(0).append(1L);
            assertThat(refusal(builder::endRow)).hasMessageContaining("found 1 keys and 0 values");
            builder.column(1).begin();
            builder.column(1).child(0).append(1L);
            builder.column(1).child(1).append(2L);
            builder.column(2).begin();
            builder.column(2).child(0).append(1L);
            assertThat(refusal(builder::endRow)).hasMessageContaining("found a list of 1");
            builder.column(2).begin();
            builder.column(2).child(0).append(1L);
            builder.column(2).child(0).append(2L);
            builder.endRow();
            VectorSchemaRoot batch = builder.lend();
            assertThat(batch.getRowCount()).isOne();
            assertThat(JavaValues.get(batch.getVector(1), 0)).isEqualTo(Map.of(1L, 2L));
            assertThat(JavaValues.get(batch.getVector(2), 0)).isEqualTo(List.of(1L, 2L));
        }
    }

    @Test
    void what_cannot_be_built_is_said_when_the_builder_is_made() {
        assertThatThrownBy(() -> builder(field("view", ArrowType.Utf8View.INSTANCE)))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("column 0 (view)");
    }

    @Test
    void a_column_that_is_not_there_is_told() {
        try (RecordBuilder builder = builder(field("id", LONG))) {
            assertThat(refusal(() -> builder.append(1, 1L))).hasMessage("there is no column 1: the schema has 1");
            assertThat(refusal(() -> builder.column("x"))).hasMessageContaining("there is no column 'x'");
            assertThat(refusal(() -> builder.column(0).child(0))).hasMessageContaining("column 0 (id) has no child 0");
        }
    }

    @Test
    void nothing_of_an_earlier_batch_is_left_under_nulls() {
        try (RecordBuilder builder = builder(field("id", LONG))) {
            builder.append(0, 0x5EC2E7L).endRow();
            builder.lend();
            builder.endRow();
            assertThat(builder.lend().getVector(0).getDataBuffer().getLong(0)).isZero();
        }
    }
}
