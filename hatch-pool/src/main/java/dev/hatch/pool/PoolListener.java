package dev.hatch.pool;

/**
 * Is told what a pool does off its fast path. Methods are called after the fact by the thread that did it, several at once,
 * so that two events of one resource may be told in the other order; they should be quick. What they throw is logged. A
 * caller's thread calls {@link #timedOut} only.
 */
public interface PoolListener {
    /** A resource was created. */
    default void created(String resource) {}

    /** A resource could not be created; tried again while somebody waits. */
    default void creationFailed(Throwable failure) {}

    /** The pool gave up a resource; its destruction has begun. */
    default void destroyed(String resource, DestroyReason reason) {}

    /** A call passed its time limit, and the pool goes on without its resource. */
    default void setAside(String call) {}

    /** A validation failed: all idle resources will be validated before they are lent. */
    default void validationFailed(String resource, Throwable failure) {}

    /** A caller got nothing in time. */
    default void timedOut(PoolStats stats) {}
}
