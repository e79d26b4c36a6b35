package dev.hatch.server;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptors;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.CancelFlightInfoRequest;
import org.apache.arrow.flight.CloseSessionRequest;
import org.apache.arrow.flight.FlightConstants;
import org.apache.arrow.flight.FlightGrpcUtils;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightProducer;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.GetSessionOptionsRequest;
import org.apache.arrow.flight.RenewFlightEndpointRequest;
import org.apache.arrow.flight.SetSessionOptionsRequest;
import org.apache.arrow.flight.auth.ServerAuthHandler;
import org.apache.arrow.flight.grpc.ServerBackpressureThresholdInterceptor;
import org.apache.arrow.flight.grpc.StatusUtils;
import org.apache.arrow.flight.impl.Flight;
import org.apache.arrow.flight.impl.FlightServiceGrpc;
import org.apache.arrow.flight.sql.FlightSqlUtils;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCancelQueryRequest;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Stands between gRPC and Flight and lets no request through that is not what it says it is. It takes every message as
 * the bytes that came, looks at them, and then has them parsed; a call with a message that is refused ends with
 * INVALID_ARGUMENT or UNIMPLEMENTED and nothing in the log, since anyone can send such a message, and many of them.
 *
 * <p>An upload begins for Flight with its first message that is in order, for Flight gives it a thread at once, which
 * waits for that message for as long as the call lasts. A handshake begins with its first message, too, since Flight
 * would have answered it before. DoExchange, which no Flight SQL command uses, is refused before any message is read.
 */
final class RequestGuard {
    /**
     * With so much on its way to a client, its stream waits: of batches that are larger one or two are in memory. Flight's
     * own default of 10 MiB, times the clients that read slowly, is what a server dies of.
     */
    private static final int UNSENT_BYTES = 256 << 10;

    private static final int MAX_HANDSHAKE_BYTES = 64 << 10;
    private static final int MAX_HANDSHAKE_MESSAGES = 16;

    /** Of the six messages that Flight asks for in advance; two of an upload that nobody reads are in memory. */
    private static final int WITHHELD = 4;

    private interface Parser {
        void parse(ByteBuffer body) throws IOException, URISyntaxException;
    }

    /** The actions of which Flight reports a malformed body as an error of the server's, or does not survive it. */
    @SuppressWarnings("deprecation") // Clients still send it.
    private static final Map<String, Parser> ACTIONS = Map.of(
            FlightConstants.CANCEL_FLIGHT_INFO.getType(),
            body -> {
                requireInfo(Flight.CancelFlightInfoRequest.parseFrom(body.duplicate())
                        .getInfo());
                CancelFlightInfoRequest.deserialize(body);
            },
            FlightSqlUtils.FLIGHT_SQL_CANCEL_QUERY.getType(),
            body -> {
                ByteString info = Any.parseFrom(body)
                        .unpack(ActionCancelQueryRequest.class)
                        .getInfo();
                requireInfo(Flight.FlightInfo.parseFrom(info));
                FlightInfo.deserialize(info.asReadOnlyByteBuffer());
            },
            FlightConstants.RENEW_FLIGHT_ENDPOINT.getType(),
            RenewFlightEndpointRequest::deserialize,
            FlightConstants.SET_SESSION_OPTIONS.getType(),
            SetSessionOptionsRequest::deserialize,
            FlightConstants.GET_SESSION_OPTIONS.getType(),
            GetSessionOptionsRequest::deserialize,
            FlightConstants.CLOSE_SESSION.getType(),
            CloseSessionRequest::deserialize);

    private final BufferAllocator allocator;
    private final long maxMessageBytes;

    private RequestGuard(BufferAllocator allocator, long maxMessageBytes) {
        this.allocator = allocator;
        this.maxMessageBytes = maxMessageBytes;
    }

    /**
     * The Flight service of a producer, behind a guard.
     *
     * @param calls where Flight runs uploads
     * @param maxMessageBytes which gRPC keeps to
     */
    @SuppressWarnings("deprecation") // Flight's older kind of authentication, which it asks for.
    static ServerServiceDefinition service(
            FlightProducer producer, BufferAllocator allocator, ExecutorService calls, int maxMessageBytes) {
        ServerServiceDefinition flight = FlightGrpcUtils.createFlightService(
                        allocator, producer, ServerAuthHandler.NO_OP, calls)
                .bindService();
        RequestGuard guard = new RequestGuard(allocator, maxMessageBytes);
        ServerServiceDefinition.Builder guarded =
                ServerServiceDefinition.builder(flight.getServiceDescriptor().getName());
        for (ServerMethodDefinition<?, ?> method : flight.getMethods()) {
            guarded.addMethod(guard.guarded(method));
        }
        return ServerInterceptors.intercept(guarded.build(), new ServerBackpressureThresholdInterceptor(UNSENT_BYTES));
    }

