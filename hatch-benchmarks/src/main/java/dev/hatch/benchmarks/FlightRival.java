package dev.hatch.benchmarks;

import dev.hatch.server.ServerConfig;
import java.io.File;

/** Who is compared in the benchmark {@code flight}. */
enum FlightRival {
    HATCH(Rival.HATCH),
    PLAIN("plain Flight"),
    DAZZLEDUCK("DazzleDuck"),
    /** Reads what the servers stream. */
    IN_PROCESS("in-process DuckDB"),
    /** Writes what the servers ingest, row by row. */
    APPENDER("DuckDB appender"),
    /** Writes the same by one statement over Arrow's batches. */
    ARROW_INSERT("DuckDB INSERT from Arrow");

    private static final int DEFAULT_CONNECTIONS = 25;

    private final String title;

    FlightRival(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /** Of its forks. */
    String classPath() {
        String here = Rival.classPathHere();
        // Before the DuckDB that is there.
        return this == DAZZLEDUCK ? Rival.jarsOf("dazzleduck") + File.pathSeparator + here : here;
    }

    /** Starts a server; only for those that are one. */
    BenchServer start(FlightRun run) throws Exception {
        return switch (this) {
            case HATCH -> new HatchBenchServer(Math.max(DEFAULT_CONNECTIONS, run.clients()));
            case PLAIN -> new PlainFlightServer(ServerConfig.DEFAULT_BATCH_ROWS);
            case DAZZLEDUCK -> new DazzleDuckServer();
            case IN_PROCESS, APPENDER, ARROW_INSERT -> throw new UnsupportedOperationException(title + " is no server");
        };
    }
}
