package dev.hatch.benchmarks;

import java.util.SplittableRandom;
import org.apache.arrow.flight.FlightEndpoint;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.sql.FlightSqlClient;
import org.apache.arrow.flight.sql.FlightSqlClient.PreparedStatement;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/** What one client asks again and again, each time reading the answer to its end. */
interface FlightQuery extends AutoCloseable {
    void ask() throws Exception;

    @Override
    default void close() {}

    /** Makes it for a client, which it does not close. */
    interface Kind {
        FlightQuery open(FlightSqlClient client, BufferAllocator allocator);
    }

    static FlightQuery selectOne(FlightSqlClient client) {
        return () -> requireOneRow(client, client.execute("SELECT 1"), 1);
    }

    /** One row by its key, another each time, in a statement that is sent whole. */
    static FlightQuery point(FlightSqlClient client, long points) {
        SplittableRandom keys = new SplittableRandom(points);
        return () -> {
            long key = keys.nextLong(points);
            requireOneRow(client, client.execute(FlightTable.POINT_QUERY + key), key);
        };
    }

    /** The same in a statement that is prepared once. */
    static FlightQuery preparedPoint(FlightSqlClient client, BufferAllocator allocator, long points) {
        SplittableRandom keys = new SplittableRandom(points);
        BigIntVector parameter = new BigIntVector("key", allocator);
        parameter.allocateNew(1);
        PreparedStatement statement = client.prepare(FlightTable.POINT_QUERY + "?");
        // It is the statement's from here on.
        VectorSchemaRoot parameters = VectorSchemaRoot.of(parameter);
        statement.setParameters(parameters);
        return new FlightQuery() {
            @Override
            public void ask() throws Exception {
                long key = keys.nextLong(points);
                parameter.set(0, key);
                parameters.setRowCount(1);
                requireOneRow(client, statement.execute(), key);
            }

            @Override
            public void close() {
                statement.close();
            }
        };
    }

    @SuppressWarnings("try") // An interrupt ends the measurement like any failure.
    private static void requireOneRow(FlightSqlClient client, FlightInfo info, long first) throws Exception {
        int rows = 0;
        for (FlightEndpoint endpoint : info.getEndpoints()) {
            try (FlightStream stream = client.getStream(endpoint.getTicket())) {
                while (stream.next()) {
                    VectorSchemaRoot root = stream.getRoot();
                    rows += root.getRowCount();
                    FieldVector column = root.getVector(0);
                    if (root.getRowCount() > 0 && ((Number) column.getObject(0)).longValue() != first) {
                        throw new IllegalStateException("asked for " + first + ", got " + column.getObject(0));
                    }
                }
            }
        }
        if (rows != 1) {
            throw new IllegalStateException("asked for " + first + ", got " + rows + " rows");
        }
    }
}
