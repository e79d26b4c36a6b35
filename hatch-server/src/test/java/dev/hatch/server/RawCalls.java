package dev.hatch.server;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.impl.FlightServiceGrpc;

/** Calls of Flight's methods with any bytes for messages. */
final class RawCalls {
    static final long DEADLINE_SECONDS = 60;

    enum Method {
        DO_GET(FlightServiceGrpc.getDoGetMethod()),
        DO_PUT(FlightServiceGrpc.getDoPutMethod()),
        DO_EXCHANGE(FlightServiceGrpc.getDoExchangeMethod()),
        DO_ACTION(FlightServiceGrpc.getDoActionMethod()),
        GET_FLIGHT_INFO(FlightServiceGrpc.getGetFlightInfoMethod()),
        HANDSHAKE(FlightServiceGrpc.getHandshakeMethod());

        @SuppressWarnings("ImmutableEnumChecker") // It is immutable, but is not marked so.
        final MethodDescriptor<byte[], byte[]> descriptor;

        Method(MethodDescriptor<?, ?> method) {
            descriptor = method.toBuilder(Bytes.INSTANCE, Bytes.INSTANCE).build();
        }
    }

    private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
        INSTANCE;

        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private RawCalls() {}

    /** A call that is still open, and how it will end. */
    record Open(ClientCall<byte[], byte[]> call, CompletableFuture<Status> outcome) {
        Status status() throws Exception {
            return outcome.get(DEADLINE_SECONDS + 30, TimeUnit.SECONDS);
        }
    }

    static Open open(Channel channel, Method method, CallOptions options) {
        CompletableFuture<Status> outcome = new CompletableFuture<>();
        ClientCall<byte[], byte[]> call =
                channel.newCall(method.descriptor, options.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS));
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        outcome.complete(status);
                    }
                },
                new Metadata());
        call.request(Integer.MAX_VALUE);
        return new Open(call, outcome);
    }

    /** @param isAbandoned whether the client goes away instead of ending its messages */
    static CompletableFuture<Status> send(Channel channel, Method method, List<byte[]> messages, boolean isAbandoned) {
        Open open = open(channel, method, CallOptions.DEFAULT);
        messages.forEach(open.call()::sendMessage);
        if (isAbandoned) {
            open.call().cancel("abandoned", new StatusException(Status.CANCELLED));
        } else {
            open.call().halfClose();
        }
        return open.outcome();
    }

    static Status send(Channel channel, Method method, byte[]... messages) throws Exception {
        return send(channel, method, List.of(messages), false).get(DEADLINE_SECONDS + 30, TimeUnit.SECONDS);
    }
}
