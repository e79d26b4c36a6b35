package dev.hatch.server;

import org.apache.arrow.flight.FlightProducer.CallContext;

/**
 * Who calls.
 *
 * @param name as in the users file, or the common name of a client's certificate
 * @param role what the user may do
 */
public record User(String name, Role role) {
    /** Everybody, as long as there is no authentication. */
    static final User ANONYMOUS = new User("anonymous", Role.READ_WRITE);

    /** Whose call it is. */
    static User of(CallContext context) {
        return Caller.of(context).user();
    }
}
