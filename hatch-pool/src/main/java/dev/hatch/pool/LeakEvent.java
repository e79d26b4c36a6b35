package dev.hatch.pool;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** A lease became unreachable without having been closed. */
@Name("dev.hatch.Leak")
@Label("Leaked Lease")
@Description("A lease became unreachable without having been closed.")
@Category("Hatch")
@StackTrace(false)
final class LeakEvent extends PoolEvent {
    @Label("Resource")
    @Nullable String resource;

    @Label("Held")
    @Timespan
    long held;

    @Label("Acquired By")
    @Description("The name of the thread that acquired it")
    @Nullable String acquiredBy;

    @Label("Acquired At")
    @Description("The stack of that thread then")
    @Nullable String acquiredAt;
}
