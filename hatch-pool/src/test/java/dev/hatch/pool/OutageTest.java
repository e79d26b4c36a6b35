package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What callers meet while creations and validations fail or hang, and what the pool makes then. */
@Timeout(60)
final class OutageTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final FakeLifecycle lifecycle = new FakeLifecycle();
    private final AtomicLong clock = new AtomicLong();
    private ResourcePool<Thing, ThingLease> pool = settings().build();

    private ResourcePoolBuilder<Thing, ThingLease> settings() {
        return ResourcePool.builder(lifecycle, ThingLease::new).name("outage").maxSize(10);
    }

    private ResourcePoolBuilder<Thing, ThingLease> turned() {
        ResourcePoolBuilder<Thing, ThingLease> settings = settings();
        settings.clock = clock::get;
        settings.housekeeping = false;
        return settings;
    }

    private static <T> FutureTask<T> inThread(Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        new Thread(future, "caller").start();
        return future;
    }

    @AfterEach
    void everything_is_accounted_for() {
        pool.close(Duration.ofSeconds(10));
        await().until(() -> lifecycle.destroyed.get() == lifecycle.created.get());
        PoolStats stats = pool.stats();
        assertThat(stats.created()).isEqualTo(stats.destroyed());
    }

    @Test
    void a_hung_creation_keeps_nobody_from_a_resource_while_there_are_places() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        lifecycle.hangCreate = latch;
        FutureTask<ThingLease> first = inThread(() -> pool.acquire(LONG));
        await().until(() -> lifecycle.hanging.get() == 1);
        lifecycle.hangCreate = null;
        FutureTask<ThingLease> second = inThread(() -> pool.acquire(LONG));
        first.get(3, TimeUnit.SECONDS).close();
        second.get(3, TimeUnit.SECONDS).close();
        latch.countDown();
    }

    @Test
    void those_who_wait_for_a_hung_creation_get_what_later_ones_bring() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        lifecycle.hangCreate = latch;
        FutureTask<ThingLease> first = inThread(() -> pool.acquire(LONG));
        await().until(() -> lifecycle.hanging.get() == 1);
        lifecycle.hangCreate = null;
        // What this caller has made goes to the first, who keeps it.
        try (ThingLease second = pool.acquire(Duration.ofSeconds(3));
                ThingLease firsts = first.get(3, TimeUnit.SECONDS)) {
            assertThat(second.thing()).isNotSameAs(firsts.thing());
        }
        latch.countDown();
    }

    @Test
    void creation_is_tried_again_within_a_quarter_of_a_second_and_then_made_for_all() throws Exception {
        lifecycle.failCreate = new IllegalStateException("planted");
        FutureTask<ThingLease> first = inThread(() -> pool.acquire(LONG));
        FutureTask<ThingLease> second = inThread(() -> pool.acquire(LONG));
        await().until(() -> pool.stats().waiting() == 2 && pool.stats().failedCreations() > 8);
        lifecycle.failCreate = null;
        long start = System.nanoTime();
        try (ThingLease one = first.get();
                ThingLease two = second.get()) {
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(600));
            assertThat(one.thing()).isNotSameAs(two.thing());
        }
    }

    @Test
    void every_caller_in_an_outage_is_told_why_however_short_it_waits() {
        lifecycle.failCreate = new IllegalStateException("planted");
        FutureTask<ThingLease> waiting = inThread(() -> pool.acquire(Duration.ofSeconds(2)));
        await().until(() -> pool.stats().failedCreations() > 5);
        for (int i = 0; i < 50; i++) {
            assertThatThrownBy(() -> pool.acquire(Duration.ofMillis(10)))
                    .isInstanceOf(AcquireTimeoutException.class)
                    .hasMessageContaining("The last creation failed: planted")
                    .hasCause(lifecycle.failCreate);
        }
        assertThatThrownBy(waiting::get).hasCauseInstanceOf(AcquireTimeoutException.class);
    }

    @Test
    void polling_makes_no_more_than_one() {
        pool.close();
        pool = turned().build();
        CountDownLatch latch = new CountDownLatch(1);
        lifecycle.hangCreate = latch;
        for (int i = 0; i < 20; i++) {
            assertThat(pool.tryAcquire()).isEmpty();
        }
        assertThat(pool.stats().creating()).isEqualTo(1);
        latch.countDown();
        await().until(() -> pool.stats().idle() == 1);
    }

    @Test
    void those_who_arrive_together_have_one_made_each() throws Exception {
        pool.close();
        pool = turned().maxSize(100).build();
        CountDownLatch latch = new CountDownLatch(1);
        lifecycle.hangCreate = latch;
        List<FutureTask<ThingLease>> callers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            callers.add(inThread(() -> pool.acquire(LONG)));
        }
        await().until(() -> lifecycle.hanging.get() == 6);
        latch.countDown();
        for (FutureTask<ThingLease> caller : callers) {
            caller.get();
        }
        assertThat(lifecycle.created).hasValue(6);
        for (FutureTask<ThingLease> caller : callers) {
            caller.get().close();
        }
    }

    @Test
    void those_who_arrive_together_do_not_storm_the_server() {
        pool.close();
        pool = turned().maxSize(30).minIdle(30).build();
        CountDownLatch latch = new CountDownLatch(1);
        lifecycle.hangCreate = latch;
        pool.tick();
        assertThat(pool.stats().creating()).isEqualTo(Supply.MOST_CREATIONS);
        latch.countDown();
        await().until(() -> pool.stats().idle() == 30);
    }

    @Test
    void a_creation_that_hangs_and_then_fails_counts_once() {
        pool.close();
        pool = turned().createLimit(Duration.ofSeconds(1)).build();
        CountDownLatch latch = new CountDownLatch(1);
        lifecycle.hangCreate = latch;
        assertThat(pool.tryAcquire()).isEmpty();
        await().until(() -> lifecycle.hanging.get() == 1);
        clock.addAndGet(TimeUnit.SECONDS.toNanos(2));
        pool.tick();
        lifecycle.failCreate = new IllegalStateException("planted");
        latch.countDown();
        await().until(pool::isQuiet);
        assertThat(pool.stats().failedCreations()).isEqualTo(1);
    }

    @Test
    void a_pool_that_lets_nobody_wait_still_has_resources_made() {
        pool.close();
        pool = settings().maxWaiters(0).build();
        assertThatThrownBy(() -> pool.acquire(LONG)).isInstanceOf(AcquireRefusedException.class);
        await().until(() -> pool.stats().idle() == 1);
        pool.tryAcquire().orElseThrow().close();
    }

    @Test
    void a_deadline_that_is_far_is_kept_while_describe_and_destroy_hang() throws Exception {
        pool.close();
        pool = settings().maxSize(1).maxLifetime(Duration.ofMillis(1)).build();
        CountDownLatch latch = new CountDownLatch(1);
        pool.acquire(LONG).close();
        lifecycle.hangDescribe = latch;
        lifecycle.hangDestroy = latch;
        lifecycle.hangCreate = latch;
        await().until(() -> pool.stats().destroyed() == 1);
        long start = System.nanoTime();
        assertThatThrownBy(() -> pool.acquire(Duration.ofMillis(3_500))).isInstanceOf(AcquireTimeoutException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(3_500), Duration.ofMillis(3_550));
        latch.countDown();
    }

    @Test
    void what_is_returned_after_the_close_is_destroyed_by_a_worker_and_the_last_thread_ends() throws Exception {
        ThingLease lease = pool.acquire(LONG);
        assertThat(pool.close(Duration.ZERO).leased()).containsExactly("thing 1");
        CountDownLatch latch = new CountDownLatch(1);
        lifecycle.hangDestroy = latch;
        AtomicReference<Boolean> kept = new AtomicReference<>();
        Thread user = new Thread(() -> {
            Thread.currentThread().interrupt();
            lease.close();
            kept.set(Thread.interrupted());
        });
        user.start();
        user.join(5_000);
        assertThat(kept).hasValue(true);
        latch.countDown();
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("hatch-outage-housekeeper")));
    }

    @Test
    void a_caller_who_comes_during_a_pause_that_nobody_waited_for_is_served_when_it_ends() throws Exception {
        for (int i = 0; i < 5; i++) {
            long failed = pool.stats().failedCreations();
            await().until(pool::isQuiet);
            lifecycle.failCreate = new IllegalStateException("planted");
            assertThat(pool.tryAcquire()).isEmpty();
            await().until(() -> pool.stats().failedCreations() > failed);
            lifecycle.failCreate = null;
            try (ThingLease lease = pool.acquire(Duration.ofMillis(500))) {
                lease.breakIt();
            }
        }
    }

    @Test
    void a_caller_who_comes_after_a_hung_creation_that_nobody_waited_for_gets_another() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        lifecycle.hangCreate = latch;
        assertThat(pool.tryAcquire()).isEmpty();
        await().until(() -> lifecycle.hanging.get() == 1);
        lifecycle.hangCreate = null;
        try (ThingLease lease = pool.acquire(Duration.ofMillis(600))) {
            assertThat(lease.isOpen()).isTrue();
        }
        latch.countDown();
    }
}
