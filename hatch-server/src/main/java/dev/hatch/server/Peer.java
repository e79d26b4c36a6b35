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
 * Where the client of a call is. gRPC knows it and Flight does not tell. So Flight makes one of these for each call and
 * keeps it with the call, and an interceptor, which gRPC runs after Flight's own, says the address.
 */
final class Peer implements FlightServerMiddleware {
    private static final Key<Peer> KEY = Key.of("hatch-peer");

    private volatile @Nullable SocketAddress address;

    private Peer() {}

    /** Such as {@code 127.0.0.1:50123}; null if it is not known. */
    static @Nullable String of(CallContext context) {
        Peer peer = context.getMiddleware(KEY);
        SocketAddress address = peer == null ? null : peer.address;
        if (address instanceof InetSocketAddress inet) {
            return inet.getAddress().getHostAddress() + ":" + inet.getPort();
        }
        return address == null ? null : address.toString();
    }

    static Key<Peer> key() {
        return KEY;
    }

    static final class Factory implements FlightServerMiddleware.Factory<Peer> {
        @Override
        public Peer onCallStarted(CallInfo info, CallHeaders headers, RequestContext context) {
            return new Peer();
        }
    }

    static final class Interceptor implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            // None in a call of another service.
            Map<Key<?>, FlightServerMiddleware> ofCall = ServerInterceptorAdapter.SERVER_MIDDLEWARE_KEY.get();
            if (ofCall != null && ofCall.get(KEY) instanceof Peer peer) {
                peer.address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
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
