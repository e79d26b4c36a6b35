package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.impl.Flight.FlightData;
import org.apache.arrow.flight.impl.Flight.FlightDescriptor;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementUpdate;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One lie in each test. */
class UploadCheckTest {
    private static final ByteString COMMAND =
            Any.pack(CommandStatementUpdate.getDefaultInstance()).toByteString();
    private static final long HUGE = Integer.MAX_VALUE - 1;

    /** So many that the number is in the header once. */
    private static final int ROWS = 1_234;

    private final BufferAllocator allocator = new RootAllocator(0);
    private final UploadCheck check = new UploadCheck(allocator, 1 << 20);
    private final UploadBytes.Part numbers = UploadBytes.schema(UploadBytes.numbersAndText());
    private final UploadBytes.Part batch = UploadBytes.numbersAndTextBatch(ROWS);
    private final UploadBytes.Part nested = UploadBytes.schema(UploadBytes.nested());
    private final UploadBytes.Part nestedBatch = UploadBytes.nestedBatch(ROWS);

    @AfterEach
    void nothingWasAllocated() {
        assertThat(allocator.getPeakMemoryAllocation()).isZero();
        allocator.close();
    }

    private boolean accept(byte[] message) {
        ByteArrayInputStream in = new ByteArrayInputStream(message);
        boolean isKept = check.accept(in, message.length);
        assertThat(in.available()).isZero();
        return isKept;
    }

    private void refused(byte[] message, String why) {
        refused(message, FlightStatusCode.INVALID_ARGUMENT, why);
    }

    private void refused(byte[] message, FlightStatusCode code, String why) {
        FlightRuntimeException refusal = catchThrowableOfType(FlightRuntimeException.class, () -> accept(message));
        assertThat(refusal).as("refusal of %d bytes", message.length).isNotNull();
        assertThat(refusal).hasMessageContaining(why);
        assertThat(refusal.status().code()).isEqualTo(code);
    }

