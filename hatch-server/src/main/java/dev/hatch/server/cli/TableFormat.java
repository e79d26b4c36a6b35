package dev.hatch.server.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.ArrowType;

/**
 * A table for a person. The first rows decide how wide a column is; a later value that is wider sticks out, so that
 * nothing is held back or cut off however long the result is. Numbers stand right.
 */
final class TableFormat implements ResultFormat {
    private static final int ROWS_THAT_DECIDE = 1_000;

    private final PrintStream out;
    private final VectorSchemaRoot root;
    private final Values values;
    private final int[] widths;
    private final boolean[] right;
    private boolean started;

    TableFormat(PrintStream out, VectorSchemaRoot root, Values values) {
        this.out = out;
        this.root = root;
        this.values = values;
        List<FieldVector> columns = root.getFieldVectors();
        widths = new int[columns.size()];
        right = new boolean[columns.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = width(columns.get(i).getName());
            ArrowType type = columns.get(i).getField().getType();
            right[i] = type instanceof ArrowType.Int
                    || type instanceof ArrowType.FloatingPoint
                    || type instanceof ArrowType.Decimal;
        }
    }

    @Override
    public void batch() {
        List<FieldVector> columns = root.getFieldVectors();
        if (!started) {
            for (int row = 0; row < Math.min(ROWS_THAT_DECIDE, root.getRowCount()); row++) {
                for (int i = 0; i < widths.length; i++) {
                    widths[i] = Math.max(widths[i], width(cell(columns.get(i), row)));
                }
            }
            header();
        }
        for (int row = 0; row < root.getRowCount(); row++) {
            List<String> cells = new ArrayList<>();
            for (FieldVector column : columns) {
                cells.add(cell(column, row));
            }
            line(cells);
        }
    }

    private void header() {
        started = true;
        if (widths.length == 0) {
            return;
        }
        line(root.getFieldVectors().stream().map(FieldVector::getName).toList());
        StringBuilder rule = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            rule.append(i == 0 ? "" : "-+-").append("-".repeat(widths[i]));
        }
        out.print(rule + "\n");
    }

    private void line(List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            String cell = cells.get(i);
            String padding = " ".repeat(Math.max(0, widths[i] - width(cell)));
            boolean last = i == cells.size() - 1;
            line.append(i == 0 ? "" : " | ");
            line.append(right[i] ? padding + cell : last ? cell : cell + padding);
        }
        out.print(line + "\n");
    }

    /** A line break would break the table. */
    private String cell(FieldVector column, int row) {
        String text = values.text(column, row);
        return text == null ? "NULL" : text.replace("\r", "\\r").replace("\n", "\\n");
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }

    @Override
    public void finish() {
        if (!started) {
            header();
        }
    }
}
