package dev.hatch.benchmarks;

import java.util.List;
import java.util.stream.Collectors;

/** A forked JVM that gave no result. The message is one line; {@link #output} has more. */
final class ForkFailedException extends Exception {
    private static final long serialVersionUID = 1;
    private static final int LINES_IN_MESSAGE = 3;

    private final String output;

    ForkFailedException(String what, List<String> lastLines) {
        super(what + "; " + summary(lastLines));
        output = String.join("\n", lastLines);
    }

    /** The last lines that the fork printed on both streams. */
    String output() {
        return output;
    }

    private static String summary(List<String> lines) {
        List<String> telling = lines.stream()
                .filter(line -> !line.isBlank() && !line.matches("\\s+(at |\\.\\.\\. ).*"))
                .map(String::strip)
                .toList();
        return telling.isEmpty()
                ? "it printed nothing"
                : telling.stream()
                        .skip(Math.max(0, telling.size() - LINES_IN_MESSAGE))
                        .collect(Collectors.joining(" | ", "its last output: ", ""));
    }
}
