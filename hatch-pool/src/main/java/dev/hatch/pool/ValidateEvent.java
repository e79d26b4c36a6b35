package dev.hatch.pool;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A worker asked whether an idle resource still works. */
@Name("dev.hatch.Validate")
@Label("Validate a Resource")
@Description("A worker asked whether an idle resource still works.")
@Category("Hatch")
@StackTrace(false)
final class ValidateEvent extends CallEvent {}
