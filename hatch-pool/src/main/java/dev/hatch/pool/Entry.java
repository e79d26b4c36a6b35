package dev.hatch.pool;

import org.jspecify.annotations.Nullable;

/** A resource and what the pool knows of it. Each resource has one entry, from its creation until it is destroyed. */
final class Entry<R> {
    final R resource;

    /** What the lifecycle called it when it was created: asked for once, so that nobody has to wait for an answer later. */
    final String description;

    /** Null: it has no set end. */
    final @Nullable Long expiresNanos;

    /** When it was created or last found to be valid. Written by the owner of its slot. */
    long validNanos;

    /** Why it must not be lent again; null while it may. Written by the lease or the housekeeper. */
    volatile @Nullable DestroyReason retired;

    Entry(R resource, String description, long validNanos, @Nullable Long expiresNanos) {
        this.resource = resource;
        this.description = description;
        this.validNanos = validNanos;
        this.expiresNanos = expiresNanos;
    }

    boolean isExpired(long now) {
        return expiresNanos != null && now - expiresNanos >= 0;
    }
}
