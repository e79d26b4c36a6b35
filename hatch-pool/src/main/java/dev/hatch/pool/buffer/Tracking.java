package dev.hatch.pool.buffer;

/** For which buffers the pool knows where they were taken. All are counted, whichever is set. */
public enum Tracking {
    /** For none. */
    OFF,

    /** For one in 131,072 of each buffer's uses. */
    SAMPLED,

    /**
     * For all. Each use has a {@link PooledBuffer} of its own, so that a second release is noticed even when the buffer was lent again
     * in between, and told with both stacks. Costs two stack traces for each use.
     */
    ALL
}
