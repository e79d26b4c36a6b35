package dev.hatch.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.jspecify.annotations.Nullable;

/**
 * Hatch in one case, beside one peer or alone.
 *
 * @param benchmarkCase {@code case} in JSON
 * @param jdk the version of Java that measured it
 * @param peer null where there is none, and then so are the version, the value and the ratio
 * @param ratio how many times better Hatch is than the peer: above 1 is better, whichever way the unit points. Null as
 *     well where one of the two is 0 and the other is not
 */
@JsonPropertyOrder({"case", "metric", "jdk", "peer", "peerVersion", "hatch", "peerValue", "unit", "ratio"})
record Result(
        @JsonProperty("case") String benchmarkCase,
        String metric,
        String jdk,
        @Nullable String peer,
        @Nullable String peerVersion,
        double hatch,
        @Nullable Double peerValue,
        String unit,
        @Nullable Double ratio) {}
