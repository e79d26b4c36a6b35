package dev.hatch.pool;

import jdk.jfr.Event;
import jdk.jfr.Label;
import org.jspecify.annotations.Nullable;

/** What all events of a pool have in a recording. */
abstract class PoolEvent extends Event {
    @Label("Pool")
    @Nullable String pool;
}