    private <Q, A> ServerMethodDefinition<InputStream, A> guarded(ServerMethodDefinition<Q, A> method) {
        MethodDescriptor<Q, A> descriptor = method.getMethodDescriptor();
        MethodDescriptor<InputStream, A> bytes = descriptor.toBuilder(
                        new Unparsed(), descriptor.getResponseMarshaller())
                .build();
        String name = descriptor.getFullMethodName();
        if (name.equals(FlightServiceGrpc.getDoExchangeMethod().getFullMethodName())) {
            return ServerMethodDefinition.create(bytes, RequestGuard::refuseExchange);
        }
        boolean isUpload = name.equals(FlightServiceGrpc.getDoPutMethod().getFullMethodName());
        return ServerMethodDefinition.create(
                bytes, (call, headers) -> new Guarded<>(method, call, headers, isUpload).begin());
    }

    private static <Q, A> ServerCall.Listener<Q> refuseExchange(ServerCall<Q, A> call, Metadata headers) {
        call.close(
                Status.UNIMPLEMENTED.withDescription(
                        "there is no exchange in Flight SQL: use DoGet for results and DoPut for uploads"),
                new Metadata());
        return new ServerCall.Listener<>() {};
    }

    /** Flight SQL has commands and no paths. */
    static void requireCommand(Flight.FlightDescriptor descriptor) {
        if (descriptor.getType() != Flight.FlightDescriptor.DescriptorType.CMD) {
            throw invalid("the descriptor is of type " + descriptor.getType() + ": send a Flight SQL command");
        }
        requireAny("command", descriptor.getCmd());
    }

    private static void requireAny(String what, ByteString bytes) {
        try {
            Any unused = Any.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw invalid("the " + what + " is not of Flight SQL: " + e.getMessage());
        }
    }

    private static void requireInfo(Flight.FlightInfo info) {
        if (!info.getSchema().isEmpty()) {
            Object unused = IpcHeader.encapsulatedSchema(info.getSchema());
        }
    }

    private static FlightRuntimeException invalid(String what) {
        return CallStatus.INVALID_ARGUMENT.withDescription(what).toRuntimeException();
    }

    private static void check(Object request) {
        if (request instanceof Flight.FlightDescriptor descriptor) {
            requireCommand(descriptor);
        } else if (request instanceof Flight.Ticket ticket) {
            requireAny("ticket", ticket.getTicket());
        } else if (request instanceof Flight.Action action) {
            Parser parser = ACTIONS.get(action.getType());
            if (parser != null) {
                parse(action, parser);
            }
        } else if (request instanceof Flight.HandshakeRequest handshake
                && handshake.getPayload().size() > MAX_HANDSHAKE_BYTES) {
            throw invalid("a handshake of " + handshake.getPayload().size() + " bytes; " + MAX_HANDSHAKE_BYTES
                    + " are taken");
        }
    }

    private static void parse(Flight.Action action, Parser parser) {
        try {
            parser.parse(action.getBody().asReadOnlyByteBuffer());
        } catch (FlightRuntimeException e) {
            throw e;
        } catch (IOException | URISyntaxException | RuntimeException e) {
            throw invalid("the body of the action " + action.getType() + " is malformed: " + e.getMessage());
        }
    }

    /** A message as it came. It is parsed while gRPC delivers it, before its buffers are given back. */
    private static final class Unparsed implements MethodDescriptor.Marshaller<InputStream> {
        @Override
        public InputStream stream(InputStream value) {
            return value;
        }

        @Override
        public InputStream parse(InputStream stream) {
            return stream;
        }
    }

    /** One call. gRPC calls its methods one after the other. */
    private final class Guarded<Q, A> extends ServerCall.Listener<InputStream> {
        private final MethodDescriptor<Q, A> method;
        private final ServerCallHandler<Q, A> handler;
        private final GuardedCall<Q, A> call;
        private final Metadata headers;
        private final @Nullable UploadCheck upload;
        private ServerCall.@Nullable Listener<Q> flight;
        private boolean ready;
        private boolean ended;
        private int messages;

        Guarded(
                ServerMethodDefinition<Q, A> definition,
                ServerCall<InputStream, A> call,
                Metadata headers,
                boolean isUpload) {
            method = definition.getMethodDescriptor();
            handler = definition.getServerCallHandler();
            this.headers = headers;
            upload = isUpload ? new UploadCheck(allocator, maxMessageBytes) : null;
            // One has been asked for before Flight asks.
            this.call = new GuardedCall<>(call, method, isUpload ? 1 + WITHHELD : 1);
        }

        Guarded<Q, A> begin() {
            if (method.getType().clientSendsOneMessage()) {
                flight = handler.startCall(call, headers);
            }
            call.requestOne();
            return this;
        }

