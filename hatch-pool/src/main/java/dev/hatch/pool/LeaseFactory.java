package dev.hatch.pool;

/**
 * Makes the lease for a claim: usually the constructor of a class that extends {@link Lease}.
 *
 * @param <R> the resource
 * @param <L> the lease
 */
@FunctionalInterface
public interface LeaseFactory<R, L extends Lease<R>> {
    /** Called once for each acquisition, by the acquiring thread. If it throws, the resource goes back. */
    L lease(Claim<R> claim);
}
