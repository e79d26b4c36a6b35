package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.impl.UnionListWriter;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Arrow loads without a word. */
class BatchesTest {
    private static final int ROWS = 10;

    private final BufferAllocator allocator = new RootAllocator();
    private final DictionaryProvider.MapDictionaryProvider dictionaries =
            new DictionaryProvider.MapDictionaryProvider();

    @AfterEach
    void nothingIsLeft() {
        allocator.close();
    }

    private void requireValid(FieldVector vector) {
        Batches.requireValid(
                new VectorSchemaRoot(List.of(vector.getField()), List.of(vector), vector.getValueCount()),
                dictionaries);
    }

    private void refused(FieldVector vector, String why) {
        FlightRuntimeException refusal = catchThrowableOfType(FlightRuntimeException.class, () -> requireValid(vector));
        assertThat(refusal).isNotNull().hasMessageContaining("malformed batch: column c: " + why);
        assertThat(refusal.status().code()).isEqualTo(FlightStatusCode.INVALID_ARGUMENT);
    }

    private VarCharVector text(byte[]... values) {
        VarCharVector vector = new VarCharVector("c", allocator);
        vector.allocateNew();
        for (int row = 0; row < values.length; row++) {
            vector.setSafe(row, values[row]);
        }
        vector.setValueCount(values.length);
        return vector;
    }

    private VarCharVector text() {
        byte[][] values = new byte[ROWS][];
        for (int row = 0; row < ROWS; row++) {
            values[row] = ("row " + row).getBytes(StandardCharsets.UTF_8);
        }
        return text(values);
    }

    @Test
    void offsets_that_go_backwards_are_refused() {
        try (VarCharVector vector = text()) {
            requireValid(vector);
            vector.getOffsetBuffer().setInt(4 * 3, 0);
            refused(vector, "its offsets go backwards");
        }
    }

    @Test
    void a_negative_offset_is_refused() {
        try (VarCharVector vector = text()) {
            vector.getOffsetBuffer().setInt(0, -5);
            refused(vector, "its offsets go backwards");
        }
    }

    @Test
    void an_offset_beyond_the_data_is_refused() {
        try (VarCharVector vector = text()) {
            vector.getOffsetBuffer()
                    .setInt(4 * ROWS, (int) vector.getDataBuffer().capacity() + 1);
            refused(vector, "an offset is beyond its data");
        }
    }

    @Test
    void a_large_offset_beyond_the_data_is_refused() {
        try (LargeVarCharVector vector = new LargeVarCharVector("c", allocator)) {
            vector.allocateNew();
            vector.setSafe(0, new byte[] {'a'});
            vector.setValueCount(1);
            requireValid(vector);
            vector.getOffsetBuffer().setLong(8, Long.MAX_VALUE);
            refused(vector, "an offset is beyond its data");
            vector.getOffsetBuffer().setLong(0, Long.MIN_VALUE);
            refused(vector, "its offsets go backwards");
        }
    }

    @Test
    void a_list_beyond_its_elements_is_refused() {
        try (ListVector vector = ListVector.empty("c", allocator)) {
            UnionListWriter writer = vector.getWriter();
            for (int row = 0; row < ROWS; row++) {
                writer.setPosition(row);
                writer.startList();
                writer.writeInt(row);
                writer.endList();
            }
            writer.setValueCount(ROWS);
            requireValid(vector);
            vector.getOffsetBuffer().setInt(4 * 2, ROWS + 5);
            refused(vector, "its offsets go backwards");
            vector.getOffsetBuffer().setInt(4 * 2, 2);
            vector.getOffsetBuffer().setInt(4 * ROWS, ROWS + 1);
            refused(vector, "an offset is beyond its data");
        }
    }

    @Test
    void an_index_beyond_its_dictionary_is_refused() {
        DictionaryEncoding encoding = new DictionaryEncoding(7, false, new ArrowType.Int(8, true));
        try (VarCharVector values = text();
                TinyIntVector vector =
                        new TinyIntVector("c", new FieldType(true, new ArrowType.Int(8, true), encoding), allocator)) {
            vector.allocateNew(3);
            vector.set(0, ROWS - 1);
            vector.setNull(1);
            vector.set(2, 0);
            vector.setValueCount(3);
            refused(vector, "it has no dictionary");
            dictionaries.put(new Dictionary(values, encoding));
            requireValid(vector);
            vector.set(2, ROWS);
            refused(vector, "an index is beyond its dictionary");
            vector.set(2, -1);
            refused(vector, "an index is beyond its dictionary");
        }
    }

    @Test
    void fewer_values_than_rows_are_refused() {
        try (IntVector vector = new IntVector("c", allocator)) {
            vector.allocateNew(ROWS);
            vector.setValueCount(ROWS);
            VectorSchemaRoot root = new VectorSchemaRoot(List.of(vector.getField()), List.of(vector), ROWS + 1);
            FlightRuntimeException refusal =
                    catchThrowableOfType(FlightRuntimeException.class, () -> Batches.requireValid(root, dictionaries));
            assertThat(refusal).hasMessageContaining("10 values of 11");
        }
    }

    @Test
    void text_in_every_script_is_taken() {
        String all = "a\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff" + new String(Character.toChars(0x10000))
                + new String(Character.toChars(0x10FFFF));
        try (VarCharVector vector = text(all.getBytes(StandardCharsets.UTF_8), new byte[0], new byte[] {'z'})) {
            requireValid(vector);
        }
    }

    /** Bytes in hexadecimal: continuation alone, cut off, overlong, a surrogate, above the last, no first byte. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "80",
                "C3",
                "E282",
                "F09F98",
                "C0AF",
                "E08080",
                "F0808080",
                "EDA080",
                "F4908080",
                "F5808080",
                "FF",
                "C341"
            })
    void text_that_is_not_utf_8_is_refused(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        try (VarCharVector vector = text(new byte[] {'a'}, bytes, new byte[] {'b'})) {
            refused(vector, "its text is not UTF-8");
            vector.setNull(1);
            requireValid(vector);
        }
        try (VarBinaryVector vector = new VarBinaryVector("c", allocator)) {
            vector.allocateNew();
            vector.setSafe(0, bytes);
            vector.setValueCount(1);
            requireValid(vector);
        }
    }

    /** Each of the two is no text, though both together are. */
    @Test
    void a_character_that_is_cut_in_two_is_refused() {
        try (VarCharVector vector = text(new byte[] {(byte) 0xC3}, new byte[] {(byte) 0xA9})) {
            refused(vector, "its text is not UTF-8");
        }
    }
}
