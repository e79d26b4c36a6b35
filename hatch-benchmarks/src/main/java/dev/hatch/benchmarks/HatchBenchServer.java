package dev.hatch.benchmarks;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.server.HatchServer;
import dev.hatch.server.ServerConfig;
import dev.hatch.server.Versions;
import java.io.IOException;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;

/** Hatch's server with its defaults, save for the size of its pool. */
final class HatchBenchServer implements BenchServer {
    private final HatchServer server;

    /** @param connections the pool's size */
    HatchBenchServer(int connections) throws SQLException, IOException {
        ConnectionPoolConfig pool = ConnectionPoolConfig.builder()
                .name("bench")
                .dsn(":memory:")
                .maxOpenConnections(connections)
                .maxIdleConnections(connections)
                .build();
        server = HatchServer.start(ServerConfig.builder(pool)
                .listen(new ServerConfig.Address(HOST, 0))
                .admin(new ServerConfig.Address(HOST, 0))
                .build());
    }

    @Override
    public int port() {
        return server.port();
    }

    @Override
    public Connection connect() throws SQLException {
        return server.dataSource().getConnection();
    }

    @Override
    public long arrowPeakBytes() throws IOException {
        URI uri = URI.create(server.adminUri().orElseThrow() + "/api/pools");
        return new JsonMapper()
                .readTree(uri.toURL())
                .get("arrow")
                .get("peakBytes")
                .asLong();
    }

    @Override
    public String version() {
        return Versions.hatch();
    }

    @Override
    public void close() {
        server.close();
    }
}
