package dev.hatch.server;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Sends ENUM columns as text. DuckDB exports them as dictionaries, whose index type a client cannot know from a prepared
 * statement and which not every client reads.
 */
final class EnumDecoder implements AutoCloseable {
    private final VectorSchemaRoot source;
    private final DictionaryProvider dictionaries;
    private final BufferAllocator allocator;
    private final VectorSchemaRoot root;

    private EnumDecoder(VectorSchemaRoot source, DictionaryProvider dictionaries, BufferAllocator allocator) {
        this.source = source;
        this.dictionaries = dictionaries;
        this.allocator = allocator;
        List<Field> fields = new ArrayList<>();
        for (Field field : source.getSchema().getFields()) {
            DictionaryEncoding encoding = field.getDictionary();
            fields.add(encoding == null ? field : decoded(field, encoding));
        }
        root = VectorSchemaRoot.create(new Schema(fields), allocator);
    }

    static boolean isNeeded(Schema schema) {
        return schema.getFields().stream().anyMatch(field -> field.getDictionary() != null);
    }

    static EnumDecoder of(ArrowReader reader, BufferAllocator allocator) throws java.io.IOException {
        return new EnumDecoder(reader.getVectorSchemaRoot(), reader, allocator);
    }

    private Field decoded(Field field, DictionaryEncoding encoding) {
        Field values = dictionaries.lookup(encoding.getId()).getVector().getField();
        return new Field(field.getName(), FieldType.nullable(values.getType()), values.getChildren());
    }

    /** Holds the decoded batch after {@link #decode}; valid until the next. */
    VectorSchemaRoot root() {
        return root;
    }

    void decode() {
        for (int column = 0; column < root.getFieldVectors().size(); column++) {
            FieldVector from = source.getVector(column);
            FieldVector to = root.getVector(column);
            DictionaryEncoding encoding = from.getField().getDictionary();
            if (encoding == null) {
                from.makeTransferPair(to).transfer();
            } else {
                try (FieldVector values = (FieldVector)
                        DictionaryEncoder.decode(from, dictionaries.lookup(encoding.getId()), allocator)) {
                    values.makeTransferPair(to).transfer();
                }
            }
        }
        root.setRowCount(source.getRowCount());
    }

    @Override
    public void close() {
        root.close();
    }
}
