package dev.hatch.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hatch.pool.PoolClosedException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecordBuilderPoolTest {
    private static final Schema SCHEMA = schema("id");

    private final BufferAllocator root = new RootAllocator();

    @AfterEach
    void nothingLeaks() {
        root.close();
    }

    private static Schema schema(String... columns) {
        List<Field> fields = new ArrayList<>();
        for (String column : columns) {
            fields.add(new Field(column, FieldType.nullable(new ArrowType.Int(64, true)), null));
        }
        return new Schema(fields);
    }

    private static void fill(RecordBuilder builder, int rows) {
        for (int row = 0; row < rows; row++) {
            builder.append(0, (long) row).endRow();
        }
    }

    @Test
    void a_builder_comes_back_with_its_memory_and_the_second_batch_allocates_nothing() {
        try (RecordBuilderPool pool = RecordBuilderPool.create(root)) {
            RecordBuilder first = pool.get(SCHEMA);
            fill(first, 5_000);
            assertThat(first.lend().getRowCount()).isEqualTo(5_000);
            pool.put(first);
            long held = root.getAllocatedMemory();
            long peak = root.getPeakMemoryAllocation();
            try (RecordBuilder second = pool.get(SCHEMA)) {
                assertThat(second).isSameAs(first);
                assertThat(second.rowCount()).isZero();
                fill(second, 5_000);
                second.lend();
            }
            assertThat(root.getAllocatedMemory()).isEqualTo(held);
            assertThat(root.getPeakMemoryAllocation()).isEqualTo(peak);
            assertThat(pool.stats().hits()).isEqualTo(1);
            assertThat(pool.stats().misses()).isEqualTo(1);
        }
    }

    @Test
    void what_was_half_filled_is_empty_when_it_is_lent_again() {
        try (RecordBuilderPool pool = RecordBuilderPool.create(root)) {
            try (RecordBuilder builder = pool.get(SCHEMA)) {
                fill(builder, 3);
                builder.append(0, 4L);
            }
            try (RecordBuilder builder = pool.get(SCHEMA)) {
                assertThat(builder.lend().getRowCount()).isZero();
            }
        }
    }

    @Test
    void schemas_that_differ_in_metadata_only_have_builders_of_their_own() {
        Schema other = new Schema(SCHEMA.getFields(), Map.of("a", "b"));
        try (RecordBuilderPool pool = RecordBuilderPool.create(root)) {
            pool.get(SCHEMA).close();
            try (RecordBuilder builder = pool.get(other)) {
                assertThat(builder.schema()).isEqualTo(other);
                fill(builder, 1);
                try (VectorSchemaRoot batch = builder.build()) {
                    assertThat(batch.getSchema().getCustomMetadata()).containsEntry("a", "b");
                }
            }
            assertThat(pool.stats().schemas()).hasSize(2);
        }
    }

    @Test
    void another_pools_builder_and_one_of_no_pool_are_refused() {
        try (RecordBuilderPool pool = RecordBuilderPool.create(root);
                RecordBuilderPool other =
                        RecordBuilderPool.builder(root).name("other").build();
                RecordBuilder lone = RecordBuilder.create(SCHEMA, root);
                RecordBuilder foreign = other.get(SCHEMA)) {
            assertThatThrownBy(() -> pool.put(foreign))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Pool 'records' got a builder of pool 'other'");
            assertThatThrownBy(() -> pool.put(lone))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Pool 'records' got a builder of no pool");
        }
    }

    @Test
    void a_builder_that_was_given_back_cannot_be_used_nor_given_back_again() {
        try (RecordBuilderPool pool = RecordBuilderPool.create(root)) {
            RecordBuilder builder = pool.get(SCHEMA);
            Appender column = builder.column(0);
            fill(builder, 1);
            pool.put(builder);
            assertThatThrownBy(() -> pool.put(builder)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(builder::close).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> column.append(1L)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(column::appendNull).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(builder::endRow).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(builder::build).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(builder::lend).isInstanceOf(IllegalStateException.class);
            assertThat(pool.stats().idle()).isEqualTo(1);
        }
    }

    @Test
    void the_schema_that_was_not_used_for_longest_gives_way() {
        try (RecordBuilderPool pool =
                RecordBuilderPool.builder(root).maxSchemas(2).build()) {
            pool.get(schema("a")).close();
            pool.get(schema("b")).close();
            pool.get(schema("a")).close();
            pool.get(schema("c")).close();
            assertThat(pool.stats().schemas())
                    .extracting(one -> one.schema().getFields().get(0).getName())
                    .containsExactlyInAnyOrder("a", "c");
            assertThat(pool.stats().evicted()).isEqualTo(1);
        }
    }

    @Test
    void a_builder_whose_schema_gave_way_while_it_was_out_is_freed_when_it_comes_back() {
        try (RecordBuilderPool pool =
                RecordBuilderPool.builder(root).maxSchemas(1).build()) {
            try (RecordBuilder builder = pool.get(schema("a"))) {
                fill(builder, 10);
                pool.get(schema("b")).close();
                fill(builder, 10);
                assertThat(builder.lend().getRowCount()).isEqualTo(20);
            }
            assertThat(pool.stats().idle()).isOne();
            pool.trim();
            assertThat(pool.stats().allocatedBytes()).isZero();
        }
    }

    @Test
    void idle_builders_give_way_to_one_that_needs_memory_and_without_any_it_is_refused_and_nothing_is_lost() {
        try (RecordBuilderPool pool =
                RecordBuilderPool.builder(root).maxBytes(40_000).build()) {
            pool.get(schema("a")).close();
            pool.get(schema("b")).close();
            assertThat(pool.stats().idle()).isEqualTo(2);
            RecordBuilder c = pool.get(schema("c"));
            assertThat(pool.stats().idle()).isZero();
            RecordBuilder d = pool.get(schema("d"));
            assertThatThrownBy(() -> pool.get(schema("e"))).isInstanceOf(OutOfMemoryException.class);
            assertThat(pool.stats().out()).isEqualTo(2);
            assertThat(pool.stats().misses()).isEqualTo(4);
            c.close();
            d.close();
            pool.get(schema("e")).close();
        }
    }

    @Test
    void idle_builders_keep_no_more_bytes_than_they_may() {
        try (RecordBuilderPool pool =
                RecordBuilderPool.builder(root).maxIdleBytes(100_000).build()) {
            List<RecordBuilder> out = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                out.add(pool.get(SCHEMA));
                fill(out.get(i), 4_000);
            }
            out.forEach(RecordBuilder::close);
            assertThat(pool.stats().idleBytes()).isBetween(1L, 100_000L);
            assertThat(pool.stats().allocatedBytes()).isEqualTo(pool.stats().idleBytes());
        }
    }

    @Test
    void a_pool_has_no_more_memory_than_it_may_and_the_builder_survives_that() {
        try (RecordBuilderPool pool =
                        RecordBuilderPool.builder(root).maxBytes(64 << 10).build();
                RecordBuilder builder = pool.get(SCHEMA)) {
            assertThatThrownBy(() -> fill(builder, 100_000)).isInstanceOf(OutOfMemoryException.class);
            int rows = builder.rowCount();
            assertThat(rows).isPositive();
            assertThat(builder.lend().getRowCount()).isEqualTo(rows);
            fill(builder, 10);
            assertThat(builder.lend().getRowCount()).isEqualTo(10);
        }
    }

    @Test
    void a_closed_pool_lends_nothing_and_frees_what_comes_back() {
        RecordBuilderPool pool =
                RecordBuilderPool.builder(root).tracksTaken(true).build();
        RecordBuilder builder = pool.get(SCHEMA);
        fill(builder, 10);
        VectorSchemaRoot batch = builder.build();
        fill(builder, 10);
        pool.close();
        assertThatThrownBy(() -> pool.get(SCHEMA)).isInstanceOf(PoolClosedException.class);
        fill(builder, 10);
        assertThat(builder.lend().getRowCount()).isEqualTo(20);
        builder.close();
        assertThat(((BigIntVector) batch.getVector(0)).get(9)).isEqualTo(9);
        batch.close();
        assertThat(root.getAllocatedMemory()).isZero();
        pool.close();
        assertThat(root.getChildAllocators()).isEmpty();
    }

    @Test
    void a_builder_that_nobody_has_any_more_is_counted_and_its_memory_freed() {
        try (RecordBuilderPool pool =
                RecordBuilderPool.builder(root).tracksTaken(true).build()) {
            fill(pool.get(SCHEMA), 100);
            Awaitility.await().until(() -> {
                System.gc();
                return pool.stats().unreachable() == 1;
            });
            assertThat(pool.stats().allocatedBytes()).isZero();
            assertThat(pool.stats().out()).isZero();
        }
    }

    @Test
    void who_has_an_appender_has_the_builder() {
        RecordBuilderPool pool = RecordBuilderPool.create(root);
        keepAnAppender(pool);
        pool.close();
        Awaitility.await().until(() -> {
            System.gc();
            return root.getChildAllocators().isEmpty();
        });
        assertThat(pool.stats().unreachable()).isEqualTo(1);
    }

    private static void keepAnAppender(RecordBuilderPool pool) {
        Appender column = pool.get(SCHEMA).column(0);
        column.append(1L);
        WeakReference<Object> garbage = new WeakReference<>(new Object());
        Awaitility.await().until(() -> {
            System.gc();
            return garbage.get() == null;
        });
        assertThat(pool.stats().unreachable()).isZero();
        column.append(2L);
        assertThat(column.count).isEqualTo(2);
    }

    @Test
    void a_schema_that_cannot_be_built_leaves_nothing_behind() {
        Schema views = new Schema(List.of(new Field("v", FieldType.nullable(ArrowType.Utf8View.INSTANCE), null)));
        try (RecordBuilderPool pool = RecordBuilderPool.create(root)) {
            assertThatThrownBy(() -> pool.get(views)).isInstanceOf(UnsupportedOperationException.class);
            RecordBuilderPoolStats stats = pool.stats();
            assertThat(stats.schemas()).isEmpty();
            assertThat(stats.hits()).isZero();
            assertThat(stats.out()).isZero();
        }
    }

    @Test
    void batches_that_threads_build_drop_and_hand_over_leave_nothing_behind() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (RecordBuilderPool pool = RecordBuilderPool.builder(root)
                .maxSchemas(3)
                .maxIdleBytes(200_000)
                .build()) {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                all.add(threads.submit(() -> {
                    for (int i = 0; i < 2_000; i++) {
                        oneBatch(pool);
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
            Awaitility.await().until(() -> {
                System.gc();
                return pool.stats().out() == 0;
            });
            RecordBuilderPoolStats stats = pool.stats();
            assertThat(stats.unreachable()).isPositive();
            assertThat(stats.idleBytes()).isEqualTo(stats.allocatedBytes()).isLessThanOrEqualTo(200_000);
            assertThat(stats.hits() + stats.misses()).isEqualTo(8_000 + stats.unreachable());
            pool.trim();
            assertThat(pool.stats().allocatedBytes()).isZero();
            assertThat(pool.stats().idleBytes()).isZero();
        } finally {
            threads.shutdownNow();
        }
    }

    private static void oneBatch(RecordBuilderPool pool) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int rows = random.nextInt(500);
        try (RecordBuilder builder = pool.get(schema("c" + random.nextInt(5)))) {
            fill(builder, rows);
            switch (random.nextInt(50) == 0 ? 4 : random.nextInt(4)) {
                case 0 -> {
                    try (VectorSchemaRoot batch = builder.build()) {
                        assertThat(batch.getRowCount()).isEqualTo(rows);
                        if (rows > 0) {
                            assertThat(((BigIntVector) batch.getVector(0)).get(rows - 1))
                                    .isEqualTo(rows - 1);
                        }
                    }
                }
                case 1 -> assertThat(builder.lend().getRowCount()).isEqualTo(rows);
                case 2 -> builder.clear();
                case 3 -> builder.append(0, 1L);
                default -> {
                    // Abandoned: nobody has it any more.
                    pool.get(builder.schema()).append(0, 2L);
                }
            }
        }
    }
}
