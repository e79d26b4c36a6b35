package dev.hatch.pool;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A returning thread made a resource as good as new. */
@Name("dev.hatch.Reset")
@Label("Reset a Resource")
@Description("A returning thread made a resource as good as new.")
@Category("Hatch")
final class ResetEvent extends CallEvent {}
