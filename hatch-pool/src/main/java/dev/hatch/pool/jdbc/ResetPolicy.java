package dev.hatch.pool.jdbc;

/** How a pool makes a returned connection into one for the next user. */
public enum ResetPolicy {
    /**
     * The used connection is closed and a new one takes its place: nothing is left, whatever was done. For databases on which
     * that is cheap. A lease on which no statement was made, nothing was set, and that was not unwrapped is kept as it is.
     */
    REPLACE,

    /**
     * What was left open is rolled back, and what was set through {@link java.sql.Connection} is set back. What statements
     * have made of the session stays.
     */
    ATTRIBUTES
}
