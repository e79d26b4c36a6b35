package dev.hatch.pool;

/** Why a pool destroyed a resource. */
public enum DestroyReason {
    /** It had been idle for the maximum idle time. */
    IDLE_TIME,
    /** It had reached its maximum lifetime. */
    LIFETIME,
    /** More resources than the maximum idle had been idle for a while. */
    SURPLUS,
    /** Its validation failed. */
    INVALID,
    /** Its reset failed. */
    RESET_FAILED,
    /** Its user said that it is broken. */
    BROKEN,
    /** It came, or was given up, only after its call's time limit. */
    LATE,
    /** Its lease had become unreachable without having been closed. */
    LEAKED,
    /** The pool was made smaller. */
    RESIZED,
    /** {@link ResourcePool#refresh} retired it. */
    REFRESHED,
    /** It was still leased when a drain was over, and was cancelled. */
    DRAINED,
    /** The pool was closed. */
    CLOSED
}
