package dev.hatch.server;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import org.apache.arrow.flight.CallHeaders;
import org.apache.arrow.flight.CallInfo;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightProducer.CallContext;
import org.apache.arrow.flight.FlightServerMiddleware;
import org.apache.arrow.flight.RequestContext;
import org.apache.arrow.flight.grpc.ServerInterceptorAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Who makes a call, and from where. Flight makes one of these for each call and keeps it with the call; an interceptor,
 * which gRPC runs after Flight's own and before the call is answered, fills it with what gRPC alone knows. Nothing that
 * a client sends gets in here unchecked.
 */
final class Caller implements FlightServerMiddleware {
    private static final Key<Caller> KEY = Key.of("hatch-caller");

    private volatile @Nullable Identity identity;
    private volatile @Nullable SocketAddress address;

    private Caller() {}

    private record Identity(User user, @Nullable String sessionKey) {}

    /** Who makes that call. */
    static Caller of(CallContext context) {
        Caller caller = context.getMiddleware(KEY);
        if (caller == null) {
            throw new IllegalStateException("a call that no interceptor saw");
        }
        return caller;
    }

    User user() {
        return identity().user();
    }

    /**
     * Names what is kept for this client between its calls: of one user only, and not to be guessed. Null if the client
     * showed neither a token that was issued to it nor a cookie of ours.
     */
    @Nullable String sessionKey() {
        return identity().sessionKey();
    }

    /** The same for what is to be kept from this call on; if the client showed nothing, what it is offered in the answer. */
    String keptKey() {
        String shown = sessionKey();
        if (shown == null) {
            throw CallStatus.UNIMPLEMENTED.withDescription("no cookie yet").toRuntimeException();
        }
        return shown;
    }

    private Identity identity() {
        Identity known = identity;
        if (known == null) {
            throw new IllegalStateException("a call of nobody");
        }
        return known;
    }

    /** Such as {@code 127.0.0.1:50123}; null if it is not known. */
    @Nullable String peer() {
        SocketAddress from = address;
        if (from instanceof InetSocketAddress inet) {
            return inet.getAddress().getHostAddress() + ":" + inet.getPort();
        }
        return from == null ? null : from.toString();
    }

    static Key<Caller> key() {
        return KEY;
    }

    static final class Factory implements FlightServerMiddleware.Factory<Caller> {
        @Override
        public Caller onCallStarted(CallInfo info, CallHeaders headers, RequestContext context) {
            return new Caller();
        }
    }

    static final class Interceptor implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            // None in a call of another service.
            Map<Key<?>, FlightServerMiddleware> ofCall = ServerInterceptorAdapter.SERVER_MIDDLEWARE_KEY.get();
            if (ofCall != null && ofCall.get(KEY) instanceof Caller caller) {
                caller.address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
                caller.identity = new Identity(User.ANONYMOUS, null);
            }
            return next.startCall(call, headers);
        }
    }

    @Override
    public void onBeforeSendingHeaders(CallHeaders headers) {}

    @Override
    public void onCallCompleted(CallStatus status) {}

    @Override
    public void onCallErrored(Throwable failure) {}
}
