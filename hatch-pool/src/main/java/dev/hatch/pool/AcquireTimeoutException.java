package dev.hatch.pool;

import org.jspecify.annotations.Nullable;

/** No resource became free in time. Its cause, if any, is why the last creation failed while the caller waited. */
public final class AcquireTimeoutException extends AcquireException {
    private static final long serialVersionUID = 1;

    AcquireTimeoutException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
