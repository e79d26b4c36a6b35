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

    /** Why it must not be lent again; null while it may. */
    private volatile @Nullable DestroyReason retired;

    /** Whether it was retired, or the {@link Leases} want to hear of its return: the one thing that a return has to look at. */
    private volatile boolean attended;

    Entry(R resource, String description, long validNanos, @Nullable Long expiresNanos) {
        this.resource = resource;
        this.description = description;
        this.validNanos = validNanos;
        this.expiresNanos = expiresNanos;
    }

    @Nullable DestroyReason retired() {
        return retired;
    }

    boolean isAttended() {
        return attended;
    }

    /** By anybody. The first reason stays, but for BROKEN, which says something of the others, too. */
    void retire(DestroyReason reason) {
        if (retired == null || reason == DestroyReason.BROKEN) {
            retired = reason;
        }
        attended = true;
    }

    /** By the leases, for the present lease. */
    void attend() {
        attended = true;
    }

    /** By who gives it back. Whoever retires it says so before he attends: so he is seen here, or attends after this. */
    void unattend() {
        if (retired == null) {
            attended = false;
            if (retired != null) {
                attended = true;
            }
        }
    }

    boolean isExpired(long now) {
        return expiresNanos != null && now - expiresNanos >= 0;
    }
}
