package dev.hatch.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;

/** A Flight SQL server on a database of its own in memory, listening on loopback. */
interface BenchServer extends AutoCloseable {
    String HOST = "127.0.0.1";

    int port();

    /** A connection to what it serves, beside those of its clients. */
    Connection connect() throws SQLException;

    /** The most Arrow memory that it has had at once. */
    long arrowPeakBytes() throws Exception;

    /** With that of its database where it says more. */
    String version() throws Exception;

    @Override
    void close() throws SQLException;
}
