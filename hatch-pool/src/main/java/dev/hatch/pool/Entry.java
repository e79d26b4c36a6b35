package dev.hatch.pool;

import org.jspecify.annotations.Nullable;

/** A resource and what the pool knows of it. Each resource has one entry, from its creation until it is destroyed. */
final class Entry<R> {
    final R resource;

    /** Null: it has no set end. */
    final @Nullable Long expiresNanos;

    /** When it was created or last found to be valid. Written by the owner of its slot. */
    long validNanos;

    /** By how many generations validations have moved its slot on, and nobody used it. Written by the owner of its slot. */
    long validationSteps;

    /** Why it must not be lent again; null while it may. Written by the lease, the housekeeper or a refresh. */
    volatile @Nullable DestroyReason retired;

    Entry(R resource, long validNanos, @Nullable Long expiresNanos) {
        this.resource = resource;
        this.validNanos = validNanos;
        this.expiresNanos = expiresNanos;
    }

    boolean isExpired(long now) {
        return expiresNanos != null && now - expiresNanos >= 0;
    }
}
