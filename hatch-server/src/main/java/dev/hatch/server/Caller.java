package dev.hatch.server;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthGrpc;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flight.CallHeaders;
import org.apache.arrow.flight.CallInfo;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightMethod;
import org.apache.arrow.flight.FlightProducer.CallContext;
import org.apache.arrow.flight.FlightServerMiddleware;
import org.apache.arrow.flight.RequestContext;
import org.apache.arrow.flight.grpc.ServerInterceptorAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Who makes a call, and from where. Flight makes one of these for each call and keeps it with the call; an interceptor,
 * which gRPC runs after Flight's own and before the call is answered, fills it with what {@link Authentication} found
 * out, or refuses the call. Nothing else writes to it, and a call that was not seen by the interceptor has no user.
 */
final class Caller implements FlightServerMiddleware {
    private static final Key<Caller> KEY = Key.of("hatch-caller");

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> COOKIE = Metadata.Key.of("cookie", Metadata.ASCII_STRING_MARSHALLER);

    private final boolean isHandshake;
    private volatile Authentication.@Nullable Identity identity;
    private volatile @Nullable SocketAddress address;

    private Caller(boolean isHandshake) {
        this.isHandshake = isHandshake;
    }

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
     * Names what is kept for this client between its calls. Null if the client showed neither a token that was issued to
     * it nor a cookie of this server.
     *
     * <p>It cannot be guessed: the token is 256 random bits, and the cookie is good only with a code that this process
     * alone can make ({@link SessionCookies}). It is of one user: the user's name is part of it, and another user's cookie
     * counts as none. A token and the cookies that came with it name the same.
     */
    @Nullable String sessionKey() {
        return identity().sessionKey();
    }

    /** The same, also if the client showed nothing: then it names what the cookie stands for that the answer brings. */
    String keptKey() {
        return identity().keptKey();
    }

    private Authentication.Identity identity() {
        Authentication.Identity known = identity;
        if (known == null) {
            throw new IllegalStateException("a call of nobody");
        }
        return known;
    }

    /** Such as {@code 127.0.0.1:50123}; null if it is not known. */
    @Nullable String peer() {
        SocketAddress from = address;
        return from instanceof InetSocketAddress inet
                ? host(inet) + ":" + inet.getPort()
                : from == null ? null : from.toString();
    }

    private static String host(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet ? inet.getAddress().getHostAddress() : "somewhere";
    }

    static Key<Caller> key() {
        return KEY;
    }

    static final class Factory implements FlightServerMiddleware.Factory<Caller> {
        @Override
        public Caller onCallStarted(CallInfo info, CallHeaders headers, RequestContext context) {
            return new Caller(info.method() == FlightMethod.HANDSHAKE);
        }
    }

    static final class Interceptor implements ServerInterceptor {
        private final Authentication authentication;

        Interceptor(Authentication authentication) {
            this.authentication = authentication;
        }

        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            // Whether the server is well may be asked by anybody, and nothing else.
            if (HealthGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName())) {
                return next.startCall(call, headers);
            }
            // None in a call of another service.
            Map<Key<?>, FlightServerMiddleware> ofCall = ServerInterceptorAdapter.SERVER_MIDDLEWARE_KEY.get();
            Caller caller = ofCall != null && ofCall.get(KEY) instanceof Caller of ? of : new Caller(false);
            caller.address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
            Iterable<String> cookies = headers.getAll(COOKIE);
            try {
                caller.identity = authentication.identify(new Authentication.Shown(
                        headers.get(AUTHORIZATION),
                        cookies == null ? List.of() : cookies,
                        Tls.commonName(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION)),
                        host(caller.address),
                        caller.isHandshake));
            } catch (StatusRuntimeException e) {
                call.close(e.getStatus(), new Metadata());
                return new ServerCall.Listener<>() {};
            }
            return next.startCall(call, headers);
        }
    }

    @Override
    public void onBeforeSendingHeaders(CallHeaders headers) {
        Authentication.Identity known = identity;
        if (known != null && known.token() != null) {
            headers.insert("authorization", "Bearer " + known.token());
        }
        if (known != null && known.cookie() != null) {
            headers.insert("set-cookie", known.cookie());
        }
    }

    @Override
    public void onCallCompleted(CallStatus status) {}

    @Override
    public void onCallErrored(Throwable failure) {}
}
