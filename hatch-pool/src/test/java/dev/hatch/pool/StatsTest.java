package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** What a pool tells of itself: its counts, and its listener. */
final class StatsTest extends PoolFixture {
    private static final Duration PAUSE = Duration.ofNanos(Supply.LONGEST_PAUSE_NANOS);

    private final List<String> events = new CopyOnWriteArrayList<>();

    private final PoolListener recording = new PoolListener() {
        @Override
        public void created(String resource) {
            events.add("created " + resource);
        }

        @Override
        public void creationFailed(Throwable failure) {
            events.add("creation failed: " + failure.getMessage());
        }

        @Override
        public void destroyed(String resource, DestroyReason reason) {
            events.add("destroyed " + resource + " " + reason);
        }

        @Override
        public void setAside(String call) {
            events.add("set aside " + call);
        }

        @Override
        public void validationFailed(String resource, Throwable failure) {
            events.add("validation of " + resource + " failed: " + failure.getMessage());
        }

        @Override
        public void timedOut(PoolStats stats) {
            events.add("timed out with " + stats.leased() + " leased");
        }
    };

    private void openRecorded() {
        open(turned().maxSize(1)
                .validateEvery(Duration.ZERO)
                .validateAfterIdle(Duration.ZERO)
                .listener(recording));
    }

    /** In any order: each is told when it is done, by whoever did it. */
    private void awaitEvents(String... expected) {
        await().untilAsserted(() -> assertThat(events).containsExactlyInAnyOrder(expected));
    }

    @Test
    void a_new_pool_has_nothing_and_has_done_nothing() {
        PoolStats stats = pool.stats();
        assertThat(stats)
                .extracting(
                        PoolStats::created,
                        PoolStats::idle,
                        PoolStats::leased,
                        PoolStats::destroyed,
                        PoolStats::setAside,
                        PoolStats::creating,
                        PoolStats::waiting,
                        PoolStats::waits,
                        PoolStats::waitTime,
                        PoolStats::timeouts,
                        PoolStats::refusals,
                        PoolStats::failedCreations)
                .containsExactly(0L, 0, 0, 0L, 0L, 0, 0, 0L, Duration.ZERO, 0L, 0L, 0L);
        assertThat(stats.destroyedBy()).containsOnlyKeys(DestroyReason.values());
    }

    @Test
    void who_need_not_wait_is_no_wait() throws Exception {
        open(turned());
        pool.acquire(LONG).close();
        await().until(() -> pool.stats().waits() == 1);
        for (int i = 0; i < 10; i++) {
            pool.acquire(LONG).close();
        }
        assertThat(pool.stats().waits()).isEqualTo(1);
    }

    @Test
    void waits_are_counted_with_their_time_however_they_end() throws Exception {
        open(turned().maxSize(1));
        ThingLease lease = pool.acquire(LONG);
        await().until(() -> pool.stats().waits() == 1);
        FutureTask<Integer> served = inThreadAcquire(LONG);
        awaitWaiting(1);
        clock.addAndGet(Duration.ofSeconds(5).toNanos());
        lease.close();
        assertThat(served.get()).isEqualTo(1);
        assertThat(pool.stats().waits()).isEqualTo(2);
        assertThat(pool.stats().waitTime()).isEqualTo(Duration.ofSeconds(5));
        try (ThingLease again = pool.acquire(LONG)) {
            assertThat(again.isOpen()).isTrue();
            FutureTask<Integer> late = inThreadAcquire(Duration.ofSeconds(7));
            awaitWaiting(1);
            pass(Duration.ofSeconds(7));
            assertThat(late).failsWithin(LONG);
        }
        assertThat(pool.stats().waits()).isEqualTo(3);
        assertThat(pool.stats().waitTime()).isEqualTo(Duration.ofSeconds(12));
        assertThat(pool.stats().timeouts()).isEqualTo(1);
    }

