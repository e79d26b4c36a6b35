package dev.hatch.pool;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/** A lease, from when it was made until it was closed. */
@Name("dev.hatch.Lease")
@Label("Lease")
@Description("A lease, from when it was made until it was closed.")
@Category("Hatch")
@Threshold("20 ms")
final class LeaseEvent extends PoolEvent {
    @Label("Resource")
    @Nullable String resource;

    @Label("Acquired By")
    @Description("The name of the thread that acquired it; the thread of the event is the one that closed it")
    @Nullable String acquiredBy;
}
