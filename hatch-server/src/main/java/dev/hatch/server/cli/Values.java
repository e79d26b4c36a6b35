package dev.hatch.server.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.hatch.arrow.JavaValues;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.HexFormat;
import org.apache.arrow.vector.FieldVector;
import org.jspecify.annotations.Nullable;

/** A cell as a person writes it. */
final class Values {
    private Values() {}

    static String text(FieldVector column, int row) {
        return text(JavaValues.get(column, row));
    }

    private static String text(@Nullable Object value) {
        if (value instanceof byte[] bytes) {
            return "\\x" + HexFormat.of().formatHex(bytes);
        }
        return value instanceof BigDecimal decimal ? decimal.toPlainString() : String.valueOf(value);
    }

    static void writeJson(JsonGenerator json, FieldVector column, int row) throws IOException {
        Object value = JavaValues.get(column, row);
        if (value == null) {
            json.writeNull();
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
