package dev.hatch.benchmarks;

import dev.hatch.server.ServerConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;
import org.duckdb.DuckDBResultSet;

/** One fork of the benchmark {@code flight}: server and clients of one rival in one JVM, over loopback. */
final class FlightFork {
    private FlightFork() {}

    public static void main(String[] args) {
        FlightRun run = FlightRun.ofArguments(Arrays.asList(args));
        Child.run(() -> measure(run));
    }

    static ForkReport measure(FlightRun run) throws Exception {
        return switch (run.rival()) {
            case HATCH, PLAIN, DAZZLEDUCK -> measureServer(run);
            case IN_PROCESS, APPENDER, ARROW_INSERT -> measureInProcess(run);
        };
    }

    private static ForkReport measureServer(FlightRun run) throws Exception {
        try (BenchServer server = run.rival().start(run);
                FlightClients clients = new FlightClients(server.port())) {
            return new ForkReport(server.version(), measure(run, server, clients));
        }
    }

    private static List<Measurement> measure(FlightRun run, BenchServer server, FlightClients clients)
            throws Exception {
        FlightSettings settings = run.settings();
        try (Connection connection = server.connect()) {
            switch (run.benchmarkCase()) {
                case STREAM, SLOW_READERS -> FlightTable.create(connection, settings.rows());
                case POINT_C8 -> FlightTable.createPoints(connection, settings.points());
                case INGEST -> {
                    return List.of(FlightIngest.measure(
                            run, connection, () -> FlightIngest.throughServer(clients, settings.rows())));
                }
                case SELECT1_C1, SELECT1_C8 -> {}
            }
        }
        return switch (run.benchmarkCase()) {
            case STREAM -> List.of(streams(run, clients::readTable));
            case SELECT1_C1, SELECT1_C8 -> clients.ask(run, (client, allocator) -> FlightQuery.selectOne(client));
            case POINT_C8 ->
                clients.ask(
                        run,
                        (client, allocator) -> run.rival() == FlightRival.HATCH
                                ? FlightQuery.preparedPoint(client, allocator, settings.points())
                                : FlightQuery.point(client, settings.points()));
            case SLOW_READERS -> SlowReaders.measure(run, server, clients);
            case INGEST -> throw new IllegalStateException("it has been measured");
        };
    }

    private static ForkReport measureInProcess(FlightRun run) throws Exception {
        long rows = run.settings().rows();
        try (DuckDBConnection connection = PlainFlightServer.openMemory();
                BufferAllocator allocator = new RootAllocator()) {
            Measurement found = switch (run.rival()) {
                case APPENDER -> FlightIngest.measure(run, connection, () -> FlightIngest.append(connection, rows));
                case ARROW_INSERT ->
                    FlightIngest.measure(run, connection, () -> FlightIngest.insertArrow(connection, allocator, rows));
                default -> {
                    FlightTable.create(connection, rows);
                    yield streams(run, () -> readInProcess(connection, allocator));
                }
            };
            return new ForkReport(LibraryVersion.of(DuckDBDriver.class), List.of(found));
        }
    }

    /** In batches as Hatch serves them unless it is told otherwise. */
    private static FlightTable.Tally readInProcess(Connection connection, BufferAllocator allocator) throws Exception {
        FlightTable.Tally tally = new FlightTable.Tally();
        try (PreparedStatement statement = connection.prepareStatement(FlightTable.QUERY);
                ResultSet result = statement.executeQuery();
                ArrowReader reader = (ArrowReader) result.unwrap(DuckDBResultSet.class)
                        .arrowExportStream(allocator, ServerConfig.DEFAULT_BATCH_ROWS)) {
            VectorSchemaRoot root = reader.getVectorSchemaRoot();
            while (reader.loadNextBatch()) {
                tally.add(root);
            }
        }
        return tally;
    }

    /** What is timed, or done before or after that. */
    interface Work {
        void run() throws Exception;
    }

    private interface Read {
        FlightTable.Tally run() throws Exception;
    }

    private static Measurement streams(FlightRun run, Read read) throws Exception {
        return rowsPerSecond(
                run, () -> {}, () -> read.run().requireComplete(run.settings().rows()), () -> {});
    }

    static Measurement rowsPerSecond(FlightRun run, Work before, Work timed, Work after) throws Exception {
        FlightSettings settings = run.settings();
        List<Double> values = new ArrayList<>();
        for (int i = 0; i < settings.warmUps() + settings.values(); i++) {
            before.run();
            long start = System.nanoTime();
            timed.run();
            double seconds = (System.nanoTime() - start) / 1e9;
            after.run();
            if (i >= settings.warmUps()) {
                values.add(settings.rows() / seconds);
            }
        }
        return new Measurement(run.title(), "rows/s", "rows/s", Better.HIGHER, values);
    }
}
