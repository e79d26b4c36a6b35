package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a lifecycle that throws or hangs costs: its own resource, for a bounded time, and nobody else's. */
final class FaultTest extends PoolFixture {
    private static final Duration PATIENCE = Duration.ofNanos(Supply.PATIENCE_NANOS);
    private static final Duration PAUSE = Duration.ofNanos(Supply.LONGEST_PAUSE_NANOS);

    private static final Duration LIMIT = Duration.ofSeconds(3);

    private final CountDownLatch latch = new CountDownLatch(1);

    @AfterEach
    void let_go() {
        latch.countDown();
    }

    /** Limits apply and time stands still; validations happen only where a test makes resources suspect. */
    private ResourcePoolBuilder<Thing, ThingLease> limited() {
        return turned().createLimit(LIMIT)
                .validateLimit(LIMIT)
                .resetLimit(LIMIT)
                .destroyLimit(LIMIT)
                .validateEvery(Duration.ZERO)
                .validateAfterIdle(Duration.ZERO);
    }

    private long destroyed(DestroyReason reason) {
        return pool.stats().destroyedBy().get(reason);
    }

    @Test
    void creations_run_at_the_same_time() throws Exception {
        open(limited().maxSize(3));
        lifecycle.hangCreate = latch;
        List<FutureTask<Integer>> callers =
                List.of(inThreadAcquire(LONG), inThreadAcquire(LONG), inThreadAcquire(LONG));
        awaitHanging(3);
        assertThat(pool.stats().creating()).isEqualTo(3);
        latch.countDown();
        for (FutureTask<Integer> caller : callers) {
            assertThat(caller.get()).isBetween(1, 3);
        }
    }

    @Test
    void never_are_there_more_resources_than_allowed() throws Exception {
        open(limited().maxSize(2));
        lifecycle.hangCreate = latch;
        List<FutureTask<Integer>> callers =
                List.of(inThreadAcquire(LONG), inThreadAcquire(LONG), inThreadAcquire(LONG), inThreadAcquire(LONG));
        awaitWaiting(4);
        awaitHanging(2);
        pass(Duration.ZERO);
        latch.countDown();
        for (FutureTask<Integer> caller : callers) {
            assertThat(caller.get()).isBetween(1, 2);
        }
        awaitIdle(2);
        assertThat(lifecycle.created).hasValue(2);
    }

    @Test
    void a_creation_that_returns_null_has_failed() throws Exception {
        try (ResourcePool<Thing, ThingLease> nulls = ResourcePool.builder(
                        (ResourceLifecycle<Thing>) () -> null, ThingLease::new)
                .build()) {
            assertThatThrownBy(() -> nulls.acquire(SHORT))
                    .isInstanceOf(AcquireTimeoutException.class)
                    .hasMessageContaining("create() returned null");
        }
    }

    @Test
    void a_creation_that_fails_and_fails_is_tried_again_after_pauses_of_at_most_250_ms() throws Exception {
        List<Long> tries = new CopyOnWriteArrayList<>();
        ResourceLifecycle<Thing> failing = () -> {
            tries.add(System.nanoTime());
            throw new IllegalStateException("planted");
        };
        int count = 16;
        FutureTask<ThingLease> caller;
        try (ResourcePool<Thing, ThingLease> one =
                ResourcePool.builder(failing, ThingLease::new).maxSize(1).build()) {
            caller = inThread(() -> one.acquire(LONG));
            await().until(() -> tries.size() >= count);
        }
        assertThat(caller).failsWithin(LONG);
        Duration all = Duration.ofNanos(tries.get(count - 1) - tries.get(0));
        // By chance each pause is half of its bound, together about 1.4 s.
        assertThat(all).isBetween(Duration.ofMillis(200), Duration.ofMillis(250).multipliedBy(count));
    }

    @Test
    void a_creation_for_nobody_is_not_tried_again() throws Exception {
        open(limited());
        lifecycle.failCreate = new Exception("planted");
        assertThat(pool.tryAcquire()).isEmpty();
        await().until(() -> pool.stats().failedCreations() == 1 && pool.stats().creating() == 0);
        lifecycle.failCreate = null;
        assertThat(pool.stats().open()).isZero();
        assertThat(pool.stats().failedCreations()).isEqualTo(1);
    }

    @Test
    void all_who_wait_are_served_once_creation_has_recovered() throws Exception {
        open(limited().maxSize(3));
        lifecycle.failCreate = new Exception("planted");
        FutureTask<ThingLease> one = inThread(() -> pool.acquire(LONG));
        FutureTask<ThingLease> two = inThread(() -> pool.acquire(LONG));
        FutureTask<ThingLease> three = inThread(() -> pool.acquire(LONG));
        awaitWaiting(3);
        await().until(() -> {
            pass(PAUSE);
            return pool.stats().failedCreations() >= 3;
        });
        lifecycle.failCreate = null;
        await().until(() -> {
            pass(PAUSE);
            return one.isDone() && two.isDone() && three.isDone();
        });
        one.get().close();
        two.get().close();
        three.get().close();
    }