    private static byte[] joined(byte[]... parts) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.write(part);
        }
        return out.toByteArray();
    }

    /** A field of which the length is said to be {@code length}. */
    private static byte[] field(int number, int length, byte... bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CodedOutputStream coded = CodedOutputStream.newInstance(out);
        coded.writeTag(number, 2);
        coded.writeUInt32NoTag(length);
        coded.flush();
        out.write(bytes);
        return out.toByteArray();
    }

    // What is in order.

    @Test
    void what_is_in_order_is_taken_and_only_batches_are_kept() {
        assertThat(accept(numbers.message(COMMAND))).isFalse();
        assertThat(accept(batch.message())).isTrue();
        assertThat(accept(UploadBytes.numbersAndTextBatch(0).message())).isTrue();
    }

    @Test
    void a_dictionary_and_nested_columns_are_taken() {
        accept(nested.message(COMMAND));
        assertThat(accept(UploadBytes.dictionary().message())).isTrue();
        assertThat(accept(nestedBatch.message())).isTrue();
    }

    @Test
    void a_command_alone_is_taken_before_the_schema() {
        assertThat(accept(new UploadBytes.Part(null, null).message(COMMAND))).isFalse();
        assertThat(accept(numbers.message())).isFalse();
        assertThat(accept(batch.message())).isTrue();
    }

    // Frames.

    @Test
    void a_field_longer_than_its_message_is_refused() throws IOException {
        refused(field(1_000, Integer.MAX_VALUE, (byte) 1), "says it has 2147483647 bytes, of which 1 are left");
    }

    @Test
    void a_negative_length_is_refused() throws IOException {
        refused(field(2, -1), "a length is more than");
    }

    @Test
    void a_message_that_ends_within_a_number_is_refused() {
        refused(new byte[] {(byte) 0x80}, "ends within a number");
    }

    @Test
    void a_field_that_is_there_twice_is_refused() throws IOException {
        byte[] message = numbers.message(COMMAND);
        refused(joined(message, message), "follows field");
    }

    @Test
    void two_bodies_are_refused() throws IOException {
        accept(numbers.message(COMMAND));
        refused(joined(batch.message(), field(1_000, 8, new byte[8])), "field 1000 of wire type 2 follows field 1000");
    }

    @Test
    void an_unknown_field_is_refused() throws IOException {
        refused(field(77, 1, (byte) 0), "there is no field 77");
    }

    @Test
    void an_upload_without_a_command_is_refused() {
        refused(numbers.message(), "says no command");
    }

    @Test
    void a_path_instead_of_a_command_is_refused() {
        FlightDescriptor path = FlightDescriptor.newBuilder()
                .setType(FlightDescriptor.DescriptorType.PATH)
                .addPath("table")
                .build();
        refused(FlightData.newBuilder().setFlightDescriptor(path).build().toByteArray(), "send a Flight SQL command");
    }

    @Test
    void a_command_that_is_none_of_flight_sql_is_refused() {
        refused(numbers.message(ByteString.copyFromUtf8("DROP TABLE t")), "the command is not of Flight SQL");
    }

    // The order of messages.

    @Test
    void a_batch_before_the_schema_is_refused() {
        refused(batch.message(COMMAND), "before the schema");
    }

    @Test
    void a_second_schema_is_refused() {
        accept(numbers.message(COMMAND));
        refused(numbers.message(), "second schema");
    }

    @Test
    void dictionaries_without_a_batch_between_are_bounded() {
        accept(nested.message(COMMAND));
        for (int i = 0; i < 100; i++) {
            assertThat(accept(UploadBytes.dictionary().message())).isTrue();
        }
        byte[] another = UploadBytes.dictionary().message();
        refused(another, "more than 100 dictionaries");
    }

    @Test
    void a_dictionary_that_the_schema_does_not_have_is_refused() {
        accept(nested.message(COMMAND));
        refused(UploadBytes.dictionary().with(UploadBytes.DICTIONARY, 12).message(), "no dictionary 12");
    }

    @Test
    void a_body_without_a_batch_is_refused() {
        refused(numbers.withBody(new byte[8]).message(COMMAND), "belongs to no batch");
    }

    // Headers.

    @Test
    void a_header_of_no_bytes_is_refused() throws IOException {
        refused(joined(new UploadBytes.Part(null, null).message(COMMAND), field(2, 0)), "malformed Arrow header");
    }

    @Test
    void every_header_that_is_cut_off_is_refused() {
        for (int length = 1; length < numbers.header().length; length++) {
            UploadBytes.Part cut = new UploadBytes.Part(Arrays.copyOf(numbers.header(), length), null);
            FlightRuntimeException refusal =
                    catchThrowableOfType(FlightRuntimeException.class, () -> accept(cut.message(COMMAND)));
            // The last bytes may be padding.
            assertThat(refusal != null || cut.header().length > numbers.header().length - 8)
                    .as("refused at %d bytes", length)
                    .isTrue();
            if (refusal == null) {
                break;
            }
        }
    }

    @Test
    void a_header_whose_offset_leads_back_is_refused() {
        byte[] header = numbers.header().clone();
        Arrays.fill(header, 0, 4, (byte) -1);
        refused(new UploadBytes.Part(header, null).message(COMMAND), "the offset at 0 is -1");
    }

    @Test
    void a_schema_that_is_nested_too_deeply_is_refused() {
        Field field = Field.nullable("x", new ArrowType.Int(32, true));
        for (int depth = 0; depth < IpcHeader.MAX_DEPTH; depth++) {
            field = new Field("x", FieldType.nullable(ArrowType.List.INSTANCE), List.of(field));
        }
        refused(UploadBytes.schema(new Schema(List.of(field))).message(COMMAND), "levels of fields");
    }

    @Test
    void a_schema_of_too_many_fields_is_refused() {
        Field[] fields = new Field[IpcHeader.MAX_FIELDS + 1];
        Arrays.setAll(fields, i -> Field.nullable("f" + i, ArrowType.Bool.INSTANCE));
        refused(UploadBytes.schema(new Schema(List.of(fields))).message(COMMAND), "may have 10000 fields");
    }

    @Test
    void two_members_of_one_name_are_refused() {
        Field member = Field.nullable("x", ArrowType.Bool.INSTANCE);
        Field struct = new Field("r", FieldType.nullable(ArrowType.Struct.INSTANCE), List.of(member, member));
        refused(UploadBytes.schema(new Schema(List.of(struct))).message(COMMAND), "two members x");
    }

    @Test
    void a_type_whose_batches_cannot_be_checked_is_refused() {
        Schema views = new Schema(List.of(Field.nullable("v", ArrowType.Utf8View.INSTANCE)));
        refused(UploadBytes.schema(views).message(COMMAND), FlightStatusCode.UNIMPLEMENTED, "column v");
    }

    @Test
    void a_type_that_arrow_has_no_vector_for_is_refused() {
        Schema schema = new Schema(List.of(Field.nullable("v", new ArrowType.Int(24, true))));
        refused(UploadBytes.schema(schema).message(COMMAND), "no vectors for its schema");
    }

    @Test
    void metadata_before_the_schema_is_refused() {
        byte[] message = FlightData.newBuilder()
                .setFlightDescriptor(UploadBytes.descriptor(COMMAND))
                .setAppMetadata(ByteString.copyFromUtf8("x"))
                .build()
                .toByteArray();
        refused(message, "metadata comes before the schema");
    }

    // Batches.

    @Test
    void a_batch_of_more_rows_than_its_columns_have_is_refused() {
        accept(numbers.message(COMMAND));
        // The number of rows and the lengths of both nodes.
        refused(batch.with(ROWS, HUGE).message(), "bytes in a buffer that needs");
    }

    @Test
    void a_batch_of_a_negative_number_of_rows_is_refused() {
        accept(numbers.message(COMMAND));
        refused(batch.with(ROWS, -ROWS).message(), "-1234 rows");
    }

    @Test
    void a_body_of_another_length_than_the_header_says_is_refused() {
        accept(numbers.message(COMMAND));
        byte[] shorter = Arrays.copyOf(batch.body(), batch.body().length - 8);
        refused(batch.withBody(shorter).message(), "the header says that the body has");
        refused(batch.withBody(null).message(), "the header says that the body has");
    }

    @Test
    void a_buffer_outside_of_the_body_is_refused() {
        accept(numbers.message(COMMAND));
        // The offsets of the text, which no other number is.
        refused(batch.with((ROWS + 1) * 4L, HUGE).message(), "of a body of");
        refused(batch.with((ROWS + 1) * 4L, Long.MAX_VALUE).message(), "of a body of");
        refused(batch.with((ROWS + 1) * 4L, -8).message(), "has -8 bytes");
    }

    @Test
    void a_buffer_that_is_too_short_for_its_column_is_refused() {
        accept(numbers.message(COMMAND));
        refused(batch.with((ROWS + 1) * 4L, ROWS * 4L).message(), "in a buffer that needs 4940");
    }

    @Test
    void buffers_that_overlap_are_refused() {
        accept(numbers.message(COMMAND));
        refused(batch.with((ROWS + 1) * 4L, batch.body().length - 6_000L).message(), "overlap");
    }

    @Test
    void a_batch_of_another_schema_is_refused() {
        accept(numbers.message(COMMAND));
        refused(nestedBatch.message(), "malformed batch");
    }

    @Test
    void a_list_that_ends_behind_its_elements_is_refused() {
        accept(nested.message(COMMAND));
        byte[] body = nestedBatch.body().clone();
        // Behind the validity, which is padded: the offset with which the last list ends.
        int end = (ROWS + 63) / 64 * 8 + ROWS * 4;
        body[end + 3] = 127;
        refused(nestedBatch.withBody(body).message(), "a list ends at element");
        body[end + 3] = -1;
        refused(nestedBatch.withBody(body).message(), "a list ends at element -");
    }

    @Test
    void values_that_take_no_bytes_are_bounded() {
        accept(UploadBytes.schema(new Schema(List.of(Field.nullable("n", ArrowType.Null.INSTANCE))))
                .message(COMMAND));
        UploadBytes.Part nulls = nulls();
        assertThat(accept(nulls.message())).isTrue();
        refused(nulls.with(ROWS, HUGE).message(), "values in no bytes");
    }

    private static UploadBytes.Part nulls() {
        Schema schema = new Schema(List.of(Field.nullable("n", ArrowType.Null.INSTANCE)));
        try (BufferAllocator memory = new RootAllocator();
                VectorSchemaRoot root = VectorSchemaRoot.create(schema, memory)) {
            root.setRowCount(ROWS);
            return UploadBytes.batch(root);
        }
    }

    @Test
    void memory_that_arrow_would_take_for_what_is_left_out_is_bounded() {
        // Of structs within structs each has a validity of its own, and all of them share the one column of bytes.
        Field field = Field.nullable("b", ArrowType.Bool.INSTANCE);
        for (int depth = 1; depth < 60; depth++) {
            field = new Field("r", FieldType.nullable(ArrowType.Struct.INSTANCE), List.of(field));
        }
        Schema schema = new Schema(List.of(field));
        accept(UploadBytes.schema(schema).message(COMMAND));
        int rows = 1 << 20;
        refused(deep(rows).message(), "beside its body");
    }

    private static UploadBytes.Part deep(int rows) {
        try (BufferAllocator memory = new RootAllocator()) {
            List<ArrowFieldNode> nodes = new ArrayList<>();
            List<ArrowBuf> buffers = new ArrayList<>();
            for (int depth = 0; depth < 60; depth++) {
                nodes.add(new ArrowFieldNode(rows, 0));
                buffers.add(memory.getEmpty());
            }
            try (ArrowBuf values = memory.buffer(rows / 8)) {
                values.setZero(0, rows / 8);
                values.writerIndex(rows / 8);
                buffers.add(values);
                try (ArrowRecordBatch batch = new ArrowRecordBatch(rows, nodes, buffers)) {
                    return UploadBytes.part(batch);
                }
            }
        }
    }
}
