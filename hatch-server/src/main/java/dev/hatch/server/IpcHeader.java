package dev.hatch.server;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Set;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.vector.ipc.message.MessageMetadataResult;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The header of an Arrow message, checked before Arrow reads it. The numbers of the fields are those of Arrow's
 * Message.fbs and Schema.fbs.
 */
final class IpcHeader {
    static final byte NONE = 0;
    static final byte SCHEMA = 1;
    static final byte DICTIONARY_BATCH = 2;
    static final byte RECORD_BATCH = 3;

    /** Each field becomes a vector, so that a kilobyte of header is many of heap. */
    static final int MAX_FIELDS = 10_000;

    /** Arrow goes into them by recursion. */
    static final int MAX_DEPTH = 64;

    private static final int CONTINUATION = -1;
    private static final short V4 = 3;
    private static final short V5 = 4;
    private static final byte TIMESTAMP = 10;
    private static final byte UNION = 14;

    private final byte[] bytes;
    private final FlatBuffer.Table message;
    /** Of what the type says; null for {@link #NONE}. */
    private final FlatBuffer.@Nullable Table content;

    private final byte type;
    private final short version;
    private int fields;

    private IpcHeader(byte[] bytes) {
        this.bytes = bytes;
        message = FlatBuffer.root(bytes);
        type = message.getByte(1);
        version = message.getShort(0);
        if (version != V4 && version != V5) {
            throw FlatBuffer.malformed("its version is " + version + ", and only V4 and V5 are known");
        }
        if (type < NONE || type > RECORD_BATCH) {
            throw FlatBuffer.malformed("a message of type " + type + " is neither a schema nor a batch");
        }
        content = type == NONE ? null : message.require(2, "schema or batch");
    }

    private FlatBuffer.Table content() {
        if (content == null) {
            throw FlatBuffer.malformed("there is nothing in it");
        }
        return content;
    }

    static IpcHeader of(byte[] bytes) {
        return new IpcHeader(bytes);
    }

    /** A schema as it stands in a FlightInfo: behind its length, by which Arrow would allocate. */
    static Schema encapsulatedSchema(ByteString encapsulated) {
        ByteBuffer buffer = encapsulated.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        int length = buffer.remaining() < 8 ? 0 : buffer.getInt();
        if (length == CONTINUATION) {
            length = buffer.getInt();
        }
        if (length <= 0 || length > buffer.remaining()) {
            throw FlatBuffer.malformed(
                    "a schema of " + length + " bytes cannot be in " + encapsulated.size() + " bytes");
        }
        byte[] header = new byte[length];
        buffer.get(header);
        return of(header).schema();
    }

    byte type() {
        return type;
    }

    short version() {
        return version;
    }

    long bodyLength() {
        return message.getLong(3);
    }

    /** The id of the dictionary that a dictionary batch fills. */
    long dictionary() {
        FlatBuffer.Table dictionary = content();
        if (dictionary.getByte(2) != 0) {
            throw CallStatus.UNIMPLEMENTED
                    .withDescription("a dictionary cannot be added to: send it as a whole")
                    .toRuntimeException();
        }
        return dictionary.getLong(0);
    }

    /** Of a record batch, or of that within a dictionary batch. */
    FlatBuffer.Table batch() {
        return type == DICTIONARY_BATCH ? content().require(1, "batch of a dictionary") : content();
    }

    /** The schema, once all of it is known to be there. */
    Schema schema() {
        if (type != SCHEMA) {
            throw FlatBuffer.malformed("a message of type " + type + " where a schema is expected");
        }
        FlatBuffer.Table schema = content();
        if (schema.getShort(0) != 0) {
            throw FlatBuffer.malformed("its values are big-endian");
        }
        visitFields(schema.vector(1, 4), 1);
        visitMetadata(schema.vector(2, 4));
        Schema read;
        try {
            read = MessageSerializer.deserializeSchema(
                    MessageMetadataResult.create(ByteBuffer.wrap(bytes), bytes.length));
        } catch (RuntimeException e) {
            throw FlatBuffer.malformed("it has no valid schema: " + e.getMessage());
        }
        read.getFields().forEach(IpcHeader::requireDistinctMembers);
        return read;
    }

    private void visitFields(FlatBuffer.Vector list, int depth) {
        for (int i = 0; i < list.count(); i++) {
            fields++;
            if (fields > MAX_FIELDS || depth > MAX_DEPTH) {
                throw FlatBuffer.malformed("a schema may have " + MAX_FIELDS + " fields, and these " + MAX_DEPTH
                        + " levels of fields within them");
            }
            FlatBuffer.Table field = list.table(i);
            field.visitString(0);
            byte type = field.getByte(2);
            FlatBuffer.Table details = field.require(3, "type of a field");
            if (type == TIMESTAMP) {
                details.visitString(1);
            } else if (type == UNION) {
                FlatBuffer.Vector unused = details.vector(1, 4);
            }
            FlatBuffer.Table dictionary = field.table(4);
            if (dictionary != null) {
                FlatBuffer.Table unused = dictionary.table(1);
            }
            visitFields(field.vector(5, 4), depth + 1);
            visitMetadata(field.vector(6, 4));
        }
    }

    private static void visitMetadata(FlatBuffer.Vector pairs) {
        for (int i = 0; i < pairs.count(); i++) {
            FlatBuffer.Table pair = pairs.table(i);
            pair.visitString(0);
            pair.visitString(1);
        }
    }

    /** Arrow keeps the last of two members of one name, and then reads the batches of the others into it. */
    private static void requireDistinctMembers(Field field) {
        Set<String> names = new HashSet<>();
        for (Field child : field.getChildren()) {
            if (!names.add(String.valueOf(child.getName()))) {
                throw FlatBuffer.malformed("field " + field.getName() + " has two members " + child.getName());
            }
            requireDistinctMembers(child);
        }
    }
}
