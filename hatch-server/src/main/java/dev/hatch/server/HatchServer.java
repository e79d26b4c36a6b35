package dev.hatch.server;

import dev.hatch.arrow.RecordBuilderPool;
import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.server.admin.AdminServer;
import dev.hatch.server.admin.AdminView;
import dev.hatch.server.admin.RunningStatement;
import io.grpc.Codec;
import io.grpc.DecompressorRegistry;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.apache.arrow.flight.FlightServer;
import org.apache.arrow.flight.Location;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Flight SQL server on a pool of connections to one database. It owns the pool, the allocator that all requests take
 * their memory from, and the threads that stream results; {@link #close} gives all of it back.
 */
public final class HatchServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HatchServer.class);
    /** A peer that does not answer for this long is gone, and what it held comes back. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);

    private static final Duration KEEP_ALIVE_TIMEOUT = Duration.ofSeconds(10);

    /** Of one call, its token and its cookies among them. */
    private static final int MAX_HEADER_BYTES = 32 << 10;

    /** A client sends one more when one of these has ended. */
    private static final int MAX_CALLS_PER_CONNECTION = 1_000;

    /** For everything together that was cancelled. */
    private static final Duration TIME_TO_END = Duration.ofSeconds(10);

    private final ServerConfig config;
    private final ConnectionPool pool;
    private final BufferAllocator allocator = new RootAllocator();
    private final RecordBuilderPool builders = RecordBuilderPool.create(allocator);
    /** Where gRPC calls. Its own one FlightServer shuts down first of all, so that no stream would go on in the drain. */
    private final ExecutorService calls;

    private final ExecutorService streams;
    private final Authentication authentication;
    private final @Nullable Tls tls;
    private final HealthStatusManager health = new HealthStatusManager();
    /** Volatile, for close() holds the lock while it drains. */
    private volatile @Nullable FlightServer flight;

    /** Volatile for the same reason, as are the next two. */
    private volatile @Nullable SqlProducer producer;

    private volatile @Nullable AdminServer admin;
    private volatile boolean closed;

    /**
     * Opens the database and listens.
     *
     * @throws SQLException if the database cannot be opened
     * @throws IllegalArgumentException if the users file or a file of TLS cannot be used
     * @throws IOException if an address cannot be listened on; nothing stays open in either case
     */
    public static HatchServer start(ServerConfig config) throws SQLException, IOException {
        HatchServer server = open(config);
        try {
            server.listen();
            return server;
        } catch (Throwable t) {
            server.close();
            throw t;
        }
    }

    /**
     * Opens the database only, so that it can be filled before the first client comes. Whoever asks the admin address
     * is told so.
     *
     * @throws SQLException if it cannot be opened
     * @throws IllegalArgumentException if the users file or a file of TLS cannot be used
     * @throws IOException if the admin address cannot be listened on; nothing stays open in either case
     */
    public static HatchServer open(ServerConfig config) throws SQLException, IOException {
        Authentication authentication = new Authentication(config);
        Tls tls = Tls.of(config);
        HatchServer server = new HatchServer(config, authentication, tls, ConnectionPool.create(poolOf(config)));
        try {
            server.openAdmin();
            return server;
        } catch (Throwable t) {
            server.close();
            throw t;
        }
    }

    private static ConnectionPoolConfig poolOf(ServerConfig config) {
        // A transaction's lease is held by no thread, but for a client that may use it any moment.
        ConnectionPoolConfig.Builder pool = config.pool().toBuilder().detectDeadlocks(false);
        if (config.lockDown()) {
            // When it is opened, as it might be again.
            pool.driverProperty("enable_external_access", "false");
        }
        return pool.build();
    }

    private void openAdmin() throws IOException {
        ServerConfig.Address address = config.admin();
        if (address != null) {
            admin = AdminServer.start(address.host(), address.port(), new View());
        }
    }

    private HatchServer(ServerConfig config, Authentication authentication, @Nullable Tls tls, ConnectionPool pool) {
        this.config = config;
        this.authentication = authentication;
        this.tls = tls;
        this.pool = pool;
        calls = Executors.newCachedThreadPool(threads("call"));
        streams = Executors.newCachedThreadPool(threads("stream"));
    }

    private static ThreadFactory threads(String duty) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, "hatch-" + duty + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /**
     * Takes calls from now on; once only.
     *
     * @throws SQLException if the database does not answer
     * @throws IOException if the address cannot be listened on
     */
    public synchronized void listen() throws SQLException, IOException {
        if (closed || flight != null) {
            throw new IllegalStateException(closed ? "the server is closed" : "the server listens already");
        }
        SqlProducer calling = new SqlProducer(pool, allocator, builders, streams, config, DuckDbTypes.of(pool));
        producer = calling;
        // It takes the place of the service that FlightServer has added under the same name.
        ServerServiceDefinition guarded = RequestGuard.service(calling, allocator, calls, config.maxMessageBytes());
        Consumer<NettyServerBuilder> grpc = builder -> builder.addService(guarded)
                .addService(health.getHealthService())
                .intercept(new Caller.Interceptor(authentication))
                // A few compressed bytes can become a whole message.
                .decompressorRegistry(DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false))
                .maxInboundMetadataSize(MAX_HEADER_BYTES)
                .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
                .keepAliveTime(KEEP_ALIVE.toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(KEEP_ALIVE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        String host = config.listen().host();
        int port = config.listen().port();
        Location location = tls == null ? Location.forGrpcInsecure(host, port) : Location.forGrpcTls(host, port);
        FlightServer.Builder builder = FlightServer.builder(allocator, location, calling)
                .middleware(Caller.key(), new Caller.Factory())
                .executor(calls)
                .maxInboundMessageSize(config.maxMessageBytes())
                .transportHint("grpc.builderConsumer", grpc);
        if (tls != null) {
            tls.applyTo(builder);
        }
        flight = builder.build().start();
    }

    private FlightServer flight() {
        FlightServer listening = flight;
        if (listening == null) {
            throw new IllegalStateException("the server does not listen yet");
        }
        return listening;
    }

    /** Where the server listens, such as {@code grpc://127.0.0.1:31337}, or {@code grpc+tls://…} with TLS. */
    public String uri() {
        return (tls == null ? "grpc://" : "grpc+tls://") + config.listen().host() + ":" + port();
    }

    /** The port that it listens on. */
    public int port() {
        return flight().getPort();
    }

    /** Where the server shows itself, such as {@code http://127.0.0.1:31338}; empty if it does not. */
    public Optional<String> adminUri() {
        return Optional.ofNullable(admin).map(AdminServer::uri);
    }

    /** The server's own pool, for work beside the clients', such as loading data. */
    public DataSource dataSource() {
        return pool;
    }

    ConnectionPool pool() {
        return pool;
    }

    Authentication authentication() {
        return authentication;
    }

    /** Arrow memory that requests hold now, in bytes: all but that of idle builders. */
    long allocatedBytes() {
        return allocator.getAllocatedMemory() - builders.stats().idleBytes();
    }

    /** As {@code close(Duration.ZERO)}. */
    @Override
    public void close() {
        close(Duration.ZERO);
    }

    /** The most Arrow memory that there ever was, in bytes. */
    long peakBytes() {
        return allocator.getPeakMemoryAllocation();
    }

    /**
     * Refuses new calls, lets those under way run for {@code drain}, cancels what is left, then closes the pool and
     * returns all memory. An interrupt ends the drain and nothing else, and the thread stays interrupted. Closing again
     * does nothing.
     */
    public synchronized void close(Duration drain) {
        if (closed) {
            return;
        }
        closed = true;
        health.enterTerminalState();
        boolean interrupted = false;
        FlightServer listening = flight;
        if (listening != null) {
            listening.shutdown();
            try {
                if (!listening.awaitTermination(drain.toMillis(), TimeUnit.MILLISECONDS)) {
                    LOG.info("cancelling what still runs after {}", drain);
                }
            } catch (InterruptedException e) {
                interrupted = true;
                LOG.info("cancelling what still runs: the drain was interrupted");
            }
        }
        // Those that wait for their client, then all that is at work on the database, which hears no interrupt.
        List<Runnable> unused = streams.shutdownNow();
        SqlProducer calling = producer;
        if (calling != null) {
            List<String> left = calling.stop(TIME_TO_END);
            if (!left.isEmpty()) {
                LOG.warn("did not end within {} of being cancelled: {}", TIME_TO_END, left);
            }
        }
        interrupted |= Thread.interrupted();
        if (listening != null) {
            interrupted |= inSpiteOfInterrupts(listening::close);
        }
        calls.shutdown();
        interrupted |= inSpiteOfInterrupts(() -> awaitThreads(streams));
        interrupted |= inSpiteOfInterrupts(() -> awaitThreads(calls));
        pool.close(Duration.ofSeconds(1));
        builders.close();
        try {
            allocator.close();
        } catch (IllegalStateException e) {
            LOG.error("Arrow memory was not given back: {}", e.getMessage());
        }
        // Last, so that whoever asks is told what is going on until it is over.
        AdminServer shown = admin;
        if (shown != null) {
            shown.close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class View implements AdminView {
        @Override
        public String version() {
            return Versions.hatch();
        }

        @Override
        public Phase phase() {
            return closed ? Phase.CLOSING : flight == null ? Phase.STARTING : Phase.LISTENING;
        }

        @Override
        public Optional<String> uri() {
            return flight == null ? Optional.empty() : Optional.of(HatchServer.this.uri());
        }

        @Override
        public ConnectionPool pool() {
            return pool;
        }

        @Override
        public RecordBuilderPool builders() {
            return builders;
        }

        @Override
        public List<RunningStatement> running() {
            SqlProducer calling = producer;
            return calling == null ? List.of() : calling.running();
        }

        @Override
        public long arrowBytes() {
            return allocator.getAllocatedMemory();
        }

        @Override
        public long arrowPeakBytes() {
            return peakBytes();
        }
    }

    private interface Wait {
        void run() throws InterruptedException;
    }

    private static boolean inSpiteOfInterrupts(Wait wait) {
        boolean interrupted = false;
        while (true) {
            try {
                wait.run();
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    /** For a moment: none of them has work any more, unless the log says so already. */
    private static void awaitThreads(ExecutorService threads) throws InterruptedException {
        if (!threads.awaitTermination(1, TimeUnit.SECONDS)) {
            LOG.warn("threads are still at work after everything was cancelled");
        }
    }
}
