package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Threads that take, hand on, put, trim and look at the clock, as fast as they can; and the balance at the end. */
class ObjectPoolStressTest {
    private static final int THREADS = 8;

    /** What somebody can have. */
    private interface Ownable {
        AtomicBoolean owned();
    }

    private static final class Part implements Ownable {
        private final AtomicBoolean owned = new AtomicBoolean();

        @Override
        public AtomicBoolean owned() {
            return owned;
        }
    }

    private static final class Tile extends Recyclable implements Ownable {
        private final AtomicBoolean owned = new AtomicBoolean();

        @Override
        public AtomicBoolean owned() {
            return owned;
        }
    }

    private static <T extends Ownable> void run(Supplier<T> factory, int maxIdle, Duration time, boolean twice)
            throws Exception {
        ObjectPoolBuilder<T> settings =
                ObjectPool.builder(factory).maxIdle(maxIdle).destroy(ObjectPoolStressTest::own);
        settings.upkeep = false;
        ObjectPool<T> pool = settings.build();
        Queue<T> handedOn = new ConcurrentLinkedQueue<>();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        long end = System.nanoTime() + time.toNanos();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            boolean keeps = i == 0;
            threads.add(new Thread(() -> {
                try {
                    while (System.nanoTime() < end && failure.get() == null) {
                        step(pool, handedOn, keeps, twice);
                    }
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        if (failure.get() != null) {
            throw new AssertionError(failure.get());
        }
        handedOn.forEach(object -> put(pool, object));
        ObjectPoolStats stats = pool.stats();
        assertThat(stats.created()).as("%s", stats).isEqualTo(stats.dropped() + stats.idle());
        assertThat(stats.idle()).isLessThanOrEqualTo(maxIdle);
        assertThat(stats.hits()).isPositive();
        assertThat(stats.lost()).isZero();
        int left = 0;
        for (T object = pool.poll(); object != null; object = pool.poll()) {
            own(object);
            left++;
        }
        assertThat(left).isEqualTo(stats.idle());
    }

    private static <T extends Ownable> void step(ObjectPool<T> pool, Queue<T> handedOn, boolean keeps, boolean twice) {
        int choice = ThreadLocalRandom.current().nextInt(1_000);
        if (keeps && choice < 3) {
            pool.tick();
        } else if (choice < 4) {
            pool.trim(choice * 10);
        } else if (choice < 5) {
            pool.stats();
        } else if (choice < 200) {
            T other = handedOn.poll();
            if (other != null) {
                put(pool, other);
            }
        } else if (choice < 400) {
            handedOn.add(own(pool.get()));
        } else {
            List<T> some = new ArrayList<>();
            for (int i = choice % 40; i >= 0; i--) {
                some.add(own(pool.get()));
            }
            some.forEach(object -> put(pool, object));
            if (twice) {
                put(pool, some.get(0));
            }
        }
    }

    private static <T extends Ownable> T own(T object) {
        if (!object.owned().compareAndSet(false, true)) {
            throw new IllegalStateException("two have it");
        }
        return object;
    }

    private static <T extends Ownable> void put(ObjectPool<T> pool, T object) {
        object.owned().set(false);
        pool.put(object);
    }

    private static void both(Duration time) throws Exception {
        for (int maxIdle : new int[] {1, 7, 64, 1_000}) {
            run(Part::new, maxIdle, time, false);
            run(Tile::new, maxIdle, time, false);
        }
    }

    @Test
    void nothing_is_lost_or_shared() throws Exception {
        both(Duration.ofMillis(500));
    }

    @Test
    @Tag("full")
    void nothing_is_lost_or_shared_in_minutes() throws Exception {
        both(Duration.ofSeconds(20));
    }

    /** The fault that it must find. */
    @Test
    void an_object_that_is_put_twice_is_found() {
        assertThatThrownBy(() -> run(Part::new, 64, Duration.ofSeconds(10), true))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("two have it");
    }
}
