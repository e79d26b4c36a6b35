package dev.hatch.pool;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A worker created a resource. */
@Name("dev.hatch.Create")
@Label("Create a Resource")
@Description("A worker created a resource.")
@Category("Hatch")
@StackTrace(false)
final class CreateEvent extends CallEvent {}
