package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hatch.arrow.JavaValues;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightClientMiddleware;
import org.apache.arrow.flight.FlightGrpcUtils;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.client.ClientCookieMiddleware;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.jspecify.annotations.Nullable;

/** A server on a database in memory and a free port, whose close says what its clients left behind. */
final class TestServer implements AutoCloseable {
    static final Duration SOON = Duration.ofSeconds(20);

    /** It writes a stack trace for each client that goes away. */
    private static final Logger GRPC = Logger.getLogger("io.grpc");

    static {
        GRPC.setLevel(Level.SEVERE);
    }

    private final HatchServer server;

    private TestServer(HatchServer server) {
        this.server = server;
    }

    static TestServer start() {
        return start(8);
    }

    static TestServer start(int connections) {
        return start(connections, ServerConfig.DEFAULT_BATCH_ROWS);
    }

    static TestServer start(int connections, int batchRows) {
        return start(config(":memory:", 0, connections, batchRows));
    }

    static TestServer start(ServerConfig.Builder config) {
        try {
            return new TestServer(HatchServer.start(config.build()));
        } catch (SQLException | IOException e) {
            throw new AssertionError(e);
        }
    }

    /** With an admin address, too. */
    static TestServer startWithAdmin(int connections) {
        return start(config(":memory:", 0, connections, ServerConfig.DEFAULT_BATCH_ROWS)
                .admin(new ServerConfig.Address("127.0.0.1", 0)));
    }

    static ServerConfig.Builder config(String dsn, int port, int connections, int batchRows) {
        return config(dsn, port, connections, batchRows, Duration.ofSeconds(30));
    }

    static ServerConfig.Builder config(
            String dsn, int port, int connections, int batchRows, Duration connectionTimeout) {
        return ServerConfig.builder(ConnectionPoolConfig.builder()
                        .name("test")
                        .dsn(dsn)
                        .maxOpenConnections(connections)
                        .maxIdleConnections(connections)
                        .connectionTimeout(connectionTimeout)
                        .build())
                .listen(new ServerConfig.Address("127.0.0.1", port))
                .batchRows(batchRows);
    }

    HatchServer hatch() {
        return server;
    }

    int inUse() {
        return server.pool().stats().inUse();
    }

    /** Through the Flight SQL JDBC driver. */
    Connection jdbc() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:arrow-flight-sql://127.0.0.1:" + server.port() + "?useEncryption=false");
    }

    /** Past the server: a lease of its own pool. */
    void execute(String sql) {
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    /** The first value of the first row, past the server. */
    long number(String sql) {
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            assertThat(result.next()).isTrue();
            return result.getLong(1);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    /** Nobody holds a connection or a byte of Arrow memory any more. */
    void awaitIdle() {
        await().pollInterval(Duration.ofMillis(5)).atMost(SOON).untilAsserted(() -> {
            assertThat(inUse()).as("leases out").isZero();
            assertThat(server.allocatedBytes()).as("Arrow bytes allocated").isZero();
        });
    }

    @Override
    public void close() {
        try {
            awaitIdle();
        } finally {
            server.close();
        }
    }

    Client client() {
        return new Client(server.port());
    }

    /** One that sends cookies back, as a browser does. */
    Client clientWithCookies() {
        return new Client(server.port(), List.of(new ClientCookieMiddleware.Factory()));
    }

    /** A Flight SQL client with memory of its own, which must all be back when it is closed. */
    static final class Client implements AutoCloseable {
        final BufferAllocator allocator = new RootAllocator();
        final ManagedChannel channel;
        final FlightClient flight;
        final FlightSqlClient sql;

        Client(int port) {
            this(port, List.of());
        }

        Client(int port, List<FlightClientMiddleware.Factory> middleware) {
            channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                    .usePlaintext()
                    .maxInboundMessageSize(Integer.MAX_VALUE)
                    .build();
            flight = FlightGrpcUtils.createFlightClient(allocator, channel, middleware);
            sql = new FlightSqlClient(flight);
        }

        FlightStream stream(FlightInfo info) {
            return sql.getStream(info.getEndpoints().get(0).getTicket());
        }

        FlightStream query(String text) {
            return stream(sql.execute(text));
        }

        /** Reads a list to its end, whose schema must be the one that was announced, each value as a Java object. */
        @SuppressWarnings("try") // FlightStream.close may be interrupted.
        List<List<@Nullable Object>> rows(FlightInfo info) throws Exception {
            List<List<@Nullable Object>> rows = new ArrayList<>();
            try (FlightStream stream = stream(info)) {
                assertThat(stream.getSchema())
                        .isEqualTo(info.getSchemaOptional().orElseThrow());
                while (stream.next()) {
                    for (int i = 0; i < stream.getRoot().getRowCount(); i++) {
                        List<@Nullable Object> row = new ArrayList<>();
                        for (FieldVector vector : stream.getRoot().getFieldVectors()) {
                            row.add(JavaValues.get(vector, i));
                        }
                        rows.add(row);
                    }
                }
            }
            return rows;
        }

        /** Reads the result to its end and returns the number of rows. */
        @SuppressWarnings("try") // FlightStream.close may be interrupted.
        long count(String text) throws Exception {
            long rows = 0;
            try (FlightStream stream = query(text)) {
                while (stream.next()) {
                    rows += stream.getRoot().getRowCount();
                }
            }
            return rows;
        }

        @Override
        public void close() {
            try {
                flight.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            channel.shutdownNow();
            allocator.close();
        }
    }
}
