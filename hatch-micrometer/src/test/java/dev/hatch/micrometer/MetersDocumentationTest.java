package dev.hatch.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hatch.arrow.RecordBuilderPool;
import dev.hatch.pool.ObjectPool;
import dev.hatch.pool.buffer.ByteBufferPool;
import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

/** The table of docs/operations.md. */
class MetersDocumentationTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z_.]+)` \\| (gauge|counter|timer)");

    @Test
    void the_table_has_each_meter_with_its_kind_and_no_other() throws Exception {
        Set<String> documented = new TreeSet<>();
        Matcher rows = ROW.matcher(Files.readString(Path.of("..", "docs", "operations.md")));
        while (rows.find()) {
            documented.add(rows.group(2) + " " + rows.group(1));
        }

        assertThat(documented).isEqualTo(registered());
    }

    private static Set<String> registered() throws Exception {
        MeterRegistry registry = new SimpleMeterRegistry();
        try (ConnectionPool connections = ConnectionPool.create(ConnectionPoolConfig.builder()
                        .dsn("fake")
                        .source(new FakeSource())
                        .build());
                ObjectPool<Object> objects = ObjectPool.builder(Object::new).build();
                ByteBufferPool buffers = ByteBufferPool.create();
                BufferAllocator allocator = new RootAllocator();
                RecordBuilderPool records = RecordBuilderPool.create(allocator);
                ConnectionPoolMetrics ofConnections = new ConnectionPoolMetrics(connections);
                ObjectPoolMetrics ofObjects = new ObjectPoolMetrics(objects, "objects");
                ByteBufferPoolMetrics ofBuffers = new ByteBufferPoolMetrics(buffers, "buffers");
                MemoryBudgetMetrics ofBudget = new MemoryBudgetMetrics(buffers.budget(), "buffers");
                RecordBuilderPoolMetrics ofRecords = new RecordBuilderPoolMetrics(records, "records")) {
            ofConnections.bindTo(registry);
            ofObjects.bindTo(registry);
            ofBuffers.bindTo(registry);
            ofBudget.bindTo(registry);
            ofRecords.bindTo(registry);
            return registry.getMeters().stream()
                    .map(meter -> meter.getId().getType().name().toLowerCase(Locale.ROOT) + " "
                            + meter.getId().getName())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
