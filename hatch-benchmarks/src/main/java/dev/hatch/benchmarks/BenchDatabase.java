package dev.hatch.benchmarks;

import java.sql.Driver;
import java.sql.SQLException;

/** What a pool of connections connects to; whoever opens the pool owns it. */
interface BenchDatabase extends AutoCloseable {
    /** Accepts the URL, and is registered. */
    Class<? extends Driver> driver();

    String url();

    /** How many connections were opened since it was made. */
    int opened() throws SQLException;

    @Override
    void close();
}