    @Test
    void who_is_refused_has_not_waited() throws Exception {
        open(turned().maxSize(1).maxWaiters(0));
        add(1);
        try (ThingLease lease = pool.acquire(LONG)) {
            assertThat(lease.isOpen()).isTrue();
            assertThatThrownBy(() -> pool.acquire(LONG))
                    .isInstanceOf(AcquireRefusedException.class)
                    .hasMessageContaining("'test'")
                    .hasMessageContaining("0 are waiting, which is its maxWaiters")
                    .hasMessageContaining("open 1 of 1, leased 1, idle 0, being created 0, waiting 0");
        }
        assertThat(pool.stats().refusals()).isEqualTo(1);
        assertThat(pool.stats().waits()).isZero();
        assertThat(pool.stats().timeouts()).isZero();
    }

    @Test
    void each_failed_creation_is_counted() throws Exception {
        open(turned().maxSize(1));
        lifecycle.failCreate = new Exception("planted");
        for (int i = 1; i <= 3; i++) {
            int failures = i;
            assertThat(pool.tryAcquire()).isEmpty();
            await().until(() ->
                    pool.stats().failedCreations() == failures && pool.stats().creating() == 0);
            pass(PAUSE);
        }
        lifecycle.failCreate = null;
        assertThat(pool.stats().created()).isZero();
    }

    @Test
    void the_listener_is_told_how_a_resource_came_and_went() throws Exception {
        openRecorded();
        lifecycle.failCreate = new Exception("planted");
        assertThat(pool.tryAcquire()).isEmpty();
        await().until(() -> pool.stats().failedCreations() == 1 && pool.stats().creating() == 0);
        lifecycle.failCreate = null;
        pass(PAUSE);
        try (ThingLease lease = pool.acquire(LONG)) {
            lease.breakIt();
        }
        awaitEvents("creation failed: planted", "created thing 1", "destroyed thing 1 BROKEN");
    }

    @Test
    void the_listener_is_told_why_a_validation_failed() throws Exception {
        openRecorded();
        try (ThingLease lease = pool.acquire(LONG)) {
            lease.thing().valid = false;
        }
        pool.suspectAll();
        pool.acquire(LONG).close();
        awaitEvents(
                "created thing 1",
                "validation of thing 1 failed: validate() returned false",
                "destroyed thing 1 INVALID",
                "created thing 2");
    }

    @Test
    void the_listener_is_told_of_calls_past_their_limit() throws Exception {
        openRecorded();
        CountDownLatch latch = new CountDownLatch(1);
        lifecycle.hangCreate = latch;
        assertThat(pool.tryAcquire()).isEmpty();
        awaitHanging(1);
        pass(LONG);
        awaitEvents("creation failed: a creation passed its time limit", "set aside CREATION");
        latch.countDown();
        await().until(() -> events.contains("destroyed thing 1 LATE"));
    }

    @Test
    void the_listener_is_told_of_a_timeout() throws Exception {
        openRecorded();
        try (ThingLease lease = pool.acquire(LONG)) {
            assertThat(lease.isOpen()).isTrue();
            assertThatThrownBy(() -> pool.acquire(Duration.ZERO)).isInstanceOf(AcquireTimeoutException.class);
        }
        awaitEvents("created thing 1", "timed out with 1 leased");
    }

    @Test
    void a_listener_that_throws_harms_nobody() throws Exception {
        open(turned().maxSize(1).listener(new PoolListener() {
            @Override
            public void created(String resource) {
                throw new StackOverflowError("planted");
            }

            @Override
            public void destroyed(String resource, DestroyReason reason) {
                throw new IllegalStateException("planted");
            }
        }));
        for (int i = 0; i < 3; i++) {
            try (ThingLease lease = pool.acquire(LONG)) {
                lease.breakIt();
            }
        }
        await().until(() -> lifecycle.destroyed.get() == 3);
        assertThat(pool.stats().destroyed()).isEqualTo(3);
    }

    @Test
    void an_idle_resource_is_described_by_its_class_unless_its_lifecycle_names_it() {
        ResourceLifecycle<Thing> plain = () -> new Thing(1);
        assertThat(plain.describe(new Thing(1))).startsWith("Thing@");
    }
}
