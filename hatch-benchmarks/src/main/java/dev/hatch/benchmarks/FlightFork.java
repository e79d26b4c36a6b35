package dev.hatch.benchmarks;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.server.HatchServer;
import dev.hatch.server.ServerConfig;
import dev.hatch.server.Versions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.flight.FlightServer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.duckdb.DuckDBDriver;
import org.duckdb.DuckDBResultSet;

/** One fork of the benchmark {@code flight}: server and client of one rival in one JVM, over loopback. */
final class FlightFork {
    /** The same for all: what Hatch serves with unless it is told otherwise. */
    static final int BATCH_ROWS = ServerConfig.DEFAULT_BATCH_ROWS;

    static final String STREAM = "stream";
    static final List<String> CASES = List.of(STREAM, "select1-c1", "select1-c8");

    private static final String HOST = "127.0.0.1";

    private FlightFork() {}

    public static void main(String[] args) {
        List<String> arguments = Arrays.asList(args);
        Child.run(() -> measure(
                FlightRival.valueOf(arguments.get(0)),
                RecordArguments.parse(FlightSettings.class, arguments.subList(2, arguments.size())),
                Arrays.asList(arguments.get(1).split(",", -1))));
    }

    static ForkReport measure(FlightRival rival, FlightSettings settings, List<String> cases) throws Exception {
        return switch (rival) {
            case HATCH -> measureHatch(settings, cases);
            case PLAIN -> measurePlain(settings, cases);
            case IN_PROCESS -> measureInProcess(settings);
        };
    }

    private static ForkReport measureHatch(FlightSettings settings, List<String> cases) throws Exception {
        ConnectionPoolConfig pool =
                ConnectionPoolConfig.builder().name("bench").dsn(":memory:").build();
        try (HatchServer server = HatchServer.start(ServerConfig.builder(pool)
                .listen(new ServerConfig.Address(HOST, 0))
                .batchRows(BATCH_ROWS)
                .build())) {
            try (Connection connection = server.dataSource().getConnection()) {
                FlightTable.create(connection, settings.rows());
            }
            return new ForkReport(Versions.hatch(), measureServer(server.port(), settings, cases));
        }
    }

    private static ForkReport measurePlain(FlightSettings settings, List<String> cases) throws Exception {
        try (PlainFlightServer server = PlainFlightServer.start(HOST, BATCH_ROWS)) {
            try (Connection connection = server.connect()) {
                FlightTable.create(connection, settings.rows());
            }
            String version = "Arrow " + LibraryVersion.of(FlightServer.class) + ", DuckDB "
                    + LibraryVersion.of(DuckDBDriver.class);
            return new ForkReport(version, measureServer(server.port(), settings, cases));
        }
    }

    private static ForkReport measureInProcess(FlightSettings settings) throws Exception {
        try (Connection connection = PlainFlightServer.openMemory();
                BufferAllocator allocator = new RootAllocator()) {
            FlightTable.create(connection, settings.rows());
            Measurement stream = streams(settings, () -> readInProcess(connection, allocator));
            return new ForkReport(LibraryVersion.of(DuckDBDriver.class), List.of(stream));
        }
    }

    private static FlightTable.Tally readInProcess(Connection connection, BufferAllocator allocator) throws Exception {
        FlightTable.Tally tally = new FlightTable.Tally();
        try (PreparedStatement statement = connection.prepareStatement(FlightTable.QUERY);
                ResultSet result = statement.executeQuery();
                ArrowReader reader =
                        (ArrowReader) result.unwrap(DuckDBResultSet.class).arrowExportStream(allocator, BATCH_ROWS)) {
            VectorSchemaRoot root = reader.getVectorSchemaRoot();
            while (reader.loadNextBatch()) {
                tally.add(root);
            }
        }
        return tally;
    }

    private static List<Measurement> measureServer(int port, FlightSettings settings, List<String> cases)
            throws Exception {
        List<Measurement> measurements = new ArrayList<>();
        try (FlightClients clients = new FlightClients(HOST, port)) {
            if (cases.contains(STREAM)) {
                measurements.add(streams(settings, clients::readTable));
            }
            for (int count : List.of(1, 8)) {
                String queries = "select1-c" + count;
                if (cases.contains(queries)) {
                    measurements.add(new Measurement(
                            queries, "queries/s", "queries/s", Better.HIGHER, clients.selectOne(count, settings)));
                }
            }
        }
        return measurements;
    }

    private interface Read {
        FlightTable.Tally run() throws Exception;
    }

    private static Measurement streams(FlightSettings settings, Read read) throws Exception {
        List<Double> values = new ArrayList<>();
        for (int i = 0; i < settings.warmUps() + settings.streams(); i++) {
            long start = System.nanoTime();
            read.run().requireComplete(settings.rows());
            if (i >= settings.warmUps()) {
                values.add(settings.rows() * 1e9 / (System.nanoTime() - start));
            }
        }
        return new Measurement(STREAM, "rows/s", "rows/s", Better.HIGHER, values);
    }
}