    @Test
    void a_creation_that_passes_its_limit_counts_as_failed_once_even_if_it_throws_then() throws Exception {
        open(limited().maxSize(1));
        lifecycle.deaf = false;
        lifecycle.hangCreate = latch;
        assertThat(pool.tryAcquire()).isEmpty();
        awaitHanging(1);
        pass(LIMIT);
        awaitHanging(0);
        lifecycle.hangCreate = null;
        pass(PAUSE);
        assertThat(pool.tryAcquire()).isEmpty();
        awaitIdle(1);
        assertThat(pool.stats().failedCreations()).isEqualTo(1);
    }

    @Test
    void a_call_is_given_up_at_its_limit_and_not_before() throws Exception {
        open(limited().maxSize(1));
        lifecycle.hangCreate = latch;
        assertThat(pool.tryAcquire()).isEmpty();
        awaitHanging(1);
        pass(LIMIT.minusNanos(1));
        assertThat(pool.stats().creating()).isEqualTo(1);
        pass(Duration.ofNanos(1));
        assertThat(pool.stats().creating()).isZero();
        assertThat(pool.stats().failedCreations()).isEqualTo(1);
    }

    @Test
    void a_caller_whose_creation_hung_is_told_so_and_another_is_begun_for_it() throws Exception {
        open(limited().maxSize(1));
        lifecycle.hangCreate = latch;
        FutureTask<Integer> caller = inThreadAcquire(LONG);
        awaitHanging(1);
        pass(LIMIT);
        pass(PAUSE);
        awaitHanging(2);
        pass(LONG.minus(LIMIT));
        assertThatThrownBy(caller::get)
                .hasCauseInstanceOf(AcquireTimeoutException.class)
                .hasMessageContaining("a creation passed its time limit");
    }

    @Test
    void one_hung_validation_keeps_no_other_resource_from_a_caller() throws Exception {
        open(limited());
        add(2);
        pool.suspectAll();
        lifecycle.hangValidate = latch;
        FutureTask<Integer> caller = inThreadAcquire(LONG);
        awaitHanging(1);
        lifecycle.hangValidate = null;
        pass(PATIENCE);
        assertThat(caller.get()).isBetween(1, 2);
        assertThat(lifecycle.hanging).hasValue(1);
    }

    @Test
    void a_validation_past_its_limit_is_set_aside_and_its_place_filled_anew() throws Exception {
        open(limited().maxSize(1));
        add(1);
        pool.suspectAll();
        lifecycle.hangValidate = latch;
        FutureTask<Integer> caller = inThreadAcquire(LONG);
        awaitHanging(1);
        pass(LIMIT);
        assertThat(caller.get()).isEqualTo(2);
        assertThat(pool.stats().setAside()).isEqualTo(1);
        assertThat(pool.stats().destroyed()).isZero();
        requireBalance();
        latch.countDown();
        await().until(() -> destroyed(DestroyReason.LATE) == 1);
        assertThat(pool.stats().setAside()).isZero();
        assertThat(pool.stats().open()).isEqualTo(1);
    }

