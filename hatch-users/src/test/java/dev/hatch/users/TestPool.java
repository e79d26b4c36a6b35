package dev.hatch.users;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.pool.jdbc.ConnectionPoolStats;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** A pool of two for each test, on whose counts nothing may be missing after it. */
final class TestPool implements BeforeEachCallback, AfterEachCallback {
    static final int SIZE = 2;

    private final Function<ExtensionContext, String> dsn;
    private ConnectionPool pool;

    private TestPool(Function<ExtensionContext, String> dsn) {
        this.dsn = dsn;
    }

    static TestPool onPostgres() {
        return new TestPool(TestPool::postgres);
    }

    static TestPool onDuckDb() {
        return new TestPool(context -> ":memory:");
    }

    /** One server for all tests of the module, which JUnit closes after the last. */
    private static String postgres(ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(TestPool.class))
                .computeIfAbsent(Server.class, type -> new Server(), Server.class)
                .postgres
                .getJdbcUrl("postgres", "postgres");
    }

    ConnectionPool get() {
        return pool;
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        pool = ConnectionPool.create(ConnectionPoolConfig.builder()
                .dsn(dsn.apply(context))
                .maxOpenConnections(SIZE)
                .connectionTimeout(Duration.ofSeconds(20))
                .build());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        try (ConnectionPool closed = pool) {
            ConnectionPoolStats stats = closed.stats();
            assertThat(stats.inUse()).isZero();
            assertThat(stats.waiting()).isZero();
            assertThat(stats.created()).isEqualTo(stats.idle() + stats.destroyed());
        }
    }

    private static final class Server implements AutoCloseable {
        final EmbeddedPostgres postgres;

        Server() {
            try {
                postgres = EmbeddedPostgres.start();
            } catch (IOException e) {
                throw new IllegalStateException("the embedded PostgreSQL does not start", e);
            }
        }

        @Override
        public void close() throws IOException {
            postgres.close();
        }
    }
}
