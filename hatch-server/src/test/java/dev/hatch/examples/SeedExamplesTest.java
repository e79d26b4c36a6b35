package dev.hatch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.pool.jdbc.ConnectionPoolStats;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The usage examples of Hatch's first description, as a user writes them. */
class SeedExamplesTest {
    @TempDir
    Path folder;

    @Test
    void connection_pool() throws SQLException {
        ConnectionPoolConfig config = ConnectionPoolConfig.builder()
                .dsn(folder.resolve("duckdb.db").toString())
                .maxOpenConnections(25)
                .maxIdleConnections(5)
                .connMaxLifetime(Duration.ofMinutes(30))
                .connMaxIdleTime(Duration.ofMinutes(10))
                .healthCheckPeriod(Duration.ofMinutes(1))
                .connectionTimeout(Duration.ofSeconds(30))
                .build();

        try (ConnectionPool pool = ConnectionPool.create(config)) {
            try (Connection connection = pool.getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet result = statement.executeQuery("SELECT 40 + 2")) {
                assertThat(result.next()).isTrue();
                assertThat(result.getInt(1)).isEqualTo(42);

                ConnectionPoolStats stats = pool.stats();
                assertThat(stats.inUse()).isEqualTo(1);
            }
            assertThat(pool.stats().inUse()).isZero();
        }
    }
}
