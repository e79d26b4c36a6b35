package dev.hatch.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/** The streamed table: five columns of the usual kinds. */
final class FlightTable {
    static final String QUERY = "SELECT * FROM streamed";

    private FlightTable() {}

    static void create(Connection connection, long rows) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE streamed AS SELECT range AS id, (range % 1000)::INTEGER AS amount,"
                    + " range * 0.5::DOUBLE AS price, printf('name%08d', range) AS name,"
                    + " TIMESTAMP '2020-01-01 00:00:00' + to_seconds(range) AS at FROM range(" + rows + ")");
        }
    }

    /** What every reader does with what it gets, wherever it gets it from: counts the rows and sums one column. */
    static final class Tally {
        private long rows;
        private long sum;

        void add(VectorSchemaRoot batch) {
            BigIntVector ids = (BigIntVector) batch.getVector(0);
            int count = batch.getRowCount();
            for (int row = 0; row < count; row++) {
                sum += ids.get(row);
            }
            rows += count;
        }

        /** A stream that is short or wrong does not count as a fast one. */
        void requireComplete(long expectedRows) {
            long expectedSum = expectedRows * (expectedRows - 1) / 2;
            if (rows != expectedRows || sum != expectedSum) {
                throw new IllegalStateException("expected " + expectedRows + " rows with the sum " + expectedSum
                        + ", got " + rows + " with " + sum);
            }
        }
    }
}
