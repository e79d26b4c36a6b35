package dev.hatch.server;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a {@link HatchServer}.
 *
 * @param host the address to listen on
 * @param port the port to listen on; 0 takes a free one
 * @param batchRows rows in a batch of a result, at most; 1 or more
 * @param pool the database and the bound on statements that run at once
 * @param admin where the server shows itself; null: nowhere
 */
public record ServerConfig(
        String host,
        int port,
        int batchRows,
        ConnectionPoolConfig pool,
        @Nullable Address admin) {
    /** Larger batches cost fewer calls, smaller ones less memory; DuckDB's export is fastest around here. */
    public static final int DEFAULT_BATCH_ROWS = 16_384;

    /**
     * Where to listen.
     *
     * @param host the address
     * @param port the port; 0 takes a free one
     */
    public record Address(String host, int port) {
        /** Checks the number. */
        public Address {
            requirePort(port);
        }
    }

    /** Checks the numbers. */
    public ServerConfig {
        requirePort(port);
        if (batchRows < 1) {
            throw new IllegalArgumentException("batchRows is " + batchRows + "; it must be 1 or more");
        }
    }

    /** Without an admin address. */
    public ServerConfig(String host, int port, int batchRows, ConnectionPoolConfig pool) {
        this(host, port, batchRows, pool, null);
    }

    /** The same with an address where the server shows itself: the live page, its numbers, its health. */
    public ServerConfig withAdmin(Address address) {
        return new ServerConfig(host, port, batchRows, pool, address);
    }

    private static void requirePort(int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port is " + port + "; it must be 0 to 65535");
        }
    }
}
