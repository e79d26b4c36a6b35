package dev.hatch.pool.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hatch.pool.MemoryBudget;
import dev.hatch.pool.PoolClosedException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.InvalidMarkException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a buffer is like when it is taken, and what becomes of it when it is released. */
final class ByteBufferPoolTest extends BufferPoolFixture {
    private static final int LARGEST = ByteBufferPoolBuilder.DEFAULT_LARGEST;

    private final ByteBufferPool pool = open(builder());

    @ParameterizedTest
    @CsvSource({"0, 64", "1, 64", "63, 64", "64, 64", "65, 128", "1000, 1024", "1025, 2048", "16777215, 16777216"})
    void a_buffer_has_the_capacity_of_its_class_and_the_limit_that_was_asked_for(int size, int capacity) {
        try (PooledBuffer taken = pool.get(size)) {
            ByteBuffer buffer = taken.buffer();
            assertThat(buffer.capacity()).isEqualTo(capacity);
            assertThat(buffer.limit()).isEqualTo(size);
            assertThat(buffer.position()).isZero();
            assertThat(buffer.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
            assertThat(ofClass(pool, capacity).bytesOut()).isEqualTo(capacity);
        }
        assertThat(ofClass(pool, capacity).idleBytes()).isEqualTo(capacity);
    }

    @Test
    void each_power_of_two_up_to_the_largest_is_a_class() {
        for (int capacity = ByteBufferPoolBuilder.SMALLEST; capacity < LARGEST; capacity *= 2) {
            requireCapacity(capacity, capacity);
            requireCapacity(capacity - 1, capacity);
            requireCapacity(capacity + 1, 2 * capacity);
        }
        requireCapacity(LARGEST, LARGEST);
        assertThat(pool.stats().classes())
                .extracting(SizeClassStats::capacity)
                .isSorted()
                .hasSize(19)
                .startsWith(64)
                .endsWith(LARGEST);
    }

    private void requireCapacity(int size, int capacity) {
        try (PooledBuffer taken = pool.get(size)) {
            assertThat(taken.buffer().capacity()).isEqualTo(capacity);
            assertThat(taken.buffer().limit()).isEqualTo(size);
        }
    }

    @Test
    void what_is_larger_than_any_class_has_its_own_size_and_is_freed_when_it_is_released() {
        int size = LARGEST + 1;
        PooledBuffer taken = pool.get(size);
        assertThat(taken.buffer().capacity()).isEqualTo(size);
        assertThat(pool.stats().unpooled().bytesOut()).isEqualTo(size);
        assertThat(pool.stats().total().bytesOut()).isEqualTo(size);
        assertThat(pool.budget().reserved()).isEqualTo(size);
        long lent = JvmMemory.directBytes();
        taken.close();
        assertThat(JvmMemory.directBytes()).isLessThan(lent - size + MIB);
        assertThat(pool.budget().reserved()).isZero();
        assertThat(pool.stats().total().idleBytes()).isZero();
    }

    @Test
    void nothing_of_a_messy_user_is_left() {
        PooledBuffer first = pool.get(100);
        ByteBuffer messy = first.buffer();
        messy.order(ByteOrder.LITTLE_ENDIAN).limit(90).position(30).mark().position(50);
        first.close();
        try (PooledBuffer second = pool.get(110)) {
            ByteBuffer clean = second.buffer();
            assertThat(clean).isSameAs(messy);
            assertThat(clean.position()).isZero();
            assertThat(clean.limit()).isEqualTo(110);
            assertThat(clean.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
            assertThatThrownBy(clean::reset).isInstanceOf(InvalidMarkException.class);
        }
    }

    @Test
    void a_position_beyond_the_next_users_limit_is_no_trouble() {
        PooledBuffer first = pool.get(100);
        first.buffer().position(100).mark();
        first.close();
        try (PooledBuffer second = pool.get(0)) {
            assertThat(second.buffer().limit()).isZero();
            assertThat(second.buffer().position()).isZero();
            assertThatThrownBy(second.buffer()::reset).isInstanceOf(InvalidMarkException.class);
        }
    }

    @Test
    void what_was_released_is_lent_again() {
        PooledBuffer first = pool.get(1_000);
        ByteBuffer memory = first.buffer();
        first.close();
        for (int size = 513; size <= 1_024; size++) {
            try (PooledBuffer again = pool.get(size)) {
                assertThat(again.buffer()).isSameAs(memory);
            }
        }
        assertThat(ofClass(pool, 1_024).hits()).isEqualTo(512);
        assertThat(ofClass(pool, 1_024).misses()).isEqualTo(1);
    }

    @Test
    void two_users_never_have_the_same_memory() {
        try (PooledBuffer one = pool.get(64);
                PooledBuffer two = pool.get(64)) {
            assertThat(one.buffer()).isNotSameAs(two.buffer());
        }
    }

    @Test
    void buffers_are_direct_unless_they_are_wanted_on_the_heap() {
        ByteBufferPool heap = open(builder().heap());
        for (int size : new int[] {64, LARGEST + 1}) {
            try (PooledBuffer direct = pool.get(size);
                    PooledBuffer array = heap.get(size)) {
                assertThat(direct.buffer().isDirect()).isTrue();
                assertThat(array.buffer().hasArray()).isTrue();
                assertThat(array.buffer().isDirect()).isFalse();
            }
        }
    }

    @Test
    void a_negative_size_is_refused_and_quoted() {
        String message = "Pool 'test' has no buffers of -1 bytes: the size must not be negative";
        assertThatIllegalArgumentException().isThrownBy(() -> pool.get(-1)).withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pool.get(-1, LONG))
                .withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pool.get(Integer.MIN_VALUE))
                .withMessageContaining("-2147483648 bytes");
        assertThat(pool.budget().reserved()).isZero();
    }

