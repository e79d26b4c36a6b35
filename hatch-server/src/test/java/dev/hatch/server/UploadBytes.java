package dev.hatch.server;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.arrow.flight.impl.Flight.FlightData;
import org.apache.arrow.flight.impl.Flight.FlightDescriptor;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.complex.impl.UnionListWriter;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.ArrowDictionaryBatch;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/** The bytes of an upload as a client sends them, in parts that can be made to lie. */
final class UploadBytes {
    static final long DICTIONARY = 7_777;
    private static final DictionaryEncoding ENCODING =
            new DictionaryEncoding(DICTIONARY, false, new ArrowType.Int(8, true));

    /** A message in its parts; null for one that is left out. */
    @SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
    record Part(byte[] header, byte[] body) {
        byte[] message() {
            return message(ByteString.EMPTY);
        }

        /** @param command what the descriptor says; empty: no descriptor */
        byte[] message(ByteString command) {
            FlightData.Builder data = FlightData.newBuilder();
            if (!command.isEmpty()) {
                data.setFlightDescriptor(descriptor(command));
            }
            if (header != null) {
                data.setDataHeader(ByteString.copyFrom(header));
            }
            if (body != null) {
                data.setDataBody(ByteString.copyFrom(body));
            }
            return data.build().toByteArray();
        }

        /** Wherever the header has this number, it says another. */
        Part with(long before, long after) {
            return new Part(replaced(header, before, after), body);
        }

        Part withBody(byte[] other) {
            return new Part(header, other);
        }
    }

    private UploadBytes() {}

    static FlightDescriptor descriptor(ByteString command) {
        return FlightDescriptor.newBuilder()
                .setType(FlightDescriptor.DescriptorType.CMD)
                .setCmd(command)
                .build();
    }

    static byte[] replaced(byte[] bytes, long before, long after) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes.clone()).order(ByteOrder.LITTLE_ENDIAN);
        boolean found = false;
        for (int at = 0; at + 8 <= bytes.length; at++) {
            if (buffer.getLong(at) == before) {
                buffer.putLong(at, after);
                found = true;
                at += 7;
            }
        }
        if (!found) {
            throw new AssertionError(before + " is not in the header");
        }
        return buffer.array();
    }

    static Schema numbersAndText() {
        return new Schema(List.of(
                Field.nullable("i", new ArrowType.Int(32, true)), Field.nullable("s", ArrowType.Utf8.INSTANCE)));
    }

    /** A list of integers, a struct of an integer, and text through a dictionary. */
    static Schema nested() {
        return new Schema(List.of(
                new Field(
                        "l",
                        FieldType.nullable(ArrowType.List.INSTANCE),
                        List.of(Field.nullable("$data$", new ArrowType.Int(32, true)))),
                new Field(
                        "r",
                        FieldType.nullable(ArrowType.Struct.INSTANCE),
                        List.of(Field.nullable("x", new ArrowType.Int(32, true)))),
                new Field("d", new FieldType(true, ArrowType.Utf8.INSTANCE, ENCODING), List.of())));
    }

    static Part schema(Schema schema) {
        return new Part(bytes(MessageSerializer.serializeMetadata(schema, IpcOption.DEFAULT)), null);
    }

    /** Of {@link #numbersAndText}. */
    static Part numbersAndTextBatch(int rows) {
        try (BufferAllocator memory = new RootAllocator();
                VectorSchemaRoot root = VectorSchemaRoot.create(numbersAndText(), memory)) {
            for (int row = 0; row < rows; row++) {
                ((IntVector) root.getVector(0)).setSafe(row, row);
                ((VarCharVector) root.getVector(1)).setSafe(row, ("row " + row).getBytes(StandardCharsets.UTF_8));
            }
            root.setRowCount(rows);
            return batch(root);
        }
    }

    /** Of {@link #nested}; each list has two elements. */
    static Part nestedBatch(int rows) {
        try (BufferAllocator memory = new RootAllocator();
                ListVector list = (ListVector) nested().getFields().get(0).createVector(memory);
                StructVector struct = (StructVector) nested().getFields().get(1).createVector(memory);
                TinyIntVector indices =
                        new TinyIntVector("d", new FieldType(true, new ArrowType.Int(8, true), ENCODING), memory)) {
            UnionListWriter writer = list.getWriter();
            IntVector member = (IntVector) struct.getChild("x");
            for (int row = 0; row < rows; row++) {
                writer.setPosition(row);
                writer.startList();
                writer.writeInt(row);
                writer.writeInt(-row);
                writer.endList();
                struct.setIndexDefined(row);
                member.setSafe(row, row);
                indices.setSafe(row, row % 2);
            }
            writer.setValueCount(rows);
            struct.setValueCount(rows);
            indices.setValueCount(rows);
            try (VectorSchemaRoot root = new VectorSchemaRoot(
                    List.of(list.getField(), struct.getField(), indices.getField()),
                    List.of(list, struct, indices),
                    rows)) {
                return batch(root);
            }
        }
    }

    /** The two texts that {@link #nestedBatch} refers to. */
    static Part dictionary() {
        Field field = Field.nullable("DICT" + DICTIONARY, ArrowType.Utf8.INSTANCE);
        try (BufferAllocator memory = new RootAllocator();
                VectorSchemaRoot root = VectorSchemaRoot.create(new Schema(List.of(field)), memory)) {
            VarCharVector values = (VarCharVector) root.getVector(0);
            values.setSafe(0, "zero".getBytes(StandardCharsets.UTF_8));
            values.setSafe(1, "one".getBytes(StandardCharsets.UTF_8));
            root.setRowCount(2);
            try (ArrowDictionaryBatch batch =
                    new ArrowDictionaryBatch(DICTIONARY, new VectorUnloader(root).getRecordBatch(), false)) {
                return new Part(
                        bytes(MessageSerializer.serializeMetadata(batch, IpcOption.DEFAULT)),
                        body(batch.getDictionary()));
            }
        }
    }

    static Part batch(VectorSchemaRoot root) {
        try (ArrowRecordBatch batch = new VectorUnloader(root).getRecordBatch()) {
            return part(batch);
        }
    }

    static Part part(ArrowRecordBatch batch) {
        return new Part(bytes(MessageSerializer.serializeMetadata(batch, IpcOption.DEFAULT)), body(batch));
    }

    private static byte[] body(ArrowRecordBatch batch) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            MessageSerializer.writeBatchBuffers(new WriteChannel(Channels.newChannel(out)), batch);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
