package dev.hatch.pool.buffer;

/** No memory is left for a buffer. The message has the pool's name, what was wanted, what is out and idle, and what to do. */
public final class BudgetExhaustedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BudgetExhaustedException(String message) {
        super(message);
    }
}
