package dev.hatch.pool;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A lease that is out.
 *
 * @param resource what the lifecycle calls the resource
 * @param held for how long; of a lease that is not timed it is known once the pool has looked, which it does once a second
 * @param holder the name of the thread that last used it; null if it is not known
 * @param acquired where it was acquired; empty if it is not tracked
 */
public record LeaseInfo(
        String resource, Duration held, @Nullable String holder, List<StackTraceElement> acquired)
        implements Serializable {
    public LeaseInfo {
        acquired = List.copyOf(acquired);
    }
}
