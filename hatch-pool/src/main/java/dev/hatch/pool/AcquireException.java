package dev.hatch.pool;

import org.jspecify.annotations.Nullable;

/** No resource was lent. The message has the pool's name and, unless that is closed, its counts. */
public abstract sealed class AcquireException extends RuntimeException
        permits AcquireTimeoutException, AcquireRefusedException, AcquireDeadlockException, PoolClosedException {
    private static final long serialVersionUID = 1;

    AcquireException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
