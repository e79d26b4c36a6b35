package dev.hatch.pool;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/** A returning thread made a resource as good as new. */
@Name("dev.hatch.Reset")
@Label("Reset a Resource")
@Description("A returning thread made a resource as good as new.")
@Category("Hatch")
final class ResetEvent extends PoolEvent {
    @Label("Resource")
    @Nullable String resource;

    @Label("Failure")
    @Description("The class of what was thrown")
    @Nullable String failure;
}
