package dev.hatch.pool;

import org.jspecify.annotations.Nullable;

/**
 * An object that knows its place in its {@link ObjectPool}. Where any other object may be put into a pool, one that extends this
 * gets three things more:
 *
 * <ul>
 *   <li>Putting it back while it is idle is always noticed, whichever threads do it: the second {@link ObjectPool#put} throws.
 *   <li>One that becomes unreachable without having been put back is counted, its place is free again, and {@link #whenLost} is run.
 *   <li>Putting it back is one step, for its place is kept while it is out.
 * </ul>
 *
 * <p>An object belongs to the pool that lent it first.
 */
public abstract class Recyclable {
    /** Where it is when it is idle; null while no pool has a place for it, and once it is dropped. Written by its owner. */
    volatile @Nullable Shelf<?> shelf;

    /** Its place there. Written before the shelf. */
    int place;

    /** Null until a pool has it. Written once, before it is lent, as is the next. */
    @Nullable ObjectPool<?> pool;

    @Nullable Watch watch;

    /** For one object of a pool. */
    protected Recyclable() {}

    /**
     * Puts it back into its pool, as {@link ObjectPool#put} does.
     *
     * @throws IllegalStateException if it is idle already, was dropped, or never was a pool's
     */
    protected final void recycle() {
        ObjectPool<?> its = pool;
        if (its == null) {
            throw new IllegalStateException("no pool has it, " + getClass().getName());
        }
        its.putBack(this);
    }

    /** What has to be unreachable for this to be lost, and is reachable from this; default: this itself. Asked once. */
    protected Object watched() {
        return this;
    }

    /**
     * What to run once it is lost, by one of the pool's threads or of its users; null for nothing. It must not refer to
     * what is watched. Asked once.
     */
    protected @Nullable Runnable whenLost() {
        return null;
    }
}
