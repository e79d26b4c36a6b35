package dev.hatch.benchmarks;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import java.io.IOException;
import java.net.URISyntaxException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.BackpressureStrategy.CallbackBackpressureStrategy;
import org.apache.arrow.flight.BackpressureStrategy.WaitResult;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightEndpoint;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightServer;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.flight.sql.BasicFlightSqlProducer;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementQuery;
import org.apache.arrow.flight.sql.impl.FlightSql.TicketStatementQuery;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;
import org.duckdb.DuckDBResultSet;

/**
 * A Flight SQL server on DuckDB as one writes it in an hour, and as fast as that gets: the ticket is the text of the
 * query, each stream has a fresh duplicate of one root connection, and nothing is bounded, checked, described (the
 * FlightInfo has no columns, so the JDBC driver could not use it) or cancelled.
 */
final class PlainFlightServer implements BenchServer {
    private final DuckDBConnection root;
    private final BufferAllocator allocator = new RootAllocator();
    private final ExecutorService streams = Executors.newCachedThreadPool();
    private final int batchRows;
    private final FlightServer flight;

    PlainFlightServer(int batchRows) throws SQLException, IOException {
        this.batchRows = batchRows;
        root = openMemory();
        flight = FlightServer.builder(allocator, Location.forGrpcInsecure(HOST, 0), new Producer())
                .build()
                .start();
    }

    /** A new database in memory whose results stream, as those of its duplicates do. */
    static DuckDBConnection openMemory() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty(DuckDBDriver.JDBC_STREAM_RESULTS, "true");
        return new DuckDBDriver().connect("jdbc:duckdb:", properties).unwrap(DuckDBConnection.class);
    }

    @Override
    public Connection connect() throws SQLException {
        return root.duplicate();
    }

    @Override
    public int port() {
        return flight.getPort();
    }

    @Override
    public long arrowPeakBytes() {
        return allocator.getPeakMemoryAllocation();
    }

    @Override
    public String version() throws IOException, URISyntaxException {
        return "Arrow " + LibraryVersion.of(FlightServer.class) + ", DuckDB " + LibraryVersion.of(DuckDBDriver.class);
    }

    @Override
    public void close() throws SQLException {
        try {
            flight.close();
            streams.shutdown();
            if (!streams.awaitTermination(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a stream did not end within 10 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while streams ended", e);
        }
        allocator.close();
        root.close();
    }

    private final class Producer extends BasicFlightSqlProducer {
        @Override
        public FlightInfo getFlightInfoStatement(
                CommandStatementQuery command, CallContext context, FlightDescriptor descriptor) {
            Message ticket = TicketStatementQuery.newBuilder()
                    .setStatementHandle(command.getQueryBytes())
                    .build();
            Schema schema = new Schema(List.of());
            return FlightInfo.builder(schema, descriptor, determineEndpoints(ticket, descriptor, schema))
                    .build();
        }

        @Override
        public void getStreamStatement(
                TicketStatementQuery ticket, CallContext context, ServerStreamListener listener) {
            CallbackBackpressureStrategy backpressure = new CallbackBackpressureStrategy();
            backpressure.register(listener);
            streams.execute(() -> stream(ticket.getStatementHandle().toStringUtf8(), listener, backpressure));
        }

        private void stream(String sql, ServerStreamListener listener, CallbackBackpressureStrategy backpressure) {
            try (Connection connection = connect();
                    PreparedStatement statement = connection.prepareStatement(sql);
                    ResultSet result = statement.executeQuery();
                    ArrowReader reader = (ArrowReader)
                            result.unwrap(DuckDBResultSet.class).arrowExportStream(allocator, batchRows)) {
                VectorSchemaRoot batch = reader.getVectorSchemaRoot();
                listener.start(batch);
                while (reader.loadNextBatch() && backpressure.waitForListener(0) == WaitResult.READY) {
                    listener.putNext();
                }
                listener.completed();
            } catch (SQLException | IOException | RuntimeException e) {
                listener.error(CallStatus.INTERNAL
                        .withDescription(e.getMessage())
                        .withCause(e)
                        .toRuntimeException());
            }
        }

        /** Nothing to close: what it works on belongs to the server. */
        @Override
        public void close() {}

        @Override
        protected <T extends Message> List<FlightEndpoint> determineEndpoints(
                T request, FlightDescriptor descriptor, Schema schema) {
            return List.of(new FlightEndpoint(new Ticket(Any.pack(request).toByteArray())));
        }
    }
}
