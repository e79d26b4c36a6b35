package dev.hatch.pool;

/** As many callers as the pool allows are waiting already. */
public final class AcquireRefusedException extends AcquireException {
    private static final long serialVersionUID = 1;

    AcquireRefusedException(String message) {
        super(message, null);
    }
}
