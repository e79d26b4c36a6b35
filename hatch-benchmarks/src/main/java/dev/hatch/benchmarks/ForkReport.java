package dev.hatch.benchmarks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;

/**
 * What a forked JVM tells its parent: one line of JSON on its standard output, among whatever else it prints.
 *
 * @param version the version of what was measured, as its own libraries say it
 */
record ForkReport(String version, List<Measurement> measurements) {
    private static final String PREFIX = "hatch-bench-report ";
    private static final JsonMapper JSON = new JsonMapper();

    /** Copies the list. */
    ForkReport {
        measurements = List.copyOf(measurements);
    }

    String toLine() throws JsonProcessingException {
        return PREFIX + JSON.writeValueAsString(this);
    }

    static boolean isReport(String line) {
        return line.startsWith(PREFIX);
    }

    static ForkReport ofLine(String line) throws JsonProcessingException {
        return JSON.readValue(line.substring(PREFIX.length()), ForkReport.class);
    }
}
