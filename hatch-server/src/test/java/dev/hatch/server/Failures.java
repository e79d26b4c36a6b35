package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** How calls fail. */
final class Failures {
    private Failures() {}

    /** With this status and this in its message. */
    static FlightRuntimeException assertFails(FlightStatusCode status, String message, ThrowingCallable call) {
        FlightRuntimeException failure = catchThrowableOfType(FlightRuntimeException.class, call);
        assertThat(failure).isNotNull().hasMessageContaining(message);
        assertThat(failure.status().code()).isEqualTo(status);
        return failure;
    }
}
