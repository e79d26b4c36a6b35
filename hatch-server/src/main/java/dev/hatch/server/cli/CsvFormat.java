package dev.hatch.server.cli;

import java.io.PrintStream;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * A header and a line a row, as RFC 4180 has it, but with a line feed. Null is empty, an empty text is {@code ""}.
 */
final class CsvFormat implements ResultFormat {
    private final PrintStream out;
    private final VectorSchemaRoot root;
    private final Values values;

    CsvFormat(PrintStream out, VectorSchemaRoot root, Values values) {
        this.out = out;
        this.root = root;
        this.values = values;
        List<FieldVector> columns = root.getFieldVectors();
        if (!columns.isEmpty()) {
            line(columns.stream().map(column -> quoted(column.getName())).collect(Collectors.joining(",")));
        }
    }

    @Override
    public void batch() {
        for (int row = 0; row < root.getRowCount(); row++) {
            StringJoiner line = new StringJoiner(",");
            for (FieldVector column : root.getFieldVectors()) {
                String text = values.text(column, row);
                line.add(text == null ? "" : quoted(text));
            }
            line(line.toString());
        }
    }

    private void line(String line) {
        out.print(line + "\n");
    }

    private static String quoted(String text) {
        boolean plain = !text.isEmpty() && text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    @Override
    public void finish() {}
}
