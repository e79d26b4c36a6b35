package dev.hatch.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TimeStampMicroTZVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.DenseUnionVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.complex.UnionVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.Types.MinorType;
import org.apache.arrow.vector.types.UnionMode;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.util.Text;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JavaValuesTest {
    private static final ArrowType DATE = new ArrowType.Date(DateUnit.DAY);
    private static final ArrowType TIMESTAMPTZ = new ArrowType.Timestamp(TimeUnit.MICROSECOND, "UTC");

    private final BufferAllocator allocator = new RootAllocator();

    @AfterEach
    void nothingLeaks() {
        allocator.close();
    }

    private static Field field(String name, ArrowType type, Field... children) {
        return new Field(name, FieldType.nullable(type), List.of(children));
    }

    private static ArrowType unsigned(int bits) {
        return new ArrowType.Int(bits, false);
    }

    private FieldVector vector(ArrowType type, Field... children) {
        return field("v", type, children).createVector(allocator);
    }

    @Test
    void a_list_holds_values_as_they_are_outside_of_one_and_knows_null_from_empty() {
        try (ListVector list = (ListVector) vector(ArrowType.List.INSTANCE, field("e", unsigned(64)))) {
            UInt8Vector elements = (UInt8Vector) list.getDataVector();
            list.startNewValue(0);
            elements.setSafe(0, -1);
            elements.setNull(1);
            list.endValue(0, 2);
            list.startNewValue(1);
            list.endValue(1, 0);
            list.setNull(2);
            list.setValueCount(3);

            assertThat(JavaValues.get(list, 0)).isEqualTo(Arrays.asList(new BigInteger("18446744073709551615"), null));
            assertThat(JavaValues.get(list, 1)).isEqualTo(List.of());
            assertThat(JavaValues.get(list, 2)).isNull();
        }
    }

    @Test
    void a_large_list_is_a_list() {
        try (LargeListVector list = (LargeListVector) vector(ArrowType.LargeList.INSTANCE, field("e", unsigned(16)))) {
            list.startNewValue(0);
            ((UInt2Vector) list.getDataVector()).setSafe(0, 60_000);
            list.endValue(0, 1);
            list.setValueCount(1);

            assertThat(JavaValues.get(list, 0)).isEqualTo(List.of(60_000L));
        }
    }

    @Test
    void a_list_of_fixed_size_is_a_list() {
        try (FixedSizeListVector list =
                (FixedSizeListVector) vector(new ArrowType.FixedSizeList(2), field("e", DATE))) {
            DateDayVector elements = (DateDayVector) list.getDataVector();
            list.setNull(0);
            list.setNotNull(1);
            elements.setSafe(2, 18_263);
            elements.setSafe(3, -1);
            list.setValueCount(2);

            assertThat(JavaValues.get(list, 0)).isNull();
            assertThat(JavaValues.get(list, 1))
                    .isEqualTo(List.of(LocalDate.of(2020, 1, 2), LocalDate.of(1969, 12, 31)));
        }
    }

    @Test
    void a_struct_is_a_map_in_the_order_of_its_members() {
        try (StructVector struct = (StructVector) vector(
                ArrowType.Struct.INSTANCE,
                field("u", unsigned(32)),
                field("t", ArrowType.Utf8.INSTANCE),
                field("a", unsigned(8)))) {
            struct.setIndexDefined(0);
            ((UInt4Vector) struct.getChild("u")).setSafe(0, -1);
            ((VarCharVector) struct.getChild("t")).setSafe(0, new Text("é"));
            struct.setValueCount(1);

            assertThat(JavaValues.get(struct, 0)).asString().isEqualTo("{u=4294967295, t=é, a=null}");
        }
    }

    @Test
    void a_map_is_a_map() {
        try (MapVector map = (MapVector) vector(
                new ArrowType.Map(false),
                new Field(
                        "entries",
                        FieldType.notNullable(ArrowType.Struct.INSTANCE),
                        List.of(new Field("key", FieldType.notNullable(DATE), null), field("value", unsigned(32)))))) {
            StructVector entries = (StructVector) map.getDataVector();
            map.startNewValue(0);
            entries.setIndexDefined(0);
            ((DateDayVector) entries.getChild("key")).setSafe(0, 0);
            ((UInt4Vector) entries.getChild("value")).setSafe(0, -1);
            map.endValue(0, 1);
            map.setValueCount(1);

            assertThat(JavaValues.get(map, 0)).isEqualTo(Map.of(LocalDate.EPOCH, 4_294_967_295L));
        }
    }

    @Test
    void a_union_is_its_member_s_value_even_where_two_members_have_one_type() {
        try (UnionVector union = (UnionVector) vector(
                new ArrowType.Union(UnionMode.Sparse, new int[] {0, 1, 2}),
                field("a", MinorType.INT.getType()),
                field("b", MinorType.INT.getType()),
                field("t", TIMESTAMPTZ))) {
            List<FieldVector> members = union.getChildrenFromFields();
            ((IntVector) members.get(0)).setSafe(0, 7);
            ((IntVector) members.get(1)).setSafe(1, 8);
            ((TimeStampMicroTZVector) members.get(2)).setSafe(2, 1_000_000);
            members.forEach(member -> member.setValueCount(4));
            union.setValueCount(4);
            for (int row = 0; row < 4; row++) {
                union.getTypeBuffer().setByte(row, row % 3);
            }

            assertThat(JavaValues.get(union, 0)).isEqualTo(7);
            assertThat(JavaValues.get(union, 1)).isEqualTo(8);
            assertThat(JavaValues.get(union, 2)).isEqualTo(OffsetDateTime.of(1970, 1, 1, 0, 0, 1, 0, ZoneOffset.UTC));
            assertThat(JavaValues.get(union, 3)).isNull();
        }
    }

    @Test
    void a_union_that_was_built_in_java_is_its_member_s_value() {
        try (UnionVector union = UnionVector.empty("v", allocator)) {
            union.setType(0, MinorType.DATEDAY);
            union.getDateDayVector().setSafe(0, 1);
            union.setValueCount(1);

            assertThat(JavaValues.get(union, 0)).isEqualTo(LocalDate.of(1970, 1, 2));
        }
    }

    @Test
    void a_dense_union_is_its_member_s_value() {
        try (DenseUnionVector union = (DenseUnionVector) vector(
                new ArrowType.Union(UnionMode.Dense, new int[] {3, 5}), field("a", unsigned(32)), field("b", DATE))) {
            List<FieldVector> members = union.getChildrenFromFields();
            ((UInt4Vector) members.get(0)).setSafe(0, -1);
            ((DateDayVector) members.get(1)).setSafe(0, 0);
            union.setValueCount(2);
            union.setTypeId(0, (byte) 5);
            union.setTypeId(1, (byte) 3);
            union.getOffsetBuffer().setInt(0, 0);
            union.getOffsetBuffer().setInt(4, 0);

            assertThat(JavaValues.get(union, 0)).isEqualTo(LocalDate.EPOCH);
            assertThat(JavaValues.get(union, 1)).isEqualTo(4_294_967_295L);
        }
    }

    @Test
    void a_dictionary_is_looked_up_wherever_it_is_and_must_be_known() {
        DictionaryEncoding encoding = new DictionaryEncoding(9, false, new ArrowType.Int(8, true));
        FieldType encoded = new FieldType(true, new ArrowType.Int(8, true), encoding);
        try (VarCharVector words = new VarCharVector("words", allocator);
                ListVector list = (ListVector) vector(ArrowType.List.INSTANCE, new Field("e", encoded, null))) {
            words.setSafe(0, new Text("sad"));
            words.setSafe(1, new Text("ok"));
            words.setValueCount(2);
            list.startNewValue(0);
            ((TinyIntVector) list.getDataVector()).setSafe(0, 1);
            list.endValue(0, 1);
            list.setValueCount(1);

            assertThat(JavaValues.get(list, 0, new MapDictionaryProvider(new Dictionary(words, encoding))))
                    .isEqualTo(List.of("ok"));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> JavaValues.get(list, 0))
                    .withMessage("the dictionary 9 is not known");
        }
    }

    @Test
    void bytes_stay_bytes_in_a_list() {
        try (ListVector list = (ListVector) vector(ArrowType.List.INSTANCE, field("e", ArrowType.Binary.INSTANCE))) {
            list.startNewValue(0);
            ((VarBinaryVector) list.getDataVector()).setSafe(0, "x".getBytes(StandardCharsets.UTF_8));
            list.endValue(0, 1);
            list.setValueCount(1);

            assertThat((List<?>) JavaValues.get(list, 0)).singleElement().isEqualTo(new byte[] {'x'});
        }
    }
}
