package dev.hatch.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.Text;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecordBuilderTest {
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
            assertThatThrownBy(() -> builder.append(0, true)).hasMessageContaining("found a boolean");
            assertThatThrownBy(() -> builder.append(0, new byte[1])).hasMessageContaining("found bytes");
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
}