        @Override
        public void onMessage(InputStream bytes) {
            if (ended) {
                return;
            }
            try {
                messages++;
                if (upload == null) {
                    int max = method.getType().clientSendsOneMessage() ? 1 : MAX_HANDSHAKE_MESSAGES;
                    if (messages > max) {
                        throw invalid("the call has more than " + max + " messages");
                    }
                    Q request = parsed(bytes);
                    check(request);
                    begun().onMessage(request);
                } else {
                    boolean isKept = accept(upload, bytes);
                    begun().onMessage(parsed(bytes));
                    if (!isKept) {
                        call.requestOne();
                    }
                }
            } catch (FlightRuntimeException e) {
                refuse(e);
            } catch (IOException | RuntimeException e) {
                refuse(invalid("the message cannot be read: " + e.getMessage()));
            }
        }

        private boolean accept(UploadCheck check, InputStream bytes) throws IOException {
            bytes.mark(Integer.MAX_VALUE);
            boolean isKept = check.accept(bytes, bytes.available());
            bytes.reset();
            return isKept;
        }

        private Q parsed(InputStream bytes) {
            try {
                return method.parseRequest(bytes);
            } catch (RuntimeException e) {
                throw invalid("the message is no " + method.getFullMethodName() + " request: " + e.getMessage());
            }
        }

        private ServerCall.Listener<Q> begun() {
            ServerCall.Listener<Q> listener = flight;
            if (listener == null) {
                listener = handler.startCall(call, headers);
                flight = listener;
                if (ready) {
                    listener.onReady();
                }
            }
            return listener;
        }

        private void refuse(FlightRuntimeException refusal) {
            ended = true;
            call.refuse(StatusUtils.toGrpcStatus(refusal.status()));
            if (flight != null) {
                // So that it gives back what it holds of the call.
                flight.onCancel();
            }
        }

        @Override
        public void onHalfClose() {
            if (ended) {
                return;
            }
            if (messages == 0 && (upload != null || method.getType().clientSendsOneMessage())) {
                refuse(invalid("the call ended without a message"));
            } else {
                begun().onHalfClose();
            }
        }

        @Override
        public void onCancel() {
            if (!ended && flight != null) {
                ended = true;
                flight.onCancel();
            }
        }

        @Override
        public void onComplete() {
            if (!ended && flight != null) {
                flight.onComplete();
            }
        }

        @Override
        public void onReady() {
            ready = true;
            if (!ended && flight != null) {
                flight.onReady();
            }
        }
    }

    /**
     * The call as Flight sees it. Once the guard has ended it, what Flight still says goes nowhere. Flight answers from
     * its own threads while the guard may end the call from gRPC's, so each of the two holds this.
     */
    private static final class GuardedCall<Q, A> extends ServerCall<Q, A> {
        private final ServerCall<InputStream, A> call;
        private final MethodDescriptor<Q, A> method;
        private final AtomicInteger withheld;
        private volatile boolean refused;
        /** Guarded by this. */
        private boolean ended;

        GuardedCall(ServerCall<InputStream, A> call, MethodDescriptor<Q, A> method, int withheld) {
            this.call = call;
            this.method = method;
            this.withheld = new AtomicInteger(withheld);
        }

        void requestOne() {
            call.request(1);
        }

        void refuse(Status status) {
            refused = true;
            close(status, new Metadata());
        }

        @Override
        public void request(int messages) {
            int kept = Math.min(messages, withheld.getAndUpdate(left -> Math.max(0, left - messages)));
            if (messages > kept) {
                call.request(messages - kept);
            }
        }

        @Override
        public synchronized void sendHeaders(Metadata headers) {
            if (!ended) {
                call.sendHeaders(headers);
            }
        }

        @Override
        public synchronized void sendMessage(A message) {
            if (!ended) {
                call.sendMessage(message);
            }
        }

        @Override
        public synchronized void close(Status status, Metadata trailers) {
            if (!ended) {
                ended = true;
                call.close(status, trailers);
            }
        }

        /** Also if the guard has ended it, so that Flight and the producer do no more for it. */
        @Override
        public boolean isCancelled() {
            return refused || call.isCancelled();
        }

        @Override
        public boolean isReady() {
            return call.isReady();
        }

        @Override
        public void setMessageCompression(boolean enabled) {
            call.setMessageCompression(enabled);
        }

        @Override
        public void setCompression(String compressor) {
            call.setCompression(compressor);
        }

        @Override
        public void setOnReadyThreshold(int bytes) {
            call.setOnReadyThreshold(bytes);
        }

        @Override
        public SecurityLevel getSecurityLevel() {
            return call.getSecurityLevel();
        }

        @Override
        public Attributes getAttributes() {
            return call.getAttributes();
        }

        @Override
        public @Nullable String getAuthority() {
            return call.getAuthority();
        }

        @Override
        public MethodDescriptor<Q, A> getMethodDescriptor() {
            return method;
        }
    }
}
