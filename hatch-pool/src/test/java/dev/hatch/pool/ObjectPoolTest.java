package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Exchanger;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ObjectPoolTest {
    private final List<Part> dropped = Collections.synchronizedList(new ArrayList<>());

    /** One that anything can be put of. */
    private static class Part {
        private int uses;
    }

    /** One that knows its place. */
    private static final class Tile extends Recyclable {}

    private ObjectPoolBuilder<Part> parts() {
        ObjectPoolBuilder<Part> builder = ObjectPool.<Part>builder(Part::new).destroy(dropped::add);
        builder.upkeep = false;
        return builder;
    }

    private static ObjectPoolBuilder<Tile> tiles() {
        ObjectPoolBuilder<Tile> builder = ObjectPool.<Tile>builder(Tile::new);
        builder.upkeep = false;
        return builder;
    }

    @Test
    void what_was_put_is_lent_again() {
        try (ObjectPool<Part> pool = parts().build()) {
            Part first = pool.get();
            pool.put(first);

            assertThat(pool.get()).isSameAs(first);
            assertThat(pool.get()).isNotSameAs(first);
            assertThat(pool.stats())
                    .extracting(
                            ObjectPoolStats::hits,
                            ObjectPoolStats::misses,
                            ObjectPoolStats::created,
                            ObjectPoolStats::idle)
                    .containsExactly(1L, 2L, 2L, 0);
        }
    }

    @Test
    void what_was_made_elsewhere_may_be_put() {
        try (ObjectPool<Part> pool = parts().build()) {
            Part part = new Part();
            pool.put(part);

            assertThat(pool.get()).isSameAs(part);
            assertThat(pool.poll()).isNull();
        }
    }

    @Test
    void many_come_back_in_any_order_and_none_is_lost_or_doubled() {
        try (ObjectPool<Part> pool = parts().maxIdle(500).build()) {
            for (int round = 0; round < 6; round++) {
                List<Part> out = new ArrayList<>();
                for (int i = 0; i < 400; i++) {
                    out.add(pool.get());
                }
                assertThat(distinct(out)).hasSize(400);
                if (round % 3 == 1) {
                    Collections.reverse(out);
                } else if (round % 3 == 2) {
                    Collections.shuffle(out);
                }
                out.forEach(pool::put);
                assertThat(pool.idle()).isEqualTo(400);
            }
            assertThat(pool.stats().created()).isEqualTo(400);
        }
    }

    private static Set<Part> distinct(List<Part> parts) {
        Set<Part> all = Collections.newSetFromMap(new IdentityHashMap<>());
        all.addAll(parts);
        return all;
    }

    @Test
    void what_comes_back_beyond_the_bound_is_dropped() {
        for (int bound : new int[] {0, 1, 3, 31, 32, 33, 100}) {
            dropped.clear();
            try (ObjectPool<Part> pool = parts().maxIdle(bound).build()) {
                List<Part> out = new ArrayList<>();
                for (int i = 0; i < bound + 5; i++) {
                    out.add(pool.get());
                }
                out.forEach(pool::put);

                assertThat(pool.idle()).isEqualTo(bound);
                assertThat(dropped).hasSize(5);
                assertThat(pool.stats().surplus()).isEqualTo(5);
            }
        }
    }

    @Test
    void what_is_dropped_is_closed() {
        AtomicInteger closed = new AtomicInteger();
        try (ObjectPool<AutoCloseable> pool = ObjectPool.<AutoCloseable>builder(() -> closed::incrementAndGet)
                .maxIdle(0)
                .build()) {
            pool.put(pool.get());
        }
        assertThat(closed).hasValue(1);
    }

    @Test
    void an_interrupt_that_a_close_throws_is_not_swallowed() {
        try (ObjectPool<AutoCloseable> pool = ObjectPool.<AutoCloseable>builder(() -> () -> {
                    throw new InterruptedException("planted");
                })
                .maxIdle(0)
                .build()) {
            pool.put(pool.get());

            assertThat(Thread.interrupted()).isTrue();
            assertThat(pool.stats().dropped()).isEqualTo(1);
        }
    }

    @Test
    void a_destroyer_that_fails_fails_nobody() {
        try (ObjectPool<Part> pool = parts().maxIdle(0)
                .destroy(part -> {
                    throw new IllegalArgumentException("stuck");
                })
                .build()) {
            pool.put(pool.get());

            assertThat(pool.stats().dropped()).isEqualTo(1);
        }
    }

    @Test
    void an_object_is_reset_before_anybody_else_has_it() {
        try (ObjectPool<Part> pool = parts().reset(part -> part.uses = 0).build()) {
            Part part = pool.get();
            part.uses = 7;
            pool.put(part);

            assertThat(pool.get().uses).isZero();
        }
    }

    @Test
    void an_object_whose_reset_throws_is_dropped_and_counted() {
        try (ObjectPool<Part> pool = parts().reset(part -> {
                    throw new IllegalStateException("stained");
                })
                .build()) {
            Part part = pool.get();
            pool.put(part);

            assertThat(dropped).containsExactly(part);
            assertThat(pool.idle()).isZero();
            assertThat(pool.stats().failedResets()).isEqualTo(1);
        }
    }

    @Test
    void an_error_of_a_reset_reaches_the_caller_and_nothing_is_lost() {
        try (ObjectPool<Tile> pool = tiles().maxIdle(1)
                .reset(tile -> {
                    throw new StackOverflowError("deep");
                })
                .build()) {
            Tile tile = pool.get();

            assertThatThrownBy(() -> pool.put(tile)).isInstanceOf(StackOverflowError.class);
            assertThat(pool.stats().dropped()).isEqualTo(1);
            assertThatThrownBy(() -> pool.put(tile)).hasMessageContaining("put back twice");
        }
    }

    @Test
    void a_factory_that_fails_fails_its_caller_only() {
        AtomicInteger calls = new AtomicInteger();
        try (ObjectPool<Part> pool = ObjectPool.<Part>builder(() -> {
                    if (calls.incrementAndGet() == 1) {
                        throw new IllegalStateException("no clay");
                    }
                    return new Part();
                })
                .build()) {
            assertThatThrownBy(pool::get).hasMessage("no clay");
            assertThat(pool.get()).isNotNull();
            assertThat(pool.stats().created()).isEqualTo(1);
        }
    }

    @Test
    void what_is_not_used_for_two_looks_has_faded_and_what_is_used_has_not() {
        try (ObjectPool<Part> pool = parts().build()) {
            List<Part> burst = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                burst.add(pool.get());
            }
            burst.forEach(pool::put);
            pool.tick();
            assertThat(pool.idle()).isEqualTo(100);

            Part used = pool.get();
            pool.put(used);
            pool.tick();
            assertThat(pool.idle()).isEqualTo(1);
            assertThat(pool.get()).isSameAs(used);
            assertThat(dropped).hasSize(99).doesNotContain(used);
            assertThat(pool.stats().faded()).isEqualTo(99);
        }
    }

    @Test
    void nothing_fades_where_that_is_turned_off() {
        try (ObjectPool<Part> pool = parts().fadeAfter(Duration.ZERO).build()) {
            pool.put(pool.get());
            for (int i = 0; i < 10; i++) {
                pool.tick();
            }
            assertThat(pool.idle()).isEqualTo(1);
        }
    }

    @Test
    void a_long_time_to_fade_is_many_looks() {
        try (ObjectPool<Part> pool = parts().fadeAfter(Duration.ofSeconds(80)).build()) {
            pool.put(pool.get());
            for (int i = 0; i < 19; i++) {
                pool.tick();
                assertThat(pool.idle()).isEqualTo(1);
            }
            pool.tick();
            assertThat(pool.idle()).isZero();
        }
    }

    @Test
    void what_a_burst_left_behind_goes_by_itself() {
        try (ObjectPool<Part> pool = ObjectPool.<Part>builder(Part::new)
                .fadeAfter(Duration.ofMillis(100))
                .build()) {
            pool.put(pool.get());

            await().until(() -> pool.idle() == 0);
            assertThat(pool.stats().faded()).isEqualTo(1);
        }
    }

    @Test
    void a_destroyer_that_hangs_holds_up_its_own_pool_only() throws Exception {
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (ObjectPool<Part> stuck = ObjectPool.<Part>builder(Part::new)
                        .fadeAfter(Duration.ofMillis(20))
                        .destroy(part -> {
                            hanging.countDown();
                            awaitOpen(release);
                        })
                        .build();
                ObjectPool<Part> other = ObjectPool.<Part>builder(Part::new)
                        .fadeAfter(Duration.ofMillis(20))
                        .build()) {
            stuck.put(stuck.get());
            hanging.await();
            other.put(other.get());
            await().until(() -> other.idle() == 0);

            stuck.put(stuck.get());
            assertThat(stuck.stats().created()).isEqualTo(2);
            release.countDown();
        }
    }

    private static void awaitOpen(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void trimming_drops_as_many_as_are_asked_for_and_those_first_that_are_used_least() {
        try (ObjectPool<Part> pool = parts().build()) {
            List<Part> out = List.of(pool.get(), pool.get(), pool.get());
            out.forEach(pool::put);

            assertThat(pool.trim(2)).isEqualTo(2);
            assertThat(pool.get()).isSameAs(out.get(0));
            pool.put(out.get(0));
            pool.trim();
            assertThat(pool.idle()).isZero();
            assertThat(pool.stats().trimmed()).isEqualTo(3);
            assertThat(dropped).hasSize(3);
        }
    }

    @Test
    void idle_objects_are_weighed() {
        try (ObjectPool<Part> pool = parts().weigher(part -> 10).build()) {
            List<Part> out = List.of(pool.get(), pool.get(), pool.get());
            out.forEach(pool::put);

            assertThat(pool.stats().idleBytes()).isEqualTo(30);
        }
    }

    @Test
    void a_closed_pool_lends_nothing_and_drops_what_comes_back() {
        ObjectPool<Part> pool = parts().build();
        Part out = pool.get();
        pool.put(pool.get());
        pool.close();
        pool.close();

        assertThat(dropped).hasSize(1);
        assertThatThrownBy(pool::get).isInstanceOf(PoolClosedException.class).hasMessage("Pool 'objects' is closed");
        pool.put(out);
        assertThat(dropped).hasSize(2);
        assertThat(pool.idle()).isZero();
    }

    @Test
    void a_thread_takes_what_another_left_before_it_makes_something() throws Exception {
        try (ObjectPool<Part> pool = parts().build()) {
            Part part = pool.get();
            for (int i = 0; i < 40; i++) {
                Thread other = new Thread(() -> pool.put(pool.get()));
                other.start();
                other.join();
            }
            pool.put(part);
            assertThat(pool.stats().created()).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void a_thread_that_is_disturbed_where_it_is_not_at_home_makes_one_more() throws Exception {
        try (ObjectPool<Tile> pool = tiles().build()) {
            List<Tile> out = List.of(pool.get(), pool.get(), pool.get(), pool.get());
            out.forEach(pool::put);
            AtomicBoolean over = new AtomicBoolean();
            Runnable cycles = () -> {
                while (!over.get()) {
                    pool.put(pool.get());
                }
            };
            // Of three at most two have one home.
            List<Thread> threads = List.of(new Thread(cycles), new Thread(cycles), new Thread(cycles));
            threads.forEach(Thread::start);
            await().until(() -> pool.stats().created() > 4);
            over.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
            ObjectPoolStats stats = pool.stats();
            assertThat(stats.idle()).isEqualTo((int) stats.created());
        }
    }

    @Test
    void threads_that_hand_objects_on_do_not_make_ever_more() throws Exception {
        int batch = 256;
        try (ObjectPool<Tile> pool = tiles().maxIdle(16_384).build()) {
            Exchanger<Tile[]> meeting = new Exchanger<>();
            Thread other = new Thread(() -> {
                try {
                    for (Tile[] full = meeting.exchange(new Tile[batch]);
                            full[0] != null;
                            full = meeting.exchange(full)) {
                        for (Tile tile : full) {
                            pool.put(tile);
                        }
                    }
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            other.start();
            Tile[] tiles = new Tile[batch];
            for (int round = 0; round < 100_000; round++) {
                for (int i = 0; i < batch; i++) {
                    tiles[i] = pool.get();
                }
                tiles = meeting.exchange(tiles);
            }
            meeting.exchange(new Tile[batch]);
            other.join();
            ObjectPoolStats stats = pool.stats();
            assertThat(stats.created()).isLessThanOrEqualTo(4L * batch);
            assertThat(stats.idle()).isEqualTo((int) stats.created());
        }
    }

    @Test
    void a_hit_allocates_nothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        try (ObjectPool<Part> parts = parts().build();
                ObjectPool<Tile> tiles = tiles().build()) {
            cycles(parts, tiles, 20_000);
            long before = threads.getThreadAllocatedBytes(self);
            cycles(parts, tiles, 100_000);
            assertThat(threads.getThreadAllocatedBytes(self) - before).isLessThan(10_000);
        }
    }

    private static void cycles(ObjectPool<Part> parts, ObjectPool<Tile> tiles, int count) {
        for (int i = 0; i < count; i++) {
            Part one = parts.get();
            Part two = parts.get();
            parts.put(one);
            parts.put(two);
            tiles.put(tiles.get());
        }
    }

    @Test
    void a_second_put_of_what_knows_its_place_throws() {
        try (ObjectPool<Tile> pool = tiles().build()) {
            Tile tile = pool.get();
            pool.put(tile);

            assertThatThrownBy(() -> pool.put(tile))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Pool 'objects'")
                    .hasMessageContaining("put back twice");
            assertThat(pool.idle()).isEqualTo(1);
        }
    }

    @Test
    void a_put_of_what_was_dropped_throws_even_when_its_place_is_anothers() {
        try (ObjectPool<Tile> pool = tiles().maxIdle(1).build()) {
            Tile tile = pool.get();
            pool.put(tile);
            pool.trim();
            Tile next = pool.get();

            assertThatThrownBy(() -> pool.put(tile)).hasMessageContaining("put back twice");
            pool.put(next);
            assertThatThrownBy(() -> pool.put(tile)).hasMessageContaining("put back twice");
            assertThat(pool.get()).isSameAs(next);
        }
    }

    @Test
    void of_two_puts_at_once_one_throws() throws Exception {
        try (ObjectPool<Tile> pool = tiles().maxIdle(1).build()) {
            CyclicBarrier start = new CyclicBarrier(2);
            AtomicInteger failed = new AtomicInteger();
            int rounds = 2_000;
            List<Tile> all = new ArrayList<>();
            for (int i = 0; i < rounds; i++) {
                all.add(new Tile());
            }
            all.forEach(pool::adopt);
            Runnable put = () -> {
                for (Tile tile : all) {
                    try {
                        start.await();
                        pool.put(tile);
                    } catch (IllegalStateException e) {
                        failed.incrementAndGet();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }
            };
            Thread other = new Thread(put);
            other.start();
            put.run();
            other.join();
            // Of those without a place, too.
            assertThat(failed).hasValue(rounds);
            assertThat(pool.idle()).isEqualTo(1);
            assertThat(pool.stats().dropped()).isEqualTo(rounds - 1);
        }
    }

    @Test
    void what_another_pool_lent_is_refused() {
        try (ObjectPool<Tile> pool = tiles().build();
                ObjectPool<Tile> other = tiles().name("other").build()) {
            Tile tile = pool.get();

            assertThatThrownBy(() -> other.put(tile))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Pool 'other' got what it did not lend");
            assertThatThrownBy(() -> other.put(new Tile())).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> other.adopt(tile)).isInstanceOf(IllegalStateException.class);
            assertThat(other.stats().created()).isZero();
            pool.put(tile);
        }
    }

    @Test
    void an_object_that_came_back_late_finds_its_place() {
        try (ObjectPool<Tile> pool = tiles().maxIdle(1).build()) {
            Tile tile = pool.get();
            pool.tick();
            pool.put(tile);

            assertThat(pool.get()).isSameAs(tile);
            pool.put(tile);
            assertThat(pool.get()).isSameAs(tile);
        }
    }

    @Test
    void an_object_that_knows_its_place_and_is_lost_is_counted_and_leaves_its_place() {
        try (ObjectPool<Tile> pool = tiles().maxIdle(1).build()) {
            pool.get();
            pool.tick();
            await().until(() -> {
                System.gc();
                return pool.stats().lost() == 1;
            });
            Tile next = pool.get();
            pool.put(next);
            assertThat(pool.get()).isSameAs(next);
        }
    }

    /** Tells when it is lost. */
    private static final class Telling extends Recyclable {
        private final Runnable whenLost;

        Telling(Runnable whenLost) {
            this.whenLost = whenLost;
        }

        @Override
        protected Runnable whenLost() {
            return whenLost;
        }
    }

    @Test
    void what_is_lost_after_the_close_is_noticed_though_nobody_has_the_pool() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        loseAfterClose(told::countDown);

        await().until(() -> {
            System.gc();
            return told.getCount() == 0;
        });
    }

    private static void loseAfterClose(Runnable whenLost) {
        ObjectPool<Telling> pool = ObjectPool.<Telling>builder(() -> new Telling(whenLost))
                .fadeAfter(Duration.ofMillis(20))
                .build();
        pool.get();
        pool.close();
    }

    @Test
    void what_fails_when_an_object_is_lost_fails_nobody() {
        AtomicInteger calls = new AtomicInteger();
        ObjectPoolBuilder<Telling> settings = ObjectPool.builder(() -> new Telling(() -> {
            calls.incrementAndGet();
            throw new IllegalStateException("no address");
        }));
        settings.upkeep = false;
        try (ObjectPool<Telling> pool = settings.build()) {
            pool.get();
            pool.get();
            pool.tick();
            await().until(() -> {
                System.gc();
                return pool.stats().lost() == 2;
            });
            assertThat(calls).hasValue(2);
        }
    }

    @Test
    void an_object_that_is_out_when_the_pool_is_closed_can_come_back_once() {
        ObjectPool<Tile> pool = tiles().build();
        Tile tile = pool.get();
        pool.close();
        pool.put(tile);

        assertThat(pool.stats().dropped()).isEqualTo(1);
        assertThatThrownBy(() -> pool.put(tile)).hasMessageContaining("put back twice");
        assertThat(pool.stats().dropped()).isEqualTo(1);
    }

    @Test
    void an_error_of_a_destroyer_does_not_keep_the_rest_from_being_dropped() {
        ObjectPool<Part> pool = parts().destroy(part -> {
                    throw new AssertionError("stuck");
                })
                .build();
        List<Part> out = List.of(pool.get(), pool.get(), pool.get());
        out.forEach(pool::put);
        pool.close();

        assertThat(pool.idle()).isZero();
        assertThat(pool.stats().trimmed()).isEqualTo(3);
    }

    @Test
    void the_last_use_is_known_to_within_a_look() {
        try (ObjectPool<Part> pool = parts().build()) {
            pool.put(pool.get());
            long made = pool.lastUseNanos();
            assertThat(pool.lastUseNanos()).isEqualTo(made);
            pool.put(pool.get());
            assertThat(pool.lastUseNanos() - made).isPositive();
        }
    }

    @Test
    void a_pool_that_nobody_has_is_collected_though_nobody_closed_it() {
        WeakReference<ObjectPool<Part>> forgotten = forgotten();
        await().until(() -> {
            System.gc();
            return forgotten.get() == null;
        });
    }

    private static WeakReference<ObjectPool<Part>> forgotten() {
        ObjectPool<Part> pool = ObjectPool.<Part>builder(Part::new).build();
        pool.put(pool.get());
        return new WeakReference<>(pool);
    }

    @Test
    void threads_that_close_and_put_at_once_leave_nothing_idle() throws Exception {
        for (int round = 0; round < 300; round++) {
            ObjectPool<Part> pool = parts().build();
            CountDownLatch start = new CountDownLatch(1);
            Part part = pool.get();
            Thread put = new Thread(() -> {
                awaitOpen(start);
                pool.put(part);
            });
            put.start();
            start.countDown();
            pool.close();
            put.join();
            assertThat(pool.idle()).isZero();
            assertThat(dropped).endsWith(part);
        }
    }
}
