package dev.hatch.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hatch.arrow.RecordBuilder;
import dev.hatch.arrow.RecordBuilderPool;
import dev.hatch.pool.MemoryBudget;
import dev.hatch.pool.ObjectPool;
import dev.hatch.pool.buffer.ByteBufferPool;
import dev.hatch.pool.buffer.PooledBuffer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The pools that never wait for anything but memory. */
class PoolMetricsTest {
    private final MeterRegistry registry = new SimpleMeterRegistry();

    @AfterEach
    void whoever_closed_his_binder_left_nothing() {
        assertThat(registry.getMeters()).isEmpty();
    }

    private void awaitValue(double expected, String name, String... tags) {
        await().untilAsserted(
                        () -> assertThat(Readings.value(registry, name, tags)).isEqualTo(expected));
    }

    @Test
    void an_object_pool_has_what_it_counts() {
        try (ObjectPool<StringBuilder> pool = ObjectPool.builder(() -> new StringBuilder(64))
                        .maxIdle(1)
                        .weigher(StringBuilder::capacity)
                        .build();
                ObjectPoolMetrics metrics = new ObjectPoolMetrics(pool, "texts", Tags.of("zone", "a"))) {
            metrics.bindTo(registry);
            assertThat(Readings.of(registry))
                    .containsExactly(
                            "COUNTER hatch.object.pool.created{pool=texts, zone=a}",
                            "COUNTER hatch.object.pool.dropped{pool=texts, reason=faded, zone=a}",
                            "COUNTER hatch.object.pool.dropped{pool=texts, reason=failed_reset, zone=a}",
                            "COUNTER hatch.object.pool.dropped{pool=texts, reason=surplus, zone=a}",
                            "COUNTER hatch.object.pool.dropped{pool=texts, reason=trimmed, zone=a}",
                            "COUNTER hatch.object.pool.hits{pool=texts, zone=a}",
                            "COUNTER hatch.object.pool.lost{pool=texts, zone=a}",
                            "COUNTER hatch.object.pool.misses{pool=texts, zone=a}",
                            "GAUGE hatch.object.pool.idle.bytes{pool=texts, zone=a}",
                            "GAUGE hatch.object.pool.idle{pool=texts, zone=a}");

            pool.put(pool.get());
            pool.put(pool.get());

            awaitValue(1, "hatch.object.pool.misses");
            awaitValue(1, "hatch.object.pool.hits");
            awaitValue(1, "hatch.object.pool.created");
            awaitValue(1, "hatch.object.pool.idle");
            awaitValue(64, "hatch.object.pool.idle.bytes");

            pool.trim();

            awaitValue(1, "hatch.object.pool.dropped", "reason", "trimmed");
            awaitValue(0, "hatch.object.pool.idle");
        }
    }

    @Test
    void a_size_class_of_buffers_has_meters_once_a_buffer_of_it_was_taken() {
        try (ByteBufferPool pool = ByteBufferPool.builder().largestPooled(4096).build();
                ByteBufferPoolMetrics metrics = new ByteBufferPoolMetrics(pool, "io");
                PooledBuffer early = pool.get(100)) {
            metrics.bindTo(registry);
            assertThat(Readings.of(registry))
                    .containsExactly(
                            "COUNTER hatch.buffer.pool.hits{pool=io, size=128}",
                            "COUNTER hatch.buffer.pool.hits{pool=io, size=unpooled}",
                            "COUNTER hatch.buffer.pool.misses{pool=io, size=128}",
                            "COUNTER hatch.buffer.pool.misses{pool=io, size=unpooled}",
                            "COUNTER hatch.buffer.pool.refusals{pool=io}",
                            "COUNTER hatch.buffer.pool.timeouts{pool=io}",
                            "COUNTER hatch.buffer.pool.unreachable{pool=io, size=128}",
                            "COUNTER hatch.buffer.pool.unreachable{pool=io, size=unpooled}",
                            "COUNTER hatch.buffer.pool.waits{pool=io, size=128}",
                            "COUNTER hatch.buffer.pool.waits{pool=io, size=unpooled}",
                            "GAUGE hatch.buffer.pool.bytes.asked{pool=io, size=128}",
                            "GAUGE hatch.buffer.pool.bytes.asked{pool=io, size=unpooled}",
                            "GAUGE hatch.buffer.pool.bytes.idle{pool=io, size=128}",
                            "GAUGE hatch.buffer.pool.bytes.idle{pool=io, size=unpooled}",
                            "GAUGE hatch.buffer.pool.bytes.out{pool=io, size=128}",
                            "GAUGE hatch.buffer.pool.bytes.out{pool=io, size=unpooled}",
                            "GAUGE hatch.buffer.pool.waiting{pool=io}");
            assertThat(early.buffer().limit()).isEqualTo(100);
            awaitValue(128, "hatch.buffer.pool.bytes.out", "size", "128");
            awaitValue(100, "hatch.buffer.pool.bytes.asked", "size", "128");

            pool.get(1000).close();
            pool.get(1000).close();

            await().until(() -> {
                Readings.value(registry, "hatch.buffer.pool.waiting");
                return registry.find("hatch.buffer.pool.hits")
                                .tag("size", "1024")
                                .meter()
                        != null;
            });
            awaitValue(1, "hatch.buffer.pool.hits", "size", "1024");
            awaitValue(1, "hatch.buffer.pool.misses", "size", "1024");
            awaitValue(1024, "hatch.buffer.pool.bytes.idle", "size", "1024");

            try (PooledBuffer large = pool.get(5000)) {
                awaitValue(5000, "hatch.buffer.pool.bytes.asked", "size", "unpooled");
                assertThat(large.buffer().limit()).isEqualTo(5000);
            }
        }
    }

