package dev.hatch.pool;

/** A lease was used after it had been closed. */
public final class LeaseClosedException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    LeaseClosedException(String pool) {
        super("A lease of pool '" + pool + "' was used after its close. Is it shared, or kept after a try block?");
    }
}
