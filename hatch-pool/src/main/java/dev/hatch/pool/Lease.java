package dev.hatch.pool;

import java.lang.ref.Reference;

/**
 * One caller's hold on a resource, to be closed once. Extended by what users see, so that a pooled object is its lease.
 *
 * <p>Thread-safe: a lease may be used and closed by any thread. It knows the generation of its slot, and each method
 * compares that with the slot's: after the close, by whomever, the lease reaches nothing. A call to the resource that is
 * already under way when another thread closes the lease is not stopped by that.
 *
 * @param <R> the resource
 */
public abstract class Lease<R> implements AutoCloseable {
    private final Slot<R> slot;
    private final long word;

    /**
     * For the resource that the claim is for.
     *
     * @param claim what the pool gave to the {@link LeaseFactory}, in whose call it has to be used
     * @throws IllegalStateException if it has been used before, and its lease is over
     */
    protected Lease(Claim<R> claim) {
        slot = (Slot<R>) claim;
        word = slot.word();
        if (Slot.code(word) != Slot.LEASED) {
            throw new IllegalStateException("a claim is good for one lease, within the call of the factory");
        }
    }

    /**
     * Says that the calling thread uses the lease, for those who ask who has it and since when it has not been used. Costs little, and
     * does nothing that matters if the lease is over.
     */
    protected final void used() {
        slot.usedBy(word, Thread.currentThread().getId());
    }

    /**
     * The resource.
     *
     * @throws LeaseClosedException if the lease was closed
     */
    protected final R resource() {
        R resource = slot.resource(word);
        if (resource == null) {
            throw new LeaseClosedException(slot.pool.name());
        }
        return resource;
    }

    /** Whether the resource may still be used through this lease. */
    public final boolean isOpen() {
        return slot.word() == word;
    }

    /** Says that the resource is broken: on return it will be destroyed rather than lent again. Said before the close. */
    protected final void markBroken() {
        Entry<R> entry = slot.entry(word);
        if (entry != null) {
            entry.retire(DestroyReason.BROKEN);
        }
    }

    /** Gives the resource back. What the close of a closed lease does: nothing. */
    @Override
    @SuppressWarnings("ReachabilityFenceUsage") // Without finally: it is hot, and after a failure it does not matter.
    public void close() {
        slot.pool.release(slot, word);
        // Until here it is being closed by somebody, and not lost.
        Reference.reachabilityFence(this);
    }
}
