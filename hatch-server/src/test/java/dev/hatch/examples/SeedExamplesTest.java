package dev.hatch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hatch.arrow.RecordBuilder;
import dev.hatch.arrow.RecordBuilderPool;
import dev.hatch.pool.ObjectPool;
import dev.hatch.pool.buffer.ByteBufferPool;
import dev.hatch.pool.buffer.PooledBuffer;
import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.pool.jdbc.ConnectionPoolStats;
import dev.hatch.pool.jdbc.ConnectionWrapper;
import dev.hatch.pool.jdbc.PoolMonitor;
import dev.hatch.pool.jdbc.RetryPolicy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
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

    /** "Custom Connection Wrapper". */
    static final class CustomConnection extends ConnectionWrapper {
        CustomConnection(ConnectionPool pool) {
            super(pool);
        }

        long closeOrders(int day) throws SQLException {
            return executeWithRetry(RetryPolicy.forIdempotent(), "UPDATE orders SET open = false WHERE day = ?", day);
        }

        List<Integer> openOrders() throws SQLException {
            return query("SELECT id FROM orders WHERE open ORDER BY id", row -> row.getInt("id"));
        }
    }

    @Test
    void custom_connection_wrapper() throws SQLException {
        ConnectionPoolConfig config =
                ConnectionPoolConfig.builder().dsn(":memory:").build();
        try (ConnectionPool pool = ConnectionPool.create(config)) {
            CustomConnection orders = new CustomConnection(pool);
            orders.execute("CREATE TABLE orders AS SELECT i AS id, i % 2 AS day, true AS open FROM range(6) r(i)");
            assertThat(orders.closeOrders(1)).isEqualTo(3);
            assertThat(orders.openOrders()).containsExactly(0, 2, 4);
        }
    }

    @Test
    void pool_monitoring() throws Exception {
        ConnectionPoolConfig config = ConnectionPoolConfig.builder()
                .dsn(":memory:")
                .maxOpenConnections(1)
                .build();
        CountDownLatch exhausted = new CountDownLatch(1);
        CountDownLatch recovered = new CountDownLatch(1);
        try (ConnectionPool pool = ConnectionPool.create(config)) {
            PoolMonitor monitor = PoolMonitor.of(pool)
                    .name("orders")
                    .interval(Duration.ofMillis(10))
                    .onExhausted(stats -> exhausted.countDown())
                    .onRecovered(stats -> recovered.countDown())
                    .start();
            Thread waiter = new Thread(() -> {
                try (Connection connection = pool.getConnection()) {
                    connection.isClosed();
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            try (Connection held = pool.getConnection()) {
                waiter.start();
                assertThat(exhausted.await(30, TimeUnit.SECONDS)).isTrue();
                assertThat(held.isClosed()).isFalse();
            }
            assertThat(recovered.await(30, TimeUnit.SECONDS)).isTrue();
            waiter.join();
            monitor.close();
        }
    }

    @Test
    void byte_buffer_pool() {
        try (ByteBufferPool bufferPool = ByteBufferPool.create()) {
            try (PooledBuffer buffer = bufferPool.get(1024)) {
                buffer.buffer().putLong(42);
                assertThat(buffer.buffer().remaining()).isEqualTo(1016);
            }
            assertThat(bufferPool.stats().total().bytesOut()).isZero();
        }
    }

    @Test
    void record_builder_pool() {
        Schema schema = new Schema(List.of(Field.nullable("id", new ArrowType.Int(64, true))));
        try (BufferAllocator allocator = new RootAllocator();
                RecordBuilderPool builderPool = RecordBuilderPool.create(allocator)) {
            try (RecordBuilder builder = builderPool.get(schema)) {
                builder.append(0, 42L).endRow();
                try (VectorSchemaRoot batch = builder.build()) {
                    assertThat(batch.getVector("id").getObject(0)).isEqualTo(42L);
                }
            }
            assertThat(builderPool.stats().out()).isZero();
        }
    }

    /** "Custom Object Pool". */
    static final class CustomObject {
        private final StringBuilder text = new StringBuilder();

        void reset() {
            text.setLength(0);
        }
    }

    @Test
    void custom_object_pool() {
        ObjectPool<CustomObject> pool =
                ObjectPool.builder(CustomObject::new).reset(CustomObject::reset).build();
        CustomObject object = pool.get();
        try {
            object.text.append("used");
        } finally {
            pool.put(object);
        }
        assertThat(pool.get()).isSameAs(object);
        assertThat(object.text).isEmpty();
        pool.close();
    }
}
