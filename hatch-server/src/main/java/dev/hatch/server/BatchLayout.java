package dev.hatch.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BufferLayout;
import org.apache.arrow.vector.TypeLayout;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.DictionaryUtility;

/**
 * What the batches of one schema must consist of, so that Arrow's vectors find in their buffers what their lengths say.
 * Checked on the lengths alone, before the batch's memory is allocated; what the buffers hold is looked at by
 * {@link Batches}.
 */
final class BatchLayout {
    /** Of a column that takes no bytes, such as one of NULLs. */
    static final int MAX_EMPTY_ROWS = 1 << 20;

    /** Bytes of a value of fixed width, so that no product of a length overflows. */
    private static final int MAX_WIDTH = 1 << 20;

    private final List<Field> columns = new ArrayList<>();
    private final Map<Long, Field> dictionaries = new HashMap<>();

    /** @param allocator which nothing is taken from: Arrow asks for one to make the vectors of dictionaries */
    BatchLayout(Schema schema, BufferAllocator allocator) {
        Map<Long, Dictionary> vectors = new HashMap<>();
        try {
            for (Field field : schema.getFields()) {
                columns.add(DictionaryUtility.toMemoryFormat(field, allocator, vectors));
            }
        } catch (RuntimeException e) {
            throw FlatBuffer.malformed("there are no dictionaries for its schema: " + e.getMessage());
        }
        vectors.forEach((id, dictionary) -> {
            dictionaries.put(id, dictionary.getVector().getField());
            dictionary.getVector().close();
        });
        columns.forEach(BatchLayout::requireKnown);
        dictionaries.values().forEach(BatchLayout::requireKnown);
        requireVectors(new Schema(columns), allocator);
    }

    /** Flight makes them before it takes the command, for which its thread would then wait for ever. */
    private static void requireVectors(Schema schema, BufferAllocator allocator) {
        try {
            VectorSchemaRoot.create(schema, allocator).close();
        } catch (RuntimeException e) {
            throw FlatBuffer.malformed("there are no vectors for its schema: " + e.getMessage());
        }
    }

    /** Those of Arrow's types whose batches can be checked, which are those that DuckDB reads. */
    private static void requireKnown(Field field) {
        ArrowType type = storage(field.getType());
        if (type instanceof ArrowType.Union
                || type instanceof ArrowType.RunEndEncoded
                || type instanceof ArrowType.ListView
                || type instanceof ArrowType.LargeListView
                || type instanceof ArrowType.Utf8View
                || type instanceof ArrowType.BinaryView) {
            throw CallStatus.UNIMPLEMENTED
                    .withDescription("column " + field.getName() + " is of the Arrow type " + type
                            + ", which is not taken; send it as a plain one")
                    .toRuntimeException();
        }
        int children = type instanceof ArrowType.Struct ? field.getChildren().size() : isList(type) ? 1 : 0;
        boolean isWrong = field.getChildren().size() != children
                || (type instanceof ArrowType.FixedSizeList list && list.getListSize() < 0)
                || (type instanceof ArrowType.FixedSizeBinary binary
                        && (binary.getByteWidth() < 1 || binary.getByteWidth() > MAX_WIDTH))
                || (type instanceof ArrowType.Time time && time.getBitWidth() != bits(time));
        if (isWrong) {
            throw FlatBuffer.malformed("there is no field such as " + field);
        }
        field.getChildren().forEach(BatchLayout::requireKnown);
    }

    private static int bits(ArrowType.Time time) {
        return switch (time.getUnit()) {
            case SECOND, MILLISECOND -> 32;
            case MICROSECOND, NANOSECOND -> 64;
        };
    }

    private static boolean isList(ArrowType type) {
        return type instanceof ArrowType.List
                || type instanceof ArrowType.LargeList
                || type instanceof ArrowType.Map
                || type instanceof ArrowType.FixedSizeList;
    }

    private static ArrowType storage(ArrowType type) {
        return type instanceof ArrowType.ExtensionType extension ? storage(extension.storageType()) : type;
    }

    /**
     * A number in the body by which Arrow allocates: where the last element of a list ends.
     *
     * @param at where it is in the body
     * @param bytes how long it is
     * @param max what it may be
     */
    record End(long at, int bytes, long max) {}

    /**
     * Checks the header of a record batch.
     *
     * @param maxExtra what Arrow may allocate beside the body
     * @return what is to be looked at in the body before Arrow reads it
     */
    List<End> check(FlatBuffer.Table batch, long bodyLength, long maxExtra) {
        return new Check(batch, bodyLength, maxExtra).run(columns);
    }

    /** As {@link #check}, of the batch that fills a dictionary. */
    List<End> checkDictionary(long id, FlatBuffer.Table batch, long bodyLength, long maxExtra) {
        Field values = dictionaries.get(id);
        if (values == null) {
            throw malformed("the schema has no dictionary " + id);
        }
        return new Check(batch, bodyLength, maxExtra).run(List.of(values));
    }

    private static FlightRuntimeException malformed(String what) {
        return CallStatus.INVALID_ARGUMENT
                .withDescription("malformed batch: " + what)
                .toRuntimeException();
    }

    /** One batch, whose nodes and buffers stand in the order of the fields, parents first. */
    private static final class Check {
        private final long bodyLength;
        private final long maxExtra;
        private final long rows;
        private final FlatBuffer.Vector nodes;
        private final FlatBuffer.Vector buffers;
        private final List<End> ends = new ArrayList<>();
        private int node;
        private int buffer;
        private long used;
        private long extra;

