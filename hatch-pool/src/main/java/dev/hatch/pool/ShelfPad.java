package dev.hatch.pool;

/** Keeps what precedes in memory off the line of a shelf's word. */
@SuppressWarnings("unused")
class ShelfPad {
    // HotSpot would fill the gap after the header with an int of a subclass, far from the word.
    private int gap;

    private long p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13;
}
