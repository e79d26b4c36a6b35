package dev.hatch.benchmarks;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/** The tables that are streamed, looked into and ingested into: five columns of the usual kinds. */
final class FlightTable {
    static final String QUERY = "SELECT * FROM streamed";

    /** A key or a question mark follows. */
    static final String POINT_QUERY = "SELECT * FROM points WHERE id = ";

    static final String INGESTED = "ingested";

    private static final String COLUMNS = "(id BIGINT%s, amount INTEGER, price DOUBLE, name VARCHAR, \"at\" TIMESTAMP)";
    private static final String ROWS = "SELECT range AS id, (range %% 1000)::INTEGER AS amount,"
            + " range * 0.5::DOUBLE AS price, printf('name%%08d', range) AS name,"
            + " TIMESTAMP '2020-01-01 00:00:00' + to_seconds(range) AS at FROM range(%d)";

    private FlightTable() {}

    /** Makes the one that is streamed. */
    static void create(Connection connection, long rows) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE streamed AS " + String.format(ROWS, rows));
        }
    }

    /** Makes the one in which rows are looked for by their key. */
    static void createPoints(Connection connection, long rows) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE points" + String.format(COLUMNS, " PRIMARY KEY"));
            statement.execute("INSERT INTO points " + String.format(ROWS, rows));
        }
    }

    /** Makes the one that is ingested into, empty, whether or not it is there. */
    static void createIngested(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE OR REPLACE TABLE " + INGESTED + String.format(COLUMNS, ""));
        }
    }

    /** An ingest that lost rows does not count as a fast one. */
    static void requireIngested(Connection connection, long rows, long sumOfIds) throws SQLException {
        Tally tally = new Tally();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT count(*), sum(id)::BIGINT FROM " + INGESTED)) {
            result.next();
            tally.rows = result.getLong(1);
            tally.sum = result.getLong(2);
        }
        tally.require(rows, sumOfIds);
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
            require(expectedRows, expectedRows * (expectedRows - 1) / 2);
        }

        private void require(long expectedRows, long expectedSum) {
            if (rows != expectedRows || sum != expectedSum) {
                throw new IllegalStateException("expected " + expectedRows + " rows with the sum " + expectedSum
                        + ", got " + rows + " with " + sum);
            }
        }
    }
}
