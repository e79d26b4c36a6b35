package dev.hatch.pool;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/** A caller found no resource that was free, and waited. */
@Name("dev.hatch.Wait")
@Label("Wait for a Lease")
@Description("A caller found no resource that was free, and waited.")
@Category("Hatch")
final class WaitEvent extends PoolEvent {
    @Label("Outcome")
    @Description("LEASED, or why the caller got nothing")
    @Nullable String outcome;

    @Label("Waiting")
    @Description("How many waited when it ended, this one left out")
    int waiting;
}
