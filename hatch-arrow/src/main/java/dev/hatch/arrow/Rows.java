package dev.hatch.arrow;

/** Which row leaves append to with no other check than that they have come to it: those that are columns that of their batch. */
class Rows {
    static final int NONE = -1;

    /** Of leaves that are nested, whose values are not rows; nobody writes to it. */
    static final Rows OF_NESTED = new Rows();

    /** While it is one, the builder is its user's, each leaf has memory for it, and none has more than it; else {@link #NONE}. */
    int openRow = NONE;
}
