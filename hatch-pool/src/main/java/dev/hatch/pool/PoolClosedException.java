package dev.hatch.pool;

/** The pool is closed, or was closed while the caller waited. */
public final class PoolClosedException extends AcquireException {
    private static final long serialVersionUID = 1;

    PoolClosedException(String pool) {
        super("Pool '" + pool + "' is closed", null);
    }
}
