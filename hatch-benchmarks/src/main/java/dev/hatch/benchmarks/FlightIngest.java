package dev.hatch.benchmarks;

import com.google.protobuf.Any;
import java.sql.Connection;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.arrow.c.ArrowArrayStream;
import org.apache.arrow.c.Data;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightClient.ClientStreamListener;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.SyncPutListener;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions.TableExistsOption;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions.TableNotExistOption;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/** The ways into one table: each fills it, empty as it is. */
final class FlightIngest {
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    private FlightIngest() {}

    /**
     * As {@code FlightSqlClient.executeIngest}, save for its way to wait for a server that is not ready: that spins, and
     * so takes a processor from the server, which it would not have if the two were on a machine each.
     */
    @SuppressWarnings("try") // An interrupt ends the measurement like any failure.
    static void throughServer(FlightClients clients, long rows) throws Exception {
        CommandStatementIngest command = CommandStatementIngest.newBuilder()
                .setTable(FlightTable.INGESTED)
                .setTableDefinitionOptions(TableDefinitionOptions.newBuilder()
                        .setIfNotExist(TableNotExistOption.TABLE_NOT_EXIST_OPTION_FAIL)
                        .setIfExists(TableExistsOption.TABLE_EXISTS_OPTION_APPEND))
                .build();
        FlightDescriptor descriptor = FlightDescriptor.command(Any.pack(command).toByteArray());
        try (FlightClient client = clients.connect();
                IngestSource source = new IngestSource(clients.allocator(), rows);
                SyncPutListener results = new SyncPutListener()) {
            VectorSchemaRoot root = source.getVectorSchemaRoot();
            ClientStreamListener stream = client.startPut(descriptor, root, results);
            while (source.loadNextBatch()) {
                while (!stream.isReady() && !results.isCancelled()) {
                    LockSupport.parkNanos(LOOK_AGAIN_NANOS);
                }
                stream.putNext();
            }
            stream.completed();
            stream.getResult();
        }
    }

    /** By rows: the driver has no way to append whole columns. */
    static void append(DuckDBConnection connection, long rows) throws Exception {
        String[] names = IntStream.range(0, IngestSource.BATCH_ROWS)
                .mapToObj(IngestSource::name)
                .toArray(String[]::new);
        try (DuckDBAppender appender = connection.createAppender(FlightTable.INGESTED)) {
            for (long i = 0; i < rows; i++) {
                int row = (int) (i % IngestSource.BATCH_ROWS);
                appender.beginRow()
                        .append((long) row)
                        .append(IngestSource.amount(row))
                        .append(IngestSource.price(row))
                        .append(names[row])
                        .appendEpochMicros(IngestSource.epochMicros(row))
                        .endRow();
            }
        }
    }

    static void insertArrow(DuckDBConnection connection, BufferAllocator allocator, long rows) throws Exception {
        try (IngestSource source = new IngestSource(allocator, rows);
                ArrowArrayStream stream = ArrowArrayStream.allocateNew(allocator)) {
            Data.exportArrayStream(allocator, source, stream);
            connection.registerArrowStream("source", stream);
            try (Statement statement = connection.createStatement()) {
                statement.execute("INSERT INTO " + FlightTable.INGESTED + " SELECT * FROM source");
            }
        }
    }

    /** Times one way, each time into an empty table. */
    static Measurement measure(FlightRun run, Connection connection, FlightFork.Work way) throws Exception {
        long rows = run.settings().rows();
        return FlightFork.rowsPerSecond(
                run,
                () -> FlightTable.createIngested(connection),
                way,
                () -> FlightTable.requireIngested(connection, rows, IngestSource.sumOfIds(rows)));
    }
}
