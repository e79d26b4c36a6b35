package dev.hatch.spring;

import org.jspecify.annotations.Nullable;

/** A property that cannot be followed. Its message does not quote the values of those that are not known, which may be secret. */
final class HatchSettingException extends RuntimeException {
    private static final long serialVersionUID = 1;

    HatchSettingException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
