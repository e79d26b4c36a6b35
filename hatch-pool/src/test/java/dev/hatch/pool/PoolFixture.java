package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A pool of two that is closed after each test, when everything must be accounted for. */
@Timeout(60)
abstract class PoolFixture {
    static final Duration LONG = Duration.ofSeconds(30);
    static final Duration SHORT = Duration.ofMillis(50);

    static {
        // As delivered it looks every 100 ms, of which most of these tests would consist.
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(Duration.ofMillis(2));
    }

    final FakeLifecycle lifecycle = new FakeLifecycle();
    final AtomicLong clock = new AtomicLong();
    ResourcePool<Thing, ThingLease> pool = settings().build();

    final ResourcePoolBuilder<Thing, ThingLease> settings() {
        return ResourcePool.builder(lifecycle, ThingLease::new).name("test").maxSize(2);
    }

    /** Time stands still but for {@link #pass}. */
    final ResourcePoolBuilder<Thing, ThingLease> turned() {
        ResourcePoolBuilder<Thing, ThingLease> settings = settings();
        settings.clock = clock::get;
        settings.housekeeping = false;
        return settings;
    }

    /** In place of the pool that there is. */
    final void open(ResourcePoolBuilder<Thing, ThingLease> settings) {
        pool.close();
        pool = settings.build();
    }

    /** Turns the clock, then lets the housekeeper look at it once. */
    final void pass(Duration time) {
        clock.addAndGet(time.toNanos());
        pool.tick();
    }

    /** Idle things, of which {@code thing 1} and so on were never waited for. */
    final void add(int count) {
        for (int i = 0; i < count; i++) {
            pool.add(new Thing(lifecycle.created.incrementAndGet()));
        }
    }

    static <T> FutureTask<T> inThread(Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        new Thread(future, "caller").start();
        return future;
    }

    /** A caller that waits until it is lent something, and gives back its number. */
    final FutureTask<Integer> inThreadAcquire(Duration timeout) {
        return inThread(() -> {
            try (ThingLease lease = pool.acquire(timeout)) {
                return lease.thing().number;
            }
        });
    }

    final void awaitWaiting(int count) {
        await().until(() -> pool.stats().waiting() == count);
    }

    final void awaitIdle(int count) {
        await().until(() -> pool.stats().idle() == count);
    }

    final void awaitHanging(int count) {
        await().until(() -> lifecycle.hanging.get() == count);
    }

    final void requireBalance() {
        PoolStats stats = pool.stats();
        assertThat(stats.created()).isEqualTo(stats.idle() + stats.leased() + stats.destroyed() + stats.setAside());
    }

    @AfterEach
    final void everything_is_accounted_for() {
        requireBalance();
        CloseReport report = pool.close(Duration.ofSeconds(10));
        assertThat(report.leased()).isEmpty();
        requireBalance();
        await().until(() -> lifecycle.destroyed.get() == lifecycle.created.get());
    }
}
