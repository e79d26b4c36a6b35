package dev.hatch.server.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import java.io.IOException;
import java.io.PrintStream;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/** An object a row, a row a line. Numbers, booleans, lists and structs are what they are, other values their text. */
final class JsonFormat implements ResultFormat {
    private final VectorSchemaRoot root;
    private final Values values;
    private final JsonGenerator json;

    JsonFormat(PrintStream out, VectorSchemaRoot root, Values values) throws IOException {
        this.root = root;
        this.values = values;
        json = new JsonFactory()
                .createGenerator(out)
                .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                .setPrettyPrinter(new MinimalPrettyPrinter("\n"));
    }

    @Override
    public void batch() throws IOException {
        for (int row = 0; row < root.getRowCount(); row++) {
            json.writeStartObject();
            for (FieldVector column : root.getFieldVectors()) {
                json.writeFieldName(column.getName());
                values.writeJson(json, column, row);
            }
            json.writeEndObject();
        }
        json.flush();
    }

    @Override
    public void finish() throws IOException {
        if (json.getOutputContext().getEntryCount() > 0) {
            json.writeRaw('\n');
        }
        json.flush();
    }
}
