package dev.hatch.pool;

/**
 * The right to use one resource until it is given back: what a {@link Lease} is made of. Only the pool makes claims, and
 * each is good for one lease.
 *
 * @param <R> the resource
 */
public abstract class Claim<R> {
    Claim() {}
}
