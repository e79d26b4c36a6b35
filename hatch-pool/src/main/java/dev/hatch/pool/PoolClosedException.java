package dev.hatch.pool;

/** The pool is closed, or was closed while the caller waited. */
public final class PoolClosedException extends AcquireException {
    private static final long serialVersionUID = 1;

    /** For a pool of that name. */
    public PoolClosedException(String pool) {
        super("Pool '" + pool + "' is closed", null);
    }
}