    @Test
    void prometheus_finds_a_new_size_class_by_the_second_scrape() {
        PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (ByteBufferPool pool = ByteBufferPool.create();
                ByteBufferPoolMetrics metrics = new ByteBufferPoolMetrics(pool, "io")) {
            metrics.bindTo(prometheus);
            pool.get(64).close();

            await().untilAsserted(() -> assertThat(prometheus.scrape())
                    .contains("hatch_buffer_pool_misses_total{pool=\"io\",size=\"64\"} 1.0\n")
                    .contains("hatch_buffer_pool_bytes_idle{pool=\"io\",size=\"64\"} 64.0\n"));
        }
        assertThat(prometheus.getMeters()).isEmpty();
    }

    @Test
    void a_budget_says_what_is_reserved_of_it() {
        MemoryBudget budget = MemoryBudget.of(1000);
        try (MemoryBudgetMetrics metrics = new MemoryBudgetMetrics(budget, "all")) {
            metrics.bindTo(registry);
            assertThat(budget.tryReserve(300)).isTrue();

            assertThat(Readings.of(registry))
                    .containsExactly(
                            "GAUGE hatch.memory.budget.limit{budget=all}",
                            "GAUGE hatch.memory.budget.reserved{budget=all}",
                            "GAUGE hatch.memory.budget.waiting{budget=all}");
            awaitValue(1000, "hatch.memory.budget.limit");
            awaitValue(300, "hatch.memory.budget.reserved");
            awaitValue(0, "hatch.memory.budget.waiting");
        }
    }

    @Test
    void a_pool_of_record_builders_has_what_it_counts() {
        Schema schema = new Schema(List.of(Field.nullable("n", new ArrowType.Int(64, true))));
        try (BufferAllocator allocator = new RootAllocator();
                RecordBuilderPool pool =
                        RecordBuilderPool.builder(allocator).maxBytes(1 << 20).build();
                RecordBuilderPoolMetrics metrics = new RecordBuilderPoolMetrics(pool, "records")) {
            metrics.bindTo(registry);
            assertThat(Readings.of(registry))
                    .containsExactly(
                            "COUNTER hatch.record.pool.evicted{pool=records}",
                            "COUNTER hatch.record.pool.hits{pool=records}",
                            "COUNTER hatch.record.pool.misses{pool=records}",
                            "COUNTER hatch.record.pool.unreachable{pool=records}",
                            "GAUGE hatch.record.pool.allocated{pool=records}",
                            "GAUGE hatch.record.pool.idle.bytes{pool=records}",
                            "GAUGE hatch.record.pool.idle{pool=records}",
                            "GAUGE hatch.record.pool.limit{pool=records}",
                            "GAUGE hatch.record.pool.out{pool=records}",
                            "GAUGE hatch.record.pool.peak{pool=records}",
                            "GAUGE hatch.record.pool.schemas{pool=records}");

            try (RecordBuilder builder = pool.get(schema)) {
                builder.append(0, 17L).endRow();
                awaitValue(1, "hatch.record.pool.out");
                awaitValue(1, "hatch.record.pool.misses");
                awaitValue(1, "hatch.record.pool.schemas");
                assertThat(Readings.value(registry, "hatch.record.pool.allocated"))
                        .isPositive();
            }

            awaitValue(1, "hatch.record.pool.idle");
            pool.get(schema).close();
            awaitValue(1, "hatch.record.pool.hits");
            awaitValue(1 << 20, "hatch.record.pool.limit");
        }
    }
}
