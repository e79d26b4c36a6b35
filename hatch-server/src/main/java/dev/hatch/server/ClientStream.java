package dev.hatch.server;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import org.apache.arrow.flight.BackpressureStrategy.CallbackBackpressureStrategy;
import org.apache.arrow.flight.BackpressureStrategy.WaitResult;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one client is sent, as fast as it takes it.
 *
 * <p>Made in the call's own thread, where gRPC takes the handlers; run on another, because a call's thread that waits for
 * the client to be ready is never told.
 */
final class ClientStream {
    private static final Logger LOG = LoggerFactory.getLogger(HatchServer.class);

    private final RunningCalls.Call call;
    private final ServerStreamListener listener;
    private final Duration stallTimeout;
    private final Backpressure backpressure = new Backpressure();

    /** What sends it all. */
    interface Work {
        void sendTo(ClientStream client) throws SQLException, IOException;
    }

    /** @param stallTimeout how long the client may take to accept the next batch */
    ClientStream(RunningCalls.Call call, ServerStreamListener listener, Duration stallTimeout) {
        this.call = call;
        this.listener = listener;
        this.stallTimeout = stallTimeout;
        backpressure.register(listener);
        call.wakeBy(backpressure::interruptWait);
    }

    /** Does the work, ends the call and then tells the client, so that one that has all of it finds its lease returned. */
    void run(Work work) {
        try (call) {
            work.sendTo(this);
        } catch (SQLException | IOException | RuntimeException | Error e) {
            // Errors too: without a word the client would wait for ever.
            fail(FlightErrors.forListener(call.failed(e)));
            return;
        }
        listener.completed();
    }

    private void fail(FlightRuntimeException failure) {
        try {
            listener.error(failure);
        } catch (IllegalStateException e) {
            // gRPC has ended the call already, such as when it found no memory for a batch.
            LOG.debug("nobody is there any more to be told", e);
        }
    }

    /** @param root which each batch is in when {@link #put} is called; it is copied by the time that that returns */
    void start(VectorSchemaRoot root) {
        listener.start(root);
    }

    /**
     * Sends what is in the root, once the client can take it.
     *
     * @throws FlightRuntimeException if the client takes nothing for too long, or the call was stopped
     */
    void put() {
        call.awaitsClient(true);
        WaitResult ready = backpressure.await(stallTimeout);
        call.awaitsClient(false);
        if (ready == WaitResult.TIMEOUT) {
            throw CallStatus.CANCELLED
                    .withDescription("the client took no batch for " + stallTimeout.toMillis()
                            + " ms; what it has not taken is dropped")
                    .toRuntimeException();
        }
        if (ready != WaitResult.READY) {
            throw call.stopped();
        }
        listener.putNext();
    }

    private final class Backpressure extends CallbackBackpressureStrategy {
        @Override
        protected boolean shouldContinueWaiting(ServerStreamListener ofCall, long left) {
            return !call.isStopped();
        }

        WaitResult await(Duration most) {
            return waitForListener(Math.max(1, most.toMillis()));
        }
    }
}
