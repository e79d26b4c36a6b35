package dev.hatch.pool.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.hatch.pool.MemoryBudget;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Buffers that nobody released and nobody has any more. Until the pool's next tick it has them itself, so that is soon here. */
final class UnreachableBufferTest extends BufferPoolFixture {
    private static final Duration FADE = Duration.ofMillis(200);
    private static final int LARGEST = 4 * MIB;
    private static final Logger LOG = Logger.getLogger(ByteBufferPool.class.getName());

    private final List<LogRecord> logged = new CopyOnWriteArrayList<>();

    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            logged.add(line);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOG.addHandler(handler);
        LOG.setUseParentHandlers(false);
    }

    @AfterEach
    void listen_no_more() {
        LOG.removeHandler(handler);
        LOG.setUseParentHandlers(true);
    }

    private static ByteBufferPoolBuilder settings(Tracking tracking) {
        return builder().tracking(tracking).fadeAfter(FADE).largestPooled(LARGEST);
    }

    private static ConditionFactory eventually() {
        return await().pollInterval(Duration.ofMillis(20)).atMost(Duration.ofSeconds(30));
    }

    private static void awaitUnreachable(ByteBufferPool pool, int count) {
        eventually().until(() -> {
            System.gc();
            return pool.stats().total().unreachable() == count;
        });
    }

    private static void takeAndDrop(ByteBufferPool pool, int size) {
        pool.get(size).buffer().putLong(0, 42);
    }

    /** Takes a buffer and keeps no more of it than this. */
    private static ByteBuffer takeAndKeep(ByteBufferPool pool, Function<ByteBuffer, ByteBuffer> part) {
        return part.apply(pool.get(MIB).buffer().putLong(0, 42));
    }

    @ParameterizedTest
    @EnumSource
    void what_is_dropped_is_counted_and_its_memory_is_free_again(Tracking tracking) {
        ByteBufferPool pool = open(settings(tracking));
        for (int i = 0; i < 8; i++) {
            takeAndDrop(pool, MIB);
        }
        assertThat(pool.budget().reserved()).isEqualTo(8 * MIB);
        long lent = JvmMemory.directBytes();
        awaitUnreachable(pool, 8);
        assertThat(pool.budget().reserved()).isZero();
        assertThat(ofClass(pool, MIB)).isEqualTo(new SizeClassStats(MIB, 0, 0, 0, 8 * MIB, 0, 8, 0, 8));
        eventually().until(() -> JvmMemory.directBytes() < lent - 7 * MIB);
    }

    @ParameterizedTest
    @EnumSource
    void what_is_dropped_and_larger_than_any_class_is_counted_too(Tracking tracking) {
        ByteBufferPool pool = open(settings(tracking));
        takeAndDrop(pool, LARGEST + 1);
        long lent = JvmMemory.directBytes();
        awaitUnreachable(pool, 1);
        assertThat(pool.stats().unpooled().unreachable()).isEqualTo(1);
        assertThat(pool.budget().reserved()).isZero();
        eventually().until(() -> JvmMemory.directBytes() < lent - LARGEST + MIB);
    }

    @Test
    void what_is_dropped_is_counted_on_the_heap_too() {
        ByteBufferPool pool = open(settings(Tracking.SAMPLED).heap());
        takeAndDrop(pool, MIB);
        awaitUnreachable(pool, 1);
        assertThat(pool.budget().reserved()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void what_was_used_often_before_it_was_dropped_is_counted_once(Tracking tracking) {
        ByteBufferPool pool = open(settings(tracking));
        for (int i = 0; i < 1_000; i++) {
            pool.get(MIB).close();
        }
        takeAndDrop(pool, MIB);
        awaitUnreachable(pool, 1);
        assertThat(pool.budget().reserved()).isZero();
        assertThat(logged).hasSize(1);
    }

    @Test
    void what_is_dropped_is_found_by_the_pool_itself_without_anybody_asking() {
        ByteBufferPool pool = open(settings(Tracking.OFF));
        takeAndDrop(pool, MIB);
        eventually().until(() -> {
            System.gc();
            return pool.budget().reserved() == 0;
        });
    }

    @Test
    void memory_that_was_dropped_serves_who_waits_for_it() throws Exception {
        ByteBufferPool pool = open(settings(Tracking.OFF).maxBytes(MIB));
        takeAndDrop(pool, MIB);
        var waiter = inThread(() -> {
            try (PooledBuffer taken = pool.get(MIB, LONG)) {
                return taken.buffer().capacity();
            }
        });
        eventually().until(() -> {
            System.gc();
            return waiter.isDone();
        });
        assertThat(waiter.get()).isEqualTo(MIB);
        assertThat(pool.stats().total().unreachable()).isEqualTo(1);
    }

    @Test
    void with_all_tracked_the_log_tells_where_each_was_taken() {
        ByteBufferPool pool = open(settings(Tracking.ALL));
        for (int i = 0; i < 3; i++) {
            takeAndDrop(pool, MIB);
        }
        awaitUnreachable(pool, 3);
        assertThat(logged).hasSize(3).allSatisfy(line -> {
            assertThat(line.getMessage())
                    .startsWith("Pool 'test': a buffer of " + MIB + " bytes was never released and is unreachable now");
            requireTakenHere(line.getThrown());
        });
    }

    private static void requireTakenHere(Throwable taken) {
        assertThat(taken)
                .hasMessage("taken by thread '" + Thread.currentThread().getName() + "'");
        assertThat(taken.getStackTrace())
                .anySatisfy(frame -> assertThat(frame.getClassName()).isEqualTo(UnreachableBufferTest.class.getName()));
    }

    @Test
    void with_none_tracked_the_log_tells_how_many_ever_more_rarely() {
        ByteBufferPool pool = open(settings(Tracking.OFF));
        for (int i = 0; i < 9; i++) {
            takeAndDrop(pool, MIB);
        }
        awaitUnreachable(pool, 9);
        assertThat(logged)
                .hasSize(4)
                .allSatisfy(line -> assertThat(line.getThrown()).isNull());
        assertThat(logged)
                .extracting(LogRecord::getMessage)
                .allSatisfy(line -> assertThat(line)
                        .startsWith("Pool 'test': a buffer of " + MIB
                                + " bytes was never released and is unreachable now"));
        // Who finds them may log at the same time.
        for (int i = 0; i < 4; i++) {
            String number = "Of its size it is no. " + (1 << i) + "; Tracking.ALL tells where they are taken";
            assertThat(logged)
                    .extracting(LogRecord::getMessage)
                    .anySatisfy(line -> assertThat(line).contains(number));
        }
    }

    @Test
    void of_a_buffers_uses_one_in_131072_is_sampled_and_the_log_tells_its_stack() {
        ByteBufferPool pool = open(settings(Tracking.SAMPLED).fadeAfter(Duration.ofSeconds(4)));
        awaitSample(pool);
        assertThat(usesUntilSampled(pool)).isEqualTo(1 << 17);
        dropSampled(pool);
        awaitUnreachable(pool, 1);
        assertThat(logged).hasSize(1).allSatisfy(line -> requireTakenHere(line.getThrown()));
    }

    /** Wherever its turns began: the next use is not sampled. */
    private static void awaitSample(ByteBufferPool pool) {
        assertThat(usesUntilSampled(pool)).isBetween(1, 1 << 17);
    }

    private static int usesUntilSampled(ByteBufferPool pool) {
        int uses = 0;
        boolean sampled = false;
        while (!sampled && uses <= 1 << 17) {
            try (PooledBuffer taken = pool.get(64)) {
                sampled = taken.account.taken != null;
            }
            uses++;
        }
        return uses;
    }

    private static void dropSampled(ByteBufferPool pool) {
        for (int uses = 1; uses < 1 << 17; uses++) {
            pool.get(64).close();
        }
        takeAndDrop(pool, 64);
    }

    @ParameterizedTest
    @EnumSource
    void a_slice_that_is_kept_keeps_its_buffer(Tracking tracking) {
        requireKept(open(settings(tracking)), memory -> memory.slice(0, 8));
    }

    @ParameterizedTest
    @EnumSource
    void a_duplicate_that_is_kept_keeps_its_buffer(Tracking tracking) {
        requireKept(open(settings(tracking)), ByteBuffer::duplicate);
    }

    @ParameterizedTest
    @EnumSource
    void a_slice_of_a_read_only_duplicate_keeps_its_buffer(Tracking tracking) {
        requireKept(
                open(settings(tracking)), memory -> memory.asReadOnlyBuffer().slice(0, 8));
    }

    @Test
    void a_slice_on_the_heap_keeps_its_buffer() {
        requireKept(open(settings(Tracking.OFF).heap()), memory -> memory.slice(0, 8));
    }

    private static void requireKept(ByteBufferPool pool, Function<ByteBuffer, ByteBuffer> part) {
        ByteBuffer[] kept = {takeAndKeep(pool, part)};
        collectForSomeTicks();
        assertThat(pool.stats().total().unreachable()).isZero();
        assertThat(pool.budget().reserved()).isEqualTo(MIB);
        assertThat(kept[0].getLong(0)).isEqualTo(42);
        kept[0] = null;
        awaitUnreachable(pool, 1);
        assertThat(pool.budget().reserved()).isZero();
    }

    private static void collectForSomeTicks() {
        long end = System.nanoTime() + FADE.multipliedBy(3).toNanos();
        await().pollInterval(Duration.ofMillis(50)).until(() -> {
            System.gc();
            return System.nanoTime() - end > 0;
        });
    }

    @ParameterizedTest
    @EnumSource
    void what_is_idle_or_released_is_never_counted(Tracking tracking) {
        ByteBufferPool pool = open(settings(tracking));
        pool.get(MIB).close();
        pool.get(LARGEST + 1).close();
        collectForSomeTicks();
        assertThat(pool.stats().total().unreachable()).isZero();
        assertThat(pool.budget().reserved()).isZero();
        assertThat(logged).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_is_dropped_after_the_close_is_given_back_to_a_shared_budget(boolean poolIsKept) {
        MemoryBudget budget = MemoryBudget.of(MIB);
        ByteBufferPool pool = closedWithOneDropped(budget);
        if (!poolIsKept) {
            pool = null;
        }
        ByteBufferPool kept = pool;
        await().pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofSeconds(5))
                .until(() -> {
                    System.gc();
                    if (kept != null) {
                        kept.stats();
                    }
                    return budget.reserved() == 0;
                });
    }

    private static ByteBufferPool closedWithOneDropped(MemoryBudget budget) {
        ByteBufferPool pool = settings(Tracking.OFF).budget(budget).build();
        takeAndDrop(pool, MIB);
        pool.close();
        return pool;
    }

    @Test
    void with_all_tracked_a_stale_buffer_is_noticed_after_its_memory_was_lent_again() {
        ByteBufferPool pool = open(settings(Tracking.ALL));
        PooledBuffer stale = pool.get(MIB);
        ByteBuffer memory = stale.buffer();
        stale.close();
        try (PooledBuffer next = pool.get(MIB)) {
            assertThat(next.buffer()).isSameAs(memory);
            next.buffer().putLong(0, 42);
            assertThatIllegalStateException().isThrownBy(stale::buffer).withMessageContaining("'test'");
            assertThatIllegalStateException()
                    .isThrownBy(stale::close)
                    .withMessage(
                            "Pool 'test': a buffer was released twice; whoever released it must not use it any more")
                    .satisfies(twice -> {
                        assertThat(twice.getSuppressed()).hasSize(2);
                        requireTakenHere(twice.getSuppressed()[0]);
                        assertThat(twice.getSuppressed()[1])
                                .hasMessage("released by thread '"
                                        + Thread.currentThread().getName() + "'");
                        assertThat(twice.getSuppressed()[1].getStackTrace()[0].getClassName())
                                .startsWith("dev.hatch.pool.buffer.");
                    });
            assertThat(next.buffer().getLong(0)).isEqualTo(42);
            assertThat(pool.stats().total().bytesOut()).isEqualTo(MIB);
        }
        assertThat(pool.stats().total().idleBytes()).isEqualTo(MIB);
    }

    @ParameterizedTest
    @EnumSource(names = {"OFF", "SAMPLED"})
    void without_all_tracked_the_second_release_has_no_stacks_and_says_how_to_get_them(Tracking tracking) {
        ByteBufferPool pool = open(settings(tracking));
        PooledBuffer taken = pool.get(MIB);
        taken.close();
        assertThatIllegalStateException()
                .isThrownBy(taken::close)
                .withMessageEndingWith("(Tracking.ALL tells who did it first)")
                .satisfies(twice -> assertThat(twice.getSuppressed()).isEmpty());
    }
}
