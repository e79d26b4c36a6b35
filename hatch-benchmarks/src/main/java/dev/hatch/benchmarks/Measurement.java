package dev.hatch.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * The values of one metric in one case, as one fork measured them, in this order.
 *
 * @param benchmarkCase what was done, such as {@code stream}; {@code case} in JSON
 */
record Measurement(
        @JsonProperty("case") String benchmarkCase, String metric, String unit, Better better, List<Double> values) {
    /** Checks that there is something to take a median of. */
    Measurement {
        if (values.isEmpty()) {
            throw new IllegalArgumentException(benchmarkCase + ", " + metric + ": no values");
        }
        values = List.copyOf(values);
    }

    double median() {
        return median(values);
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