    @Test
    void an_enormous_size_is_refused_with_the_numbers() {
        ByteBufferPool small = open(builder().maxBytes(MIB));
        assertThatThrownBy(() -> small.get(Integer.MAX_VALUE))
                .isInstanceOf(BudgetExhaustedException.class)
                .hasMessageContaining("'test'")
                .hasMessageContaining(Integer.MAX_VALUE + " bytes")
                .hasMessageContaining("budget of " + MIB + " bytes");
        assertThat(small.budget().reserved()).isZero();
    }

    @Test
    void put_is_the_same_as_close() {
        PooledBuffer taken = pool.get(64);
        pool.put(taken);
        assertThat(pool.stats().total().idleBytes()).isEqualTo(64);
        assertThatIllegalStateException().isThrownBy(() -> pool.put(taken));
    }

    @Test
    void a_buffer_of_another_pool_is_refused_and_stays_its_users() {
        ByteBufferPool other = open(ByteBufferPool.builder().name("other"));
        try (PooledBuffer taken = other.get(64)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pool.put(taken))
                    .withMessage("Pool 'test' got a buffer of pool 'other'");
            assertThat(taken.buffer().limit()).isEqualTo(64);
        }
        assertThat(other.stats().total().idleBytes()).isEqualTo(64);
    }

    @ParameterizedTest
    @EnumSource
    void a_released_buffer_is_not_given_out(Tracking tracking) {
        ByteBufferPool tracked = open(builder().tracking(tracking));
        PooledBuffer taken = tracked.get(64);
        taken.close();
        assertThatIllegalStateException()
                .isThrownBy(taken::buffer)
                .withMessage("Pool 'test': this buffer was released, and must not be used any more");
    }

    @ParameterizedTest
    @EnumSource
    void a_second_release_is_refused_whoever_does_it(Tracking tracking) throws Exception {
        ByteBufferPool tracked = open(builder().tracking(tracking).largestPooled(KIB));
        for (int size : new int[] {64, KIB, KIB + 1}) {
            PooledBuffer taken = tracked.get(size);
            taken.close();
            assertThatIllegalStateException()
                    .isThrownBy(taken::close)
                    .withMessageContaining("Pool 'test': a buffer was released twice");
            FutureTask<Boolean> other = inThread(() -> {
                taken.close();
                return true;
            });
            assertThatThrownBy(other::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Pool 'test': a buffer was released twice");
        }
        assertThat(tracked.stats().total().idleBytes()).isEqualTo(64 + KIB);
    }

    @ParameterizedTest
    @EnumSource
    void a_second_release_is_refused_after_the_memory_was_freed(Tracking tracking) {
        ByteBufferPool tracked = open(builder().tracking(tracking));
        PooledBuffer taken = tracked.get(64);
        taken.close();
        tracked.trim();
        assertThatIllegalStateException().isThrownBy(taken::close);
        assertThat(tracked.budget().reserved()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void of_two_that_release_at_once_exactly_one_succeeds(Tracking tracking) throws Exception {
        ByteBufferPool tracked = open(builder().tracking(tracking).largestPooled(KIB));
        int rounds = 20_000;
        AtomicReference<PooledBuffer> shared = new AtomicReference<>();
        AtomicInteger successes = new AtomicInteger();
        AtomicInteger ready = new AtomicInteger();
        FutureTask<Boolean> other = inThread(() -> {
            for (int round = 1; round <= rounds; round++) {
                meet(ready, 4 * round - 2);
                successes.addAndGet(closes(shared.get()));
                meet(ready, 4 * round);
            }
            return true;
        });
        for (int round = 1; round <= rounds; round++) {
            // Now and then one that is freed, rather than kept.
            shared.set(tracked.get(round % 4 == 0 ? KIB + 1 : 64));
            meet(ready, 4 * round - 2);
            successes.addAndGet(closes(shared.get()));
            meet(ready, 4 * round);
            assertThat(successes.getAndSet(0)).as("releases in round %s", round).isEqualTo(1);
        }
        assertThat(other.get()).isTrue();
        assertThat(tracked.stats().total().bytesOut()).isZero();
        assertThat(tracked.budget().reserved()).isEqualTo(64);
    }

    /** Each of two adds one; both go on at the same instant. */
    private static void meet(AtomicInteger ready, int both) {
        ready.incrementAndGet();
        for (int spins = 0; ready.get() < both; spins++) {
            if (spins < 1_000) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(1_000);
            }
        }
    }

    private static int closes(PooledBuffer buffer) {
        try {
            buffer.close();
            return 1;
        } catch (IllegalStateException e) {
            assertThat(e).hasMessageContaining("'test'").hasMessageContaining("twice");
            return 0;
        }
    }

    @Test
    void slices_and_duplicates_work_until_the_release() {
        try (PooledBuffer taken = pool.get(100)) {
            ByteBuffer slice = taken.buffer().slice(10, 20);
            ByteBuffer duplicate = taken.buffer().duplicate();
            System.gc();
            slice.putLong(0, 42);
            assertThat(taken.buffer().getLong(10)).isEqualTo(42);
            assertThat(duplicate.getLong(10)).isEqualTo(42);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void memory_is_zero_up_to_its_capacity_when_it_is_cleared_on_release(boolean heap) {
        ByteBufferPoolBuilder settings = builder().clearOnRelease();
        ByteBufferPool clearing = open(heap ? settings.heap() : settings);
        // The last is longer than what is cleared at a time.
        for (int size : new int[] {1, 64, 1_000, 20_000}) {
            PooledBuffer secret = clearing.get(size);
            ByteBuffer memory = secret.buffer();
            memory.clear();
            while (memory.hasRemaining()) {
                memory.put((byte) 0x5A);
            }
            memory.limit(size / 2).position(size / 4).mark();
            secret.close();
            try (PooledBuffer next = clearing.get(size)) {
                assertThat(next.buffer()).isSameAs(memory);
                assertThat(next.buffer().limit()).isEqualTo(size);
                for (int i = 0; i < memory.clear().capacity(); i++) {
                    assertThat(memory.get(i)).isZero();
                }
            }
        }
    }

    @Test
    void memory_is_not_cleared_unless_that_is_wanted() {
        PooledBuffer taken = pool.get(64);
        taken.buffer().putLong(0, 42);
        taken.close();
        try (PooledBuffer next = pool.get(64)) {
            assertThat(next.buffer().getLong(0)).isEqualTo(42);
        }
    }

    @Test
    void a_trim_frees_what_is_idle_and_nothing_else() {
        try (PooledBuffer lent = pool.get(MIB)) {
            pool.get(KIB).close();
            pool.get(4 * MIB).close();
            assertThat(pool.budget().reserved()).isEqualTo(KIB + 5 * MIB);
            long before = JvmMemory.directBytes();
            pool.trim();
            assertThat(JvmMemory.directBytes()).isLessThan(before - 3 * MIB);
            assertThat(pool.budget().reserved()).isEqualTo(MIB);
            assertThat(pool.stats().total().idleBytes()).isZero();
            lent.buffer().putLong(0, 42);
            assertThat(lent.buffer().getLong(0)).isEqualTo(42);
        }
        assertThat(pool.stats().total().idleBytes()).isEqualTo(MIB);
    }

    @Test
    void a_close_frees_what_is_idle_at_once_and_what_is_lent_when_it_is_released() {
        PooledBuffer lent = pool.get(4 * MIB);
        PooledBuffer large = pool.get(LARGEST + 1);
        pool.get(MIB).close();
        long before = JvmMemory.directBytes();
        pool.close();
        assertThat(JvmMemory.directBytes()).isLessThan(before - MIB / 2);
        assertThat(pool.budget().reserved()).isEqualTo(4 * MIB + LARGEST + 1);
        assertThat(lent.buffer().limit()).isEqualTo(4 * MIB);
        lent.close();
        large.close();
        assertThat(JvmMemory.directBytes()).isLessThan(before - LARGEST - 4 * MIB);
        assertThat(pool.budget().reserved()).isZero();
        assertThatIllegalStateException().isThrownBy(lent::close);
        assertThatIllegalStateException().isThrownBy(large::close);
        pool.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 64, MIB, LARGEST, LARGEST + 1})
    void a_closed_pool_lends_nothing(int size) {
        pool.get(MIB).close();
        pool.close();
        assertThatThrownBy(() -> pool.get(size).close())
                .isInstanceOf(PoolClosedException.class)
                .hasMessageContaining("'test'");
        assertThatThrownBy(() -> pool.get(size, LONG).close())
                .isInstanceOf(PoolClosedException.class)
                .hasMessageContaining("'test'");
    }

    @Test
    void a_new_pool_has_nothing_and_has_done_nothing() {
        SizeClassStats nothing = new SizeClassStats(0, 0, 0, 0, 0, 0, 0, 0, 0);
        assertThat(pool.stats())
                .isEqualTo(new ByteBufferPoolStats(nothing, List.of(), nothing, 0, Duration.ZERO, 0, 0));
    }

    @Test
    void each_class_and_all_together_tell_what_is_lent_asked_for_idle_and_was_at_most() {
        PooledBuffer one = pool.get(100);
        PooledBuffer two = pool.get(100);
        PooledBuffer three = pool.get(1_000);
        PooledBuffer large = pool.get(LARGEST + 7);
        assertThat(pool.stats().classes())
                .containsExactly(
                        new SizeClassStats(128, 256, 200, 0, 256, 0, 2, 0, 0),
                        new SizeClassStats(1_024, 1_024, 1_000, 0, 1_024, 0, 1, 0, 0));
        one.close();
        large.close();
        assertThat(ofClass(pool, 128)).isEqualTo(new SizeClassStats(128, 128, 100, 128, 256, 0, 2, 0, 0));
        PooledBuffer again = pool.get(70);
        assertThat(ofClass(pool, 128)).isEqualTo(new SizeClassStats(128, 256, 170, 0, 256, 1, 2, 0, 0));
        two.close();
        three.close();
        again.close();
        pool.trim();
        assertThat(pool.stats().classes())
                .containsExactly(
                        new SizeClassStats(128, 0, 0, 0, 256, 1, 2, 0, 0),
                        new SizeClassStats(1_024, 0, 0, 0, 1_024, 0, 1, 0, 0));
        SizeClassStats total = pool.stats().total();
        assertThat(total.capacity()).isZero();
        assertThat(total.bytesOut() + total.bytesAsked() + total.idleBytes()).isZero();
        assertThat(total.peakBytes()).isEqualTo(256 + 1_024 + LARGEST + 7);
        assertThat(total.hits()).isEqualTo(1);
    }

    @Test
    void the_high_water_mark_of_all_is_of_one_moment() {
        pool.get(MIB).close();
        pool.trim();
        pool.get(2 * MIB).close();
        assertThat(ofClass(pool, MIB).peakBytes()).isEqualTo(MIB);
        assertThat(ofClass(pool, 2 * MIB).peakBytes()).isEqualTo(2 * MIB);
        assertThat(pool.stats().total().peakBytes()).isEqualTo(2 * MIB);
    }

    @Test
    void unpooled_buffers_are_counted_each_as_a_miss() {
        PooledBuffer one = pool.get(LARGEST + 1);
        PooledBuffer two = pool.get(LARGEST + 2);
        SizeClassStats unpooled = pool.stats().unpooled();
        assertThat(unpooled.bytesOut()).isEqualTo(2 * LARGEST + 3);
        assertThat(unpooled.bytesAsked()).isEqualTo(2 * LARGEST + 3);
        one.close();
        two.close();
        assertThat(pool.stats().unpooled().bytesOut()).isZero();
        assertThat(pool.stats().unpooled().peakBytes()).isEqualTo(2 * LARGEST + 3);
        assertThat(pool.stats().unpooled().misses()).as("unpooled buffers").isEqualTo(2);
        assertThat(pool.stats().total().misses()).as("misses of all").isEqualTo(2);
    }

    @Test
    void the_defaults_are_those_of_the_javadoc() {
        ByteBufferPoolBuilder defaults = ByteBufferPool.builder();
        assertThat(defaults.name).isEqualTo("buffers");
        assertThat(defaults.direct).isTrue();
        assertThat(defaults.largest).isEqualTo(16 << 20);
        assertThat(defaults.fadeAfter).isEqualTo(Duration.ofSeconds(8));
        assertThat(defaults.tracking).isEqualTo(Tracking.SAMPLED);
        assertThat(defaults.clearOnRelease).isFalse();
        try (ByteBufferPool plain = ByteBufferPool.create();
                ByteBufferPool heap = ByteBufferPool.builder().heap().build()) {
            assertThat(plain.name()).isEqualTo("buffers");
            assertThat(plain.budget().limit()).isEqualTo(DirectMemory.limit() / 4 * 3);
            assertThat(heap.budget().limit()).isEqualTo(Runtime.getRuntime().maxMemory() / 2 / 4 * 3);
        }
    }

    @Test
    void half_of_the_budget_may_stay_idle_by_default() {
        ByteBufferPool bounded = open(builder().maxBytes(MIB));
        Deque<PooledBuffer> all = new ArrayDeque<>();
        for (int i = 0; i < 16; i++) {
            all.add(bounded.get(MIB / 16));
        }
        all.forEach(PooledBuffer::close);
        assertThat(bounded.stats().total().idleBytes()).isEqualTo(MIB / 2);
    }

    @Test
    void settings_that_are_not_allowed_are_refused_and_quoted() {
        ByteBufferPoolBuilder settings = builder();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.name(" "))
                .withMessage("name is blank: ' '");
        for (int value : new int[] {Integer.MIN_VALUE, -64, 0, 32, 63, 65, 100, (1 << 30) + 1, Integer.MAX_VALUE}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> settings.largestPooled(value))
                    .withMessage("largestPooled must be a power of two from 64 to 1073741824, not " + value);
        }
        for (long value : new long[] {Long.MIN_VALUE, -1, 0}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> settings.maxBytes(value))
                    .withMessage("a budget must be of 1 byte or more, not " + value);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> settings.maxRetained(value))
                    .withMessage("maxRetained must be 1 byte or more, not " + value);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.fadeAfter(Duration.ofNanos(-1)))
                .withMessage("fadeAfter must be zero, or from 1 ms to 36,500 days, not PT-0.000000001S");
        assertThatNullPointerException().isThrownBy(() -> settings.budget(null)).withMessage("budget");
        assertThatNullPointerException()
                .isThrownBy(() -> settings.tracking(null))
                .withMessage("tracking");
    }

    @Test
    void a_time_to_fade_of_centuries_is_refused_where_it_is_set() {
        ByteBufferPoolBuilder settings = builder();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.fadeAfter(Duration.ofDays(36_501)))
                .withMessageContaining("PT876024H");
    }

    @Test
    void settings_at_their_ends_are_allowed() {
        ByteBufferPoolBuilder settings = builder()
                .largestPooled(64)
                .largestPooled(1 << 30)
                .maxRetained(1)
                .fadeAfter(Duration.ZERO)
                .maxBytes(1);
        ByteBufferPool tiny = open(settings);
        assertThatThrownBy(() -> tiny.get(0)).isInstanceOf(BudgetExhaustedException.class);
        ByteBufferPool retainsNothing = open(builder().maxRetained(1));
        retainsNothing.get(64).close();
        assertThat(retainsNothing.budget().reserved()).isZero();
    }

    @Test
    void a_pool_keeps_its_settings_whatever_is_set_after() {
        ByteBufferPoolBuilder settings = builder();
        ByteBufferPool first = open(settings);
        settings.name("later").heap().budget(MemoryBudget.of(1));
        assertThat(first.name()).isEqualTo("test");
        try (PooledBuffer taken = first.get(64)) {
            assertThat(taken.buffer().isDirect()).isTrue();
        }
    }

    @Test
    void what_is_idle_fades() {
        ByteBufferPool fading = open(builder().fadeAfter(Duration.ofMillis(200)));
        fading.get(MIB).close();
        fading.get(64).close();
        await().atMost(Duration.ofSeconds(5)).until(() -> fading.budget().reserved() == 0);
    }

    @Test
    void the_shortest_time_to_fade_is_not_for_ever() {
        ByteBufferPool fading = open(builder().fadeAfter(Duration.ofMillis(1)));
        fading.get(64).close();
        await().atMost(Duration.ofSeconds(10)).until(() -> fading.budget().reserved() == 0);
    }

    @Test
    void what_is_idle_stays_if_it_is_not_to_fade() {
        ByteBufferPool staying = open(builder().fadeAfter(Duration.ZERO));
        staying.get(64).close();
        await().during(Duration.ofMillis(200))
                .atMost(Duration.ofSeconds(5))
                .until(() -> staying.budget().reserved() == 64);
    }

    @Test
    void nothing_fades_before_half_of_its_time_is_over() {
        Duration fade = Duration.ofSeconds(2);
        ByteBufferPool fading = open(builder().fadeAfter(fade));
        Deque<PooledBuffer> lent = new ArrayDeque<>();
        for (int i = 0; i < 30; i++) {
            lent.add(fading.get(64));
        }
        List<Long> releases = new ArrayList<>();
        List<String> tooSoon = new ArrayList<>();
        // Every 50 ms, so that some are released just before the pool looks, which is every second.
        await().pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofSeconds(20))
                .until(() -> {
                    lent.remove().close();
                    releases.add(System.nanoTime());
                    long idle = fading.stats().total().idleBytes() / 64;
                    long since = System.nanoTime() - fade.toNanos() / 2;
                    long young = releases.stream().filter(at -> at - since > 0).count();
                    if (idle < young) {
                        tooSoon.add(idle + " idle of " + young + " released in the last second");
                    }
                    return lent.isEmpty();
                });
        assertThat(tooSoon).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"true, 256", "false, 256", "false, 65536"})
    void a_warm_cycle_allocates_nothing_on_the_heap(boolean heap, int size) {
        ByteBufferPool warm = open(heap ? builder().heap() : builder());
        int cycles = 1_000_000;
        cycle(warm, size, cycles);
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        cycle(warm, size, cycles);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat((double) allocated / cycles).as("bytes a cycle").isLessThan(0.05);
    }

    private static void cycle(ByteBufferPool warm, int size, int cycles) {
        for (int i = 0; i < cycles; i++) {
            try (PooledBuffer taken = warm.get(size)) {
                taken.buffer().putInt(0, i);
            }
        }
    }
}
