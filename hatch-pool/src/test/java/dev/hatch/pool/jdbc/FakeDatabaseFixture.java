package dev.hatch.pool.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A pool of two on a database that fails or hangs as it is told. */
@Timeout(60)
abstract class FakeDatabaseFixture {
    static final Duration LONG = Duration.ofSeconds(30);
    static final Duration SHORT = Duration.ofMillis(50);

    final FakeDatabase database = new FakeDatabase();
    final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void threadsEnd() {
        threads.shutdownNow();
    }

    final ConnectionPoolConfig.Builder config() {
        return ConnectionPoolConfig.builder()
                .name("test")
                .dsn("fake")
                .source(database)
                .maxOpenConnections(2);
    }

    final ConnectionPool pool() throws SQLException {
        return ConnectionPool.create(config().build());
    }

    static void assertConserved(ConnectionPoolStats stats) {
        assertThat(stats.created()).isEqualTo(stats.idle() + stats.inUse() + stats.destroyed());
    }
}
