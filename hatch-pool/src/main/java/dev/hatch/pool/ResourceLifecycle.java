package dev.hatch.pool;

/**
 * What a {@link ResourcePool} asks of those who know the resource. The pool calls from several threads at once, but never
 * two methods on one resource at a time, except {@link #needsReset} and {@link #cancel}. Whatever a method throws, an
 * {@link Error} too, counts as its failure and is contained. Each call but these has a time limit, set on the pool's builder; past it
 * the pool goes on without the resource, a worker that runs the call is interrupted, and the resource is destroyed when
 * the call returns after all.
 *
 * @param <R> the resource
 */
public interface ResourceLifecycle<R> {
    /**
     * Makes a new resource. Called by a worker of the pool, never by a caller of {@code acquire}.
     *
     * @return the resource, not null
     * @throws Exception if there is none now: tried again, with growing pauses, while somebody waits
     */
    R create() throws Exception;

    /**
     * Says whether an idle resource still works. Called by a worker.
     *
     * @throws Exception the same as false, with a reason
     */
    default boolean validate(R resource) throws Exception {
        return true;
    }

    /**
     * Says whether {@link #reset} has anything to do for a returned resource. Called on every return by the returning
     * thread and without a time limit, so it must be quick and must not wait for anything; if two threads close the same lease,
     * both may call it.
     */
    default boolean needsReset(R resource) {
        return false;
    }

    /**
     * Makes a returned resource as good as new. Called by the returning thread, and only if {@link #needsReset} said so.
     *
     * @throws Exception if that failed: the resource is destroyed
     */
    default void reset(R resource) throws Exception {}

    /**
     * Makes what the holder of a leased resource is doing with it fail soon. Called by a worker, once a second for what is still leased
     * when a drain is over, that of a close or another; it is not lent again. The holder may give it back meanwhile, so that it may be in another method here,
     * or destroyed.
     */
    default void cancel(R resource) throws Exception {}

    /**
     * Ends a resource that nobody uses any more. Called by a worker.
     *
     * @throws Exception if that failed: logged, and the resource counts as destroyed
     */
    default void destroy(R resource) throws Exception {}

    /** Names a resource in messages, without secrets. Called once, by the worker that has created it. */
    default String describe(R resource) {
        return resource.getClass().getSimpleName() + "@" + Integer.toHexString(System.identityHashCode(resource));
    }
}
