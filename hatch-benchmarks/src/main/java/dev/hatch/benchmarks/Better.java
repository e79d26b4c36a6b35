package dev.hatch.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/** Which way a metric points. */
enum Better {
    /** Such as operations per second. */
    @JsonProperty("higher")
    HIGHER,
    /** Such as nanoseconds or bytes per operation. */
    @JsonProperty("lower")
    LOWER;

    /** How many times better {@code ours} is than {@code theirs}; null where no finite number says it. */
    @Nullable Double ratio(double ours, double theirs) {
        if (ours == theirs) {
            return 1.0;
        }
        double ratio = this == HIGHER ? ours / theirs : theirs / ours;
        return Double.isFinite(ratio) ? ratio : null;
    }
}