        Check(FlatBuffer.Table batch, long bodyLength, long maxExtra) {
            this.bodyLength = bodyLength;
            this.maxExtra = maxExtra;
            rows = batch.getLong(0);
            nodes = batch.vector(1, 16);
            buffers = batch.vector(2, 16);
            if (batch.has(3)) {
                throw CallStatus.UNIMPLEMENTED
                        .withDescription("compressed batches are not taken; send them uncompressed")
                        .toRuntimeException();
            }
            if (batch.vector(4, 8).count() != 0) {
                throw malformed("it has variadic buffers, which belong to views");
            }
        }

        List<End> run(List<Field> fields) {
            if (rows < 0 || rows > Integer.MAX_VALUE || (fields.isEmpty() && rows > MAX_EMPTY_ROWS)) {
                throw malformed("it has " + rows + " rows");
            }
            for (Field field : fields) {
                long length = column(field);
                if (length != rows) {
                    throw malformed("column " + field.getName() + " has " + length + " values in " + rows + " rows");
                }
            }
            if (node != nodes.count() || buffer != buffers.count()) {
                throw malformed("it has " + nodes.count() + " nodes and " + buffers.count()
                        + " buffers; its schema has " + node + " and " + buffer);
            }
            return ends;
        }

        /** Returns how many values there are. */
        private long column(Field field) {
            if (node == nodes.count()) {
                throw malformed("there is no node for " + field.getName());
            }
            long length = nodes.getLong(node, 0);
            long nulls = nodes.getLong(node, 8);
            node++;
            if (length < 0 || length >= Integer.MAX_VALUE || nulls < 0 || nulls > length) {
                throw malformed(field.getName() + " has " + length + " values, of which " + nulls + " are null");
            }
            ArrowType type = storage(field.getType());
            List<BufferLayout> layout = TypeLayout.getTypeLayout(type).getBufferLayouts();
            long bytesBefore = used;
            for (int i = 0; i < layout.size(); i++) {
                one(field, layout.get(i), length, nulls);
            }
            children(field, type, length);
            if (used == bytesBefore && length > MAX_EMPTY_ROWS) {
                throw malformed(field.getName() + " has " + length + " values in no bytes");
            }
            return length;
        }

        private void one(Field field, BufferLayout layout, long length, long nulls) {
            if (buffer == buffers.count()) {
                throw malformed("there is no buffer for " + field.getName());
            }
            long offset = buffers.getLong(buffer, 0);
            long bytes = buffers.getLong(buffer, 8);
            buffer++;
            if (offset < 0 || bytes < 0 || offset > bodyLength || bytes > bodyLength - offset) {
                throw malformed(
                        field.getName() + " has " + bytes + " bytes at " + offset + " of a body of " + bodyLength);
            }
            used += bytes;
            if (used > bodyLength) {
                throw malformed("its buffers are longer than the body of " + bodyLength + " bytes, so they overlap");
            }
            switch (layout.getType()) {
                case VALIDITY -> {
                    if (bytes == 0 && (nulls == 0 || nulls == length)) {
                        allocate((length + 7) / 8);
                    } else {
                        require(field, bytes, (length + 7) / 8);
                    }
                }
                case OFFSET -> {
                    int width = layout.getTypeBitWidth() / 8;
                    if (length > 0) {
                        require(field, bytes, (length + 1) * width);
                    }
                }
                case DATA -> {
                    // Of variable width, where the offsets say how much it must be.
                    if (!isVariable(storage(field.getType()))) {
                        require(field, bytes, (length * layout.getTypeBitWidth() + 7) / 8);
                    }
                }
                default -> throw malformed("no buffer of the kind " + layout.getType() + " is known");
            }
        }

        /** What Arrow makes itself where a batch leaves it out. */
        private void allocate(long bytes) {
            extra += bytes;
            if (extra > maxExtra) {
                throw malformed("its lengths would take more than " + maxExtra + " bytes beside its body");
            }
        }

        private static void require(Field field, long bytes, long needed) {
            if (bytes < needed) {
                throw malformed(field.getName() + " has " + bytes + " bytes in a buffer that needs " + needed);
            }
        }

        private void children(Field field, ArrowType type, long length) {
            if (type instanceof ArrowType.Struct) {
                for (Field child : field.getChildren()) {
                    long values = column(child);
                    if (values != length) {
                        throw malformed(child.getName() + " has " + values + " values in " + length + " structs");
                    }
                }
            } else if (type instanceof ArrowType.FixedSizeList list) {
                long values = column(field.getChildren().get(0));
                if (values < length * list.getListSize()) {
                    throw malformed(field.getName() + " has " + values + " elements in " + length + " lists of "
                            + list.getListSize());
                }
            } else if (isList(type)) {
                int width = type instanceof ArrowType.LargeList ? 8 : 4;
                // The one that was read last, behind which those of the child come.
                long at = buffers.getLong(buffer - 1, 0) + length * width;
                long values = column(field.getChildren().get(0));
                if (length > 0) {
                    ends.add(new End(at, width, values));
                }
            }
        }

        private static boolean isVariable(ArrowType type) {
            return type instanceof ArrowType.Utf8
                    || type instanceof ArrowType.Binary
                    || type instanceof ArrowType.LargeUtf8
                    || type instanceof ArrowType.LargeBinary;
        }
    }
}
