package dev.hatch.arrow;

/**
 * The row that columns without children append to with no other check than that they have come to it. While one is open the builder is
 * its user's, each of those columns has memory for it, and none has more than it.
 */
class OpenRow {
    static final int NONE = -1;

    /** For what is nested, whose values are not rows. */
    static final OpenRow NEVER = new OpenRow();

    int openRow = NONE;
}
