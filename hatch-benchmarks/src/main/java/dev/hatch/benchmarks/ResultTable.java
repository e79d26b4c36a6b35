package dev.hatch.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Results for a person: a line for each, values right, the ratio last. */
final class ResultTable {
    private static final List<String> HEADER =
            List.of("case", "metric", "unit", "Hatch", "peer", "peer's version", "peer's", "times better");
    private static final List<Integer> RIGHT = List.of(3, 6, 7);

    private final List<List<String>> lines = new ArrayList<>();

    ResultTable(List<Result> results) {
        lines.add(HEADER);
        for (Result result : results) {
            lines.add(List.of(
                    result.benchmarkCase(),
                    result.metric(),
                    result.unit(),
                    number(result.hatch()),
                    orDash(result.peer()),
                    orDash(result.peerVersion()),
                    number(result.peerValue()),
                    ratio(result.ratio())));
        }
    }

    void print(PrintStream out) {
        int[] widths = new int[HEADER.size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String padding = " ".repeat(widths[i] - line.get(i).length());
                text.append(i == 0 ? "" : "  ");
                text.append(RIGHT.contains(i) ? padding + line.get(i) : line.get(i) + padding);
            }
            out.println(text.toString().stripTrailing());
        }
    }

    private static String orDash(@Nullable String text) {
        return text == null ? "-" : text;
    }

    private static String number(@Nullable Double value) {
        if (value == null) {
            return "-";
        }
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size >= 1_000 ? "%,.0f" : size >= 10 ? "%.1f" : "%.3f", value);
    }

    private static String ratio(@Nullable Double ratio) {
        return ratio == null ? "-" : String.format(Locale.ROOT, "%.2f", ratio);
    }
}
