package dev.hatch.pool;

import org.jspecify.annotations.Nullable;

/** The fields of a shelf that change. */
class ShelfFields extends ShelfPad {
    volatile long word;

    /** What the word's bits are of. On its line, for nobody reads the one without the other. */
    final @Nullable Object[] places;

    /** Whether the pool's list of shelves that have something says so of this one; see {@link ObjectPool}. */
    volatile boolean listed;

    /** The highest place that was claimed since the last {@link Shelf#untouched}. A hint: written without a lock. */
    int deepest = -1;

    /** What was idle at the last {@link Shelf#untouched}, whose caller has it to himself. */
    int idleBefore;

    /** The places that belong to a {@link Recyclable}, wherever it is. Guarded by WRITING. */
    int reserved;

    /** Those of the reserved places that hold their object, be it idle or out. Written under WRITING; read, then checked by the word. */
    int present;

    /** One more than the highest place that ever had an object. Written under WRITING, read without as a hint. */
    int used;

    /** What {@link Shelf#hits} has found. Guarded by WRITING. */
    long hits;

    /** The word's count when the hits were last counted. Guarded by WRITING. */
    long counted;

    /** How often the word's count was raised since then by other than hits. Guarded by WRITING. */
    long notHits;

    ShelfFields(int size) {
        places = new @Nullable Object[size];
    }
}
