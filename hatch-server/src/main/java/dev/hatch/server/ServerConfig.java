package dev.hatch.server;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;

/**
 * The settings of a {@link HatchServer}.
 *
 * @param host the address to listen on
 * @param port the port to listen on; 0 takes a free one
 * @param batchRows rows in a batch of a result, at most; 1 or more
 * @param pool the database and the bound on statements that run at once
 */
public record ServerConfig(String host, int port, int batchRows, ConnectionPoolConfig pool) {
    /** Larger batches cost fewer calls, smaller ones less memory; DuckDB's export is fastest around here. */
    public static final int DEFAULT_BATCH_ROWS = 16_384;

    /** Checks the numbers. */
    public ServerConfig {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port is " + port + "; it must be 0 to 65535");
        }
        if (batchRows < 1) {
            throw new IllegalArgumentException("batchRows is " + batchRows + "; it must be 1 or more");
        }
    }
}
