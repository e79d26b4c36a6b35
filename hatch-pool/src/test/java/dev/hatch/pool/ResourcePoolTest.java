package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class ResourcePoolTest extends PoolFixture {
    @Test
    void what_was_returned_is_lent_again() throws Exception {
        Thing first;
        try (ThingLease lease = pool.acquire()) {
            first = lease.thing();
        }
        for (int i = 0; i < 100; i++) {
            try (ThingLease lease = pool.acquire()) {
                assertThat(lease.thing()).isSameAs(first);
            }
        }
        assertThat(lifecycle.created).hasValue(1);
    }

    @Test
    void a_second_close_does_nothing_even_when_another_holds_the_resource() throws Exception {
        ThingLease first = pool.acquire();
        first.close();
        ThingLease second = pool.acquire();
        first.close();
        assertThat(second.isOpen()).isTrue();
        assertThat(pool.stats().leased()).isEqualTo(1);
        assertThat(first.isOpen()).isFalse();
        assertThatThrownBy(first::thing)
                .isInstanceOf(LeaseClosedException.class)
                .hasMessageContaining("'test'");
        second.close();
    }

    @Test
    void a_closed_lease_cannot_break_the_next_holders_resource() throws Exception {
        ThingLease first = pool.acquire();
        first.close();
        try (ThingLease second = pool.acquire()) {
            first.breakIt();
            assertThat(second.isOpen()).isTrue();
        }
        assertThat(pool.stats().destroyed()).isZero();
    }

    @Test
    void a_lease_may_be_closed_by_another_thread() throws Exception {
        ThingLease lease = pool.acquire();
        inThread(() -> {
                    lease.close();
                    return true;
                })
                .get();
        assertThat(pool.stats().leased()).isZero();
    }

    @Test
    void a_factory_that_throws_costs_no_place() throws Exception {
        pool.close();
        AtomicBoolean fails = new AtomicBoolean(true);
        pool = ResourcePool.builder(lifecycle, (Claim<Thing> claim) -> {
                    if (fails.get()) {
                        throw new IllegalStateException("no lease");
                    }
                    return new ThingLease(claim);
                })
                .maxSize(1)
                .build();
        assertThatThrownBy(() -> pool.acquire()).hasMessage("no lease");
        fails.set(false);
        pool.acquire(LONG).close();
    }

    @Test
    void try_acquire_never_waits_but_has_a_resource_made() {
        assertThat(pool.tryAcquire()).isEmpty();
        await().until(() -> pool.stats().idle() == 1);
        pool.tryAcquire().orElseThrow().close();
    }

    @Test
    void a_waiter_gets_what_is_returned() throws Exception {
        ThingLease one = pool.acquire();
        ThingLease two = pool.acquire();
        FutureTask<Integer> waiter = inThread(() -> {
            try (ThingLease lease = pool.acquire(LONG)) {
                return lease.thing().number;
            }
        });
        awaitWaiting(1);
        int number = one.thing().number;
        one.close();
        assertThat(waiter.get()).isEqualTo(number);
        two.close();
        assertThat(pool.stats().waits()).isGreaterThanOrEqualTo(1);
    }

    @Test
    void a_caller_that_gets_nothing_is_told_the_counts_in_time() throws Exception {
        try (ThingLease one = pool.acquire();
                ThingLease two = pool.acquire()) {
            assertThat(one.isOpen() && two.isOpen()).isTrue();
            assertThatThrownBy(() -> pool.acquire(SHORT))
                    .isInstanceOf(AcquireTimeoutException.class)
                    .hasMessageContaining("'test'")
                    .hasMessageContaining("open 2 of 2, leased 2, idle 0");
        }
        assertThat(pool.stats().timeouts()).isEqualTo(1);
        assertThat(pool.stats().waiting()).isZero();
    }

    @Test
    void an_interrupted_waiter_leaves_at_once_and_stays_interrupted() throws Exception {
        ThingLease one = pool.acquire();
        ThingLease two = pool.acquire();
        AtomicBoolean kept = new AtomicBoolean();
        FutureTask<ThingLease> waiter = new FutureTask<>(() -> {
            try {
                return pool.acquire(LONG);
            } finally {
                kept.set(Thread.currentThread().isInterrupted());
            }
        });
        Thread thread = new Thread(waiter);
        thread.start();
        awaitWaiting(1);
        thread.interrupt();
        assertThatThrownBy(waiter::get).hasCauseInstanceOf(InterruptedException.class);
        assertThat(kept).isTrue();
        one.close();
        two.close();
    }

    @Test
    void more_waiters_than_allowed_are_refused_at_once() throws Exception {
        pool.close();
        pool = settings().maxWaiters(1).maxSize(1).build();
        ThingLease only = pool.acquire();
        FutureTask<Boolean> waiter = inThread(() -> {
            pool.acquire(LONG).close();
            return true;
        });
        awaitWaiting(1);
        assertThatThrownBy(() -> pool.acquire(LONG))
                .isInstanceOf(AcquireRefusedException.class)
                .hasMessageContaining("1 are waiting, which is its maxWaiters");
        only.close();
        assertThat(waiter.get()).isTrue();
        assertThat(pool.stats().refusals()).isEqualTo(1);
    }

    @Test
    void a_creation_that_fails_is_tried_again_and_is_the_cause_of_a_timeout() throws Exception {
        lifecycle.failCreate = new OutOfMemoryError("planted");
        assertThatThrownBy(() -> pool.acquire(SHORT))
                .isInstanceOf(AcquireTimeoutException.class)
                .hasMessageContaining("planted")
                .hasCauseInstanceOf(OutOfMemoryError.class);
        FutureTask<Boolean> waiter = inThread(() -> {
            pool.acquire(LONG).close();
            return true;
        });
        awaitWaiting(1);
        lifecycle.failCreate = null;
        assertThat(waiter.get()).isTrue();
        assertThat(pool.stats().failedCreations()).isPositive();
    }

    @Test
    void a_hung_creation_keeps_one_place_only_and_what_it_brings_late_is_kept() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        lifecycle.hangCreate = latch;
        assertThatThrownBy(() -> pool.acquire(SHORT)).isInstanceOf(AcquireTimeoutException.class);
        lifecycle.hangCreate = null;
        pool.acquire(LONG).close();
        assertThat(pool.stats().creating()).isEqualTo(1);
        latch.countDown();
        await().until(() -> pool.stats().idle() == 2);
    }

    @Test
    void a_creation_past_its_limit_gives_up_its_place_and_what_it_brings_is_destroyed() throws Exception {
        pool.close();
        pool = turned().maxSize(1).createLimit(Duration.ofSeconds(3)).build();
        CountDownLatch latch = new CountDownLatch(1);
        lifecycle.hangCreate = latch;
        assertThat(pool.tryAcquire()).isEmpty();
        await().until(() -> lifecycle.hanging.get() == 1);
        lifecycle.hangCreate = null;
        pass(Duration.ofSeconds(4));
        assertThat(pool.stats().creating()).isZero();
        pass(Duration.ofSeconds(1));
        assertThat(pool.tryAcquire()).isEmpty();
        await().until(() -> pool.stats().idle() == 1);
        latch.countDown();
        await().until(() -> lifecycle.destroyed.get() == 1);
        assertThat(pool.stats().destroyedBy()).containsEntry(DestroyReason.LATE, 1L);
        pool.tryAcquire().orElseThrow().close();
    }

    @Test
    void what_fails_its_reset_is_destroyed_and_replaced() throws Exception {
        lifecycle.failReset = new LinkageError("planted");
        try (ThingLease lease = pool.acquire()) {
            lease.thing().dirty = true;
        }
        assertThat(pool.stats().destroyedBy()).containsEntry(DestroyReason.RESET_FAILED, 1L);
        try (ThingLease lease = pool.acquire()) {
            assertThat(lease.thing().number).isEqualTo(2);
        }
    }

    @Test
    void a_hung_reset_is_set_aside_and_its_place_filled_anew() throws Exception {
        pool.close();
        pool = turned().maxSize(1).resetLimit(Duration.ofSeconds(1)).build();
        assertThat(pool.tryAcquire()).isEmpty();
        await().until(() -> pool.stats().idle() == 1);
        CountDownLatch latch = new CountDownLatch(1);
        lifecycle.hangReset = latch;
        FutureTask<Boolean> closer = inThread(() -> {
            try (ThingLease lease = pool.tryAcquire().orElseThrow()) {
                lease.thing().dirty = true;
            }
            return true;
        });
        await().until(() -> lifecycle.hanging.get() == 1);
        pass(Duration.ofSeconds(2));
        assertThat(pool.stats().setAside()).isEqualTo(1);
        requireBalance();
        assertThat(pool.tryAcquire()).isEmpty();
        await().until(() -> pool.stats().idle() == 1);
        latch.countDown();
        assertThat(closer.get()).isTrue();
        await().until(() -> lifecycle.destroyed.get() == 1);
        assertThat(pool.stats().setAside()).isZero();
    }

    @Test
    void what_is_broken_is_never_lent_again() throws Exception {
        try (ThingLease lease = pool.acquire()) {
            lease.breakIt();
        }
        assertThat(pool.stats().destroyedBy()).containsEntry(DestroyReason.BROKEN, 1L);
    }

    @Test
    void what_is_idle_when_something_comes_back_broken_is_validated_before_it_is_lent() throws Exception {
        add(2);
        try (ThingLease lease = pool.acquire()) {
            lease.breakIt();
        }
        assertThat(pool.tryAcquire()).isEmpty();
        pool.acquire(LONG).close();
        assertThat(lifecycle.validated).hasPositiveValue();
    }

    @Test
    void a_long_idle_resource_is_validated_before_it_is_lent() throws Exception {
        pool.close();
        pool = turned().validateAfterIdle(Duration.ofSeconds(5))
                .validateEvery(Duration.ZERO)
                .build();
        try (ThingLease lease = pool.acquire(LONG)) {
            lease.thing().valid = false;
        }
        pass(Duration.ZERO);
        pass(Duration.ofSeconds(6));
        assertThat(lifecycle.validated).hasValue(0);
        try (ThingLease lease = pool.acquire(LONG)) {
            assertThat(lease.thing().number).isEqualTo(2);
        }
        assertThat(lifecycle.validated).hasValue(1);
        assertThat(pool.stats().destroyedBy()).containsEntry(DestroyReason.INVALID, 1L);
    }

    @Test
    void one_failed_validation_makes_all_idle_resources_suspect() throws Exception {
        pool.close();
        pool = turned().validateEvery(Duration.ofSeconds(60))
                .validateAfterIdle(Duration.ZERO)
                .build();
        ThingLease one = pool.acquire(LONG);
        ThingLease two = pool.acquire(LONG);
        one.thing().valid = false;
        one.close();
        pass(Duration.ZERO);
        pass(Duration.ofSeconds(59));
        two.close();
        pass(Duration.ofSeconds(2));
        await().until(() -> pool.stats().destroyed() == 1);
        assertThat(lifecycle.validated).hasValue(1);
        pool.acquire(LONG).close();
        assertThat(lifecycle.validated).hasValue(2);
    }

    @Test
    void idle_and_aged_resources_are_let_go() throws Exception {
        pool.close();
        pool = turned().maxIdleTime(Duration.ofSeconds(10))
                .maxLifetime(Duration.ofMinutes(1))
                .build();
        pool.acquire(LONG).close();
        pass(Duration.ZERO);
        pass(Duration.ofSeconds(11));
        assertThat(pool.stats().destroyedBy()).containsEntry(DestroyReason.IDLE_TIME, 1L);
        ThingLease lease = pool.acquire(LONG);
        pass(Duration.ofMinutes(1));
        assertThat(lease.isOpen()).isTrue();
        lease.close();
        assertThat(pool.stats().destroyedBy()).containsEntry(DestroyReason.LIFETIME, 1L);
    }

    @Test
    void what_is_idle_for_long_is_let_go_although_it_is_validated_now_and_then() throws Exception {
        pool.close();
        pool = turned().maxIdleTime(Duration.ofMinutes(10)).build();
        pool.acquire(LONG).close();
        for (int minute = 0; minute < 9; minute++) {
            pass(Duration.ofMinutes(1));
            await().until(pool::isQuiet);
        }
        assertThat(pool.stats().idle()).isEqualTo(1);
        assertThat(lifecycle.validated.get()).isGreaterThan(5);
        pass(Duration.ofMinutes(1));
        await().until(pool::isQuiet);
        pass(Duration.ofMinutes(1));
        assertThat(pool.stats().destroyedBy()).containsEntry(DestroyReason.IDLE_TIME, 1L);
    }

    @Test
    void a_surplus_is_closed_only_after_it_has_stayed_surplus() throws Exception {
        pool.close();
        pool = turned().maxIdle(1).surplusAfter(Duration.ofSeconds(10)).build();
        ThingLease one = pool.acquire(LONG);
        ThingLease two = pool.acquire(LONG);
        one.close();
        two.close();
        pass(Duration.ZERO);
        pass(Duration.ofSeconds(9));
        assertThat(pool.stats().idle()).isEqualTo(2);
        pass(Duration.ofSeconds(2));
        assertThat(pool.stats().idle()).isEqualTo(1);
        assertThat(pool.stats().destroyedBy()).containsEntry(DestroyReason.SURPLUS, 1L);
    }

    @Test
    void the_minimum_is_kept_idle() {
        pool.close();
        pool = turned().minIdle(2).build();
        pass(Duration.ZERO);
        await().until(() -> pool.stats().idle() == 2);
    }

    @Test
    void close_fails_those_who_wait_and_reports_what_is_out() throws Exception {
        ThingLease one = pool.acquire();
        ThingLease two = pool.acquire();
        FutureTask<ThingLease> waiter = inThread(() -> pool.acquire(LONG));
        awaitWaiting(1);
        CloseReport report = pool.close(Duration.ZERO);
        assertThatThrownBy(waiter::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(PoolClosedException.class);
        assertThat(report.leased()).containsExactlyInAnyOrder("thing 1", "thing 2");
        assertThatThrownBy(() -> pool.acquire()).isInstanceOf(PoolClosedException.class);
        one.close();
        two.close();
        assertThat(pool.stats().destroyedBy()).containsEntry(DestroyReason.CLOSED, 2L);
    }

    @Test
    void close_waits_for_leases_as_long_as_it_was_told() throws Exception {
        ThingLease lease = pool.acquire();
        FutureTask<CloseReport> closing = inThread(() -> pool.close(LONG));
        await().until(() -> pool.isClosed());
        lease.close();
        assertThat(closing.get().isClean()).isTrue();
    }
}