    @Test
    void a_validation_past_its_limit_makes_all_that_is_idle_suspect() throws Exception {
        open(limited());
        add(2);
        pool.suspectAll();
        lifecycle.hangValidate = latch;
        assertThat(pool.tryAcquire()).isEmpty();
        awaitHanging(1);
        lifecycle.hangValidate = null;
        pass(PATIENCE);
        assertThat(pool.tryAcquire()).isEmpty();
        await().until(() -> lifecycle.validated.get() == 2 && pool.idle() == 1);
        pass(LIMIT);
        assertThat(pool.tryAcquire()).isEmpty();
        assertThat(pool.stats().idle()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_fails_its_validation_is_replaced_while_the_waiter_keeps_its_place(boolean byError) throws Exception {
        open(limited().maxSize(1));
        add(1);
        pool.suspectAll();
        CountDownLatch creating = new CountDownLatch(1);
        lifecycle.hangCreate = creating;
        if (byError) {
            lifecycle.failValidate = new StackOverflowError("planted");
        } else {
            lifecycle.failValidate = new Exception("planted");
        }
        FutureTask<ThingLease> first = inThread(() -> pool.acquire(LONG));
        awaitHanging(1);
        assertThat(destroyed(DestroyReason.INVALID)).isEqualTo(1);
        lifecycle.failValidate = null;
        FutureTask<ThingLease> second = inThread(() -> pool.acquire(LONG));
        awaitWaiting(2);
        clock.addAndGet(Turns.LONG_NANOS);
        creating.countDown();
        ThingLease lease = first.get();
        assertThat(second.isDone()).isFalse();
        lease.close();
        second.get().close();
    }

    @Test
    void a_failing_check_whether_to_reset_costs_the_resource_only() throws Exception {
        ResourceLifecycle<Thing> failing = new ResourceLifecycle<>() {
            @Override
            public Thing create() throws Exception {
                return lifecycle.create();
            }

            @Override
            public boolean needsReset(Thing thing) {
                throw new StackOverflowError("planted");
            }

            @Override
            public void destroy(Thing thing) throws Exception {
                lifecycle.destroy(thing);
            }
        };
        try (ResourcePool<Thing, ThingLease> own =
                ResourcePool.builder(failing, ThingLease::new).build()) {
            own.acquire(LONG).close();
            assertThat(own.stats().destroyedBy()).containsEntry(DestroyReason.RESET_FAILED, 1L);
            assertThat(own.stats().open()).isZero();
        }
    }

    @Test
    void a_dirty_resource_is_reset_once_and_lent_again() throws Exception {
        open(limited().maxSize(1));
        try (ThingLease lease = pool.acquire(LONG)) {
            lease.thing().dirty = true;
        }
        try (ThingLease lease = pool.acquire(LONG)) {
            assertThat(lease.thing().dirty).isFalse();
            assertThat(lease.thing().number).isEqualTo(1);
        }
        assertThat(lifecycle.resets).hasValue(1);
    }

    @Test
    void a_reset_resource_goes_to_who_waits() throws Exception {
        open(limited().maxSize(1));
        ThingLease lease = pool.acquire(LONG);
        FutureTask<Integer> waiter = inThreadAcquire(LONG);
        awaitWaiting(1);
        lease.thing().dirty = true;
        lease.close();
        assertThat(waiter.get()).isEqualTo(1);
    }

    @Test
    void a_returning_thread_is_not_interrupted_for_its_reset() throws Exception {
        open(limited().maxSize(1));
        lifecycle.hangReset = latch;
        FutureTask<Boolean> closer = inThread(() -> {
            try (ThingLease lease = pool.acquire(LONG)) {
                lease.thing().dirty = true;
            }
            return Thread.currentThread().isInterrupted();
        });
        awaitHanging(1);
        pass(LIMIT);
        assertThat(pool.stats().setAside()).isEqualTo(1);
        latch.countDown();
        assertThat(closer.get()).isFalse();
    }

    @Test
    void a_place_is_free_as_soon_as_a_destruction_begins() throws Exception {
        open(limited().maxSize(1));
        lifecycle.hangDestroy = latch;
        for (int i = 1; i <= 3; i++) {
            try (ThingLease lease = pool.acquire(LONG)) {
                assertThat(lease.thing().number).isEqualTo(i);
                lease.breakIt();
            }
            awaitHanging(i);
        }
        assertThat(destroyed(DestroyReason.BROKEN)).isEqualTo(3);
    }

    @Test
    void a_worker_whose_call_has_passed_its_limit_is_interrupted_and_its_next_call_is_not() throws Exception {
        open(limited().maxSize(1));
        lifecycle.deaf = false;
        lifecycle.hangDestroy = latch;
        try (ThingLease lease = pool.acquire(LONG)) {
            lease.breakIt();
        }
        awaitHanging(1);
        pass(LIMIT);
        awaitHanging(0);
        CountDownLatch next = new CountDownLatch(1);
        lifecycle.hangCreate = next;
        FutureTask<Integer> caller = inThreadAcquire(LONG);
        awaitHanging(1);
        next.countDown();
        assertThat(caller.get()).isEqualTo(2);
        assertThat(pool.stats().failedCreations()).isZero();
    }

    @Test
    void what_cannot_be_destroyed_cleanly_counts_as_destroyed() throws Exception {
        open(limited().maxSize(1));
        lifecycle.failDestroy = new LinkageError("planted");
        try (ThingLease lease = pool.acquire(LONG)) {
            lease.breakIt();
        }
        await().until(() -> lifecycle.destroyed.get() == 1);
        assertThat(destroyed(DestroyReason.BROKEN)).isEqualTo(1);
        assertThat(pool.close(LONG).isClean()).isTrue();
    }

    @Test
    void a_resource_that_cannot_even_be_described_is_lent_and_destroyed_like_any_other() throws Exception {
        ResourceLifecycle<Thing> nameless = new ResourceLifecycle<>() {
            @Override
            public Thing create() throws Exception {
                return lifecycle.create();
            }

            @Override
            public void destroy(Thing thing) throws Exception {
                lifecycle.destroy(thing);
            }

            @Override
            public String describe(Thing thing) {
                throw new StackOverflowError("planted");
            }
        };
        ResourcePool<Thing, ThingLease> own =
                ResourcePool.builder(nameless, ThingLease::new).build();
        ThingLease lease = own.acquire(LONG);
        assertThat(own.close(Duration.ZERO).leased()).containsExactly("a resource whose describe() failed");
        lease.close();
        await().until(() -> lifecycle.destroyed.get() == 1);
    }
}
