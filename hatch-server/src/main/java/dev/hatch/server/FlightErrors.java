package dev.hatch.server;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.ErrorFlightMetadata;
import org.apache.arrow.flight.FlightRuntimeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a failure to the client as a status with the database's own message.
 *
 * <table>
 * <caption>DuckDB's kinds of error, by what its messages begin with</caption>
 * <tr><th>kind</th><th>status</th></tr>
 * <tr><td>Internal, Fatal</td><td>INTERNAL</td></tr>
 * <tr><td>IO</td><td>INTERNAL; NOT_FOUND if no file matches a pattern</td></tr>
 * <tr><td>TransactionContext, of a conflict</td><td>UNAVAILABLE: trying again may help</td></tr>
 * <tr><td>Out of Memory</td><td>RESOURCE_EXHAUSTED</td></tr>
 * <tr><td>INTERRUPT</td><td>CANCELLED</td></tr>
 * <tr><td>Not implemented</td><td>UNIMPLEMENTED</td></tr>
 * <tr><td>Permission</td><td>UNAUTHORIZED</td></tr>
 * <tr><td>any other: Parser, Binder, Catalog, Conversion, Constraint…</td><td>INVALID_ARGUMENT</td></tr>
 * <tr><td>none</td><td>INTERNAL</td></tr>
 * <tr><td>no connection in time</td><td>RESOURCE_EXHAUSTED</td></tr>
 * <tr><td>no connection at all</td><td>UNAVAILABLE</td></tr>
 * </table>
 */
final class FlightErrors {
    private static final Logger LOG = LoggerFactory.getLogger(HatchServer.class);

    private static final Pattern C_DATA_MESSAGE =
            Pattern.compile("\\[errno -?\\d+] CDataJniException\\{errno=-?\\d+, message=(.*)}", Pattern.DOTALL);

    private FlightErrors() {}

    /** To be passed to a listener, which does not log it: what is INTERNAL is logged here. */
    static FlightRuntimeException forListener(Throwable failure) {
        FlightRuntimeException error = of(failure);
        if (error.status().code() == CallStatus.INTERNAL.code()) {
            LOG.error("a request failed", failure);
        }
        return error;
    }

    /** To be thrown, which Flight logs. */
    static FlightRuntimeException of(Throwable failure) {
        if (failure instanceof FlightRuntimeException status) {
            return status;
        }
        Throwable cause = causeFromDatabase(failure);
        String message = cause.getMessage() == null ? cause.toString() : unwrapped(cause.getMessage());
        return statusOf(cause, message)
                .withDescription(message)
                .withCause(failure)
                .toRuntimeException();
    }

    /**
     * More than the server takes now. The delay is in the text, and in the trailer that gRPC's clients heed when they are
     * set to retry (gRFC A6).
     */
    static FlightRuntimeException busy(String description, Duration retryAfter) {
        ErrorFlightMetadata trailers = new ErrorFlightMetadata();
        trailers.insert("grpc-retry-pushback-ms", Long.toString(retryAfter.toMillis()));
        return CallStatus.RESOURCE_EXHAUSTED
                .withDescription(description + (description.endsWith("?") ? " " : ". ") + "Try again after "
                        + retryAfter.toMillis() + " ms")
                .withMetadata(trailers)
                .toRuntimeException();
    }

    /** Whether DuckDB refuses everything from now on. */
    static boolean isFatal(Throwable failure) {
        return "fatal"
                .equals(kindOf(
                        unwrapped(String.valueOf(causeFromDatabase(failure).getMessage()))));
    }

    private static Throwable causeFromDatabase(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof SQLException) {
                return t;
            }
        }
        return failure;
    }

    /** What DuckDB says in mid-stream comes as Arrow's C data interface passes it on. */
    private static String unwrapped(String message) {
        Matcher matcher = C_DATA_MESSAGE.matcher(message);
        return matcher.matches() ? matcher.group(1) : message;
    }

    /** DuckDB's messages begin with the kind of error: "Parser Error: …". It sets no SQLState. */
    private static CallStatus statusOf(Throwable failure, String message) {
        if (failure instanceof SQLTransientConnectionException) {
            return CallStatus.RESOURCE_EXHAUSTED;
        }
        if (failure instanceof SQLNonTransientConnectionException) {
            return CallStatus.UNAVAILABLE;
        }
        @Nullable String kind = kindOf(message);
        if (kind == null) {
            return CallStatus.INTERNAL;
        }
        return switch (kind) {
            case "internal", "fatal" -> CallStatus.INTERNAL;
            case "io" -> message.contains("No files found") ? CallStatus.NOT_FOUND : CallStatus.INTERNAL;
            case "transactioncontext" -> isConflict(message) ? CallStatus.UNAVAILABLE : CallStatus.INVALID_ARGUMENT;
            case "out of memory" -> CallStatus.RESOURCE_EXHAUSTED;
            case "interrupt" -> CallStatus.CANCELLED;
            case "not implemented" -> CallStatus.UNIMPLEMENTED;
            case "permission" -> CallStatus.UNAUTHORIZED;
            default -> CallStatus.INVALID_ARGUMENT;
        };
    }

    private static boolean isConflict(String message) {
        return message.toLowerCase(Locale.ROOT).contains("conflict");
    }

    private static @Nullable String kindOf(String message) {
        int end = message.toLowerCase(Locale.ROOT).indexOf(" error: ");
        return end <= 0 || end > 40 ? null : message.substring(0, end).toLowerCase(Locale.ROOT);
    }
}
