package dev.hatch.pool;

import jdk.jfr.Description;
import jdk.jfr.Label;
import org.jspecify.annotations.Nullable;

/** What a recording has of each call to the lifecycle. */
abstract class CallEvent extends PoolEvent {
    @Label("Resource")
    @Nullable String resource;

    @Label("Failure")
    @Description("The class of what was thrown")
    @Nullable String failure;

    /** After the end. */
    void record(String poolName, @Nullable Entry<?> entry, @Nullable Throwable thrown) {
        if (shouldCommit()) {
            pool = poolName;
            resource = entry == null ? null : entry.description;
            failure = thrown == null ? null : thrown.getClass().getName();
            commit();
        }
    }
}
