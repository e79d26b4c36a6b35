package dev.hatch.benchmarks;

import java.io.IOException;
import java.net.URISyntaxException;
import java.sql.Connection;
import java.sql.SQLException;
import org.apache.arrow.flight.FlightServer;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.sql.FlightSqlProducer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * DazzleDuck's producer as it comes, without its authentication. It needs an older DuckDB than the rest, so it is only on
 * the class path of its forks and reached by reflection, once: what it does for a client does not come by here.
 */
final class DazzleDuckServer implements BenchServer {
    private static final String PACKAGE = "io.dazzleduck.sql.";

    private final BufferAllocator allocator = new RootAllocator();
    private final FlightSqlProducer producer;
    private final FlightServer flight;

    DazzleDuckServer() throws ReflectiveOperationException, IOException {
        Location location = Location.forGrpcInsecure(HOST, 0);
        producer = Class.forName(PACKAGE + "flight.server.DuckDBFlightSqlProducer")
                .asSubclass(FlightSqlProducer.class)
                .getConstructor(Location.class)
                .newInstance(location);
        flight = FlightServer.builder(allocator, location, producer).build().start();
    }

    @Override
    public int port() {
        return flight.getPort();
    }

    /** One of its pool, which is one for the whole JVM. */
    @Override
    public Connection connect() {
        try {
            return (Connection) Class.forName(PACKAGE + "commons.ConnectionPool")
                    .getMethod("getConnection")
                    .invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("DazzleDuck's pool", e);
        }
    }

    @Override
    public long arrowPeakBytes() {
        throw new UnsupportedOperationException("it has an allocator of its own");
    }

    /** That of DuckDB as it says it itself, for the driver's jar says another. */
    @Override
    public String version() throws IOException, URISyntaxException, SQLException {
        try (Connection connection = connect()) {
            return LibraryVersion.of(producer.getClass()) + ", DuckDB "
                    + connection.getMetaData().getDatabaseProductVersion();
        }
    }

    @Override
    public void close() {
        try {
            flight.close();
            producer.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while DazzleDuck ended", e);
        } catch (Exception e) {
            throw new IllegalStateException("DazzleDuck's producer could not be closed", e);
        }
        allocator.close();
    }
}
