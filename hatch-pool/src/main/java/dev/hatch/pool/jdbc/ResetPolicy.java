package dev.hatch.pool.jdbc;

/** How a pool makes a returned connection into one for the next user. */
public enum ResetPolicy {
    /**
     * The used connection is closed and a new one takes its place: nothing is left, whatever was done. For databases on which
     * that is cheap. A lease on which no statement was made, nothing was set, and that was not unwrapped is kept as it is.
     */
    REPLACE,

    /**
     * What was left open is rolled back, what was set through {@link java.sql.Connection} is set back; then the database is
     * told to forget the session, and the initial SQL is run again. For databases that can: PostgreSQL, MariaDB, MySQL. A connection that was
     * unwrapped is replaced, since the driver's own state is not the database's. A lease as above is kept as it is.
     */
    STATEMENT,

    /**
     * What was left open is rolled back, and what was set through {@link java.sql.Connection} is set back. What statements
     * have made of the session stays.
     */
    ATTRIBUTES
}
