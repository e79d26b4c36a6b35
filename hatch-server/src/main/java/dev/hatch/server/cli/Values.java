package dev.hatch.server.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.hatch.arrow.JavaValues;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.jspecify.annotations.Nullable;

/** Cells of one result as a person writes them; what is nested, as JSON. */
final class Values {
    private static final JsonFactory JSON = new JsonFactory();

    private final DictionaryProvider dictionaries;

    Values(DictionaryProvider dictionaries) {
        this.dictionaries = dictionaries;
    }

    /** Null where the cell is null. */
    @Nullable String text(FieldVector column, int row) {
        Object value = JavaValues.get(column, row, dictionaries);
        return value == null ? null : text(value);
    }

    void writeJson(JsonGenerator json, FieldVector column, int row) throws IOException {
        writeJson(json, JavaValues.get(column, row, dictionaries));
    }

    private static String text(Object value) {
        if (value instanceof byte[] bytes) {
            return "\\x" + HexFormat.of().formatHex(bytes);
        }
        if (value instanceof List || value instanceof Map) {
            StringWriter text = new StringWriter();
            try (JsonGenerator json = JSON.createGenerator(text)) {
                writeJson(json, value);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return text.toString();
        }
        return value instanceof BigDecimal decimal ? decimal.toPlainString() : value.toString();
    }

    private static void writeJson(JsonGenerator json, @Nullable Object value) throws IOException {
        if (value == null) {
            json.writeNull();
        } else if (value instanceof List<?> list) {
            json.writeStartArray();
            for (Object element : list) {
                writeJson(json, element);
            }
            json.writeEndArray();
        } else if (value instanceof Map<?, ?> map) {
            json.writeStartObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                json.writeFieldName(text(entry.getKey()));
                writeJson(json, entry.getValue());
            }
            json.writeEndObject();
        } else if (value instanceof Boolean flag) {
            json.writeBoolean(flag);
        } else if (value instanceof Number number && isFinite(number)) {
            json.writeRawValue(text(value));
        } else {
            json.writeString(text(value));
        }
    }

    /** JSON has no infinities. */
    private static boolean isFinite(Number number) {
        return Double.isFinite(number.doubleValue()) || number instanceof BigDecimal;
    }
}
