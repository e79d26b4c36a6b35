package dev.hatch.pool;

import java.time.Duration;
import java.util.List;

/**
 * Is told what a pool does. Methods are called after the fact by the thread that did it, several at once,
 * so that two events of one resource may be told in the other order; they should be quick. What they throw is logged. A
 * caller's thread calls {@link #acquired}, {@link #returned}, {@link #timedOut} and {@link #deadlocked} only.
 */
public interface PoolListener {
    /** A resource was created. */
    default void created(String resource) {}

    /** As {@link #created(String)}, which this calls, with the time that the creation took. */
    default void created(String resource, Duration took) {
        created(resource);
    }

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

    /**
     * A caller got a resource after it had waited for so long; zero if it found one. Of those that waited all are told; of the others as
     * {@link #returned} says.
     */
    default void acquired(Duration waited) {}

    /**
     * A lease was closed that had been open for so long. Of each resource the first 1,024 leases in each second are told, and every one
     * that took more than 2 s, of which the time is known to within a second if it was not among those. All are told exactly while
     * all are tracked, or a flight recording wants leases.
     */
    default void returned(String resource, Duration held) {}

    /** A lease has become unreachable without having been closed. Its resource is given up and its place is free. */
    default void leaked(LeaseInfo lease) {}

    /**
     * A lease has been out, and was not used, for as long as the pool was told is too long. Told once for each lease.
     *
     * @param present what the thread that last used it does now; empty if there is none, or it is virtual
     */
    default void heldLong(LeaseInfo lease, List<StackTraceElement> present) {}

    /** All leases were held by threads that waited for another. One of them got this. */
    default void deadlocked(AcquireDeadlockException failure) {}
}
