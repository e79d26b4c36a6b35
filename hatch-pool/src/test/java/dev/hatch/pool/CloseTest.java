package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CloseTest extends PoolFixture {
    private final CountDownLatch latch = new CountDownLatch(1);

    @AfterEach
    void let_go() {
        latch.countDown();
    }

    private static boolean hasThreadOf(String pool) {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().startsWith("hatch-" + pool + "-"));
    }

    @Test
    void a_closed_pool_lends_nothing() throws Exception {
        pool.acquire(LONG).close();
        pool.close();
        assertThat(pool.isClosed()).isTrue();
        assertThatThrownBy(() -> pool.acquire(LONG))
                .isInstanceOf(PoolClosedException.class)
                .hasMessageContaining("'test'");
        assertThatThrownBy(() -> pool.tryAcquire()).isInstanceOf(PoolClosedException.class);
        assertThat(pool.stats().refusals()).isZero();
    }

    @Test
    void what_is_idle_or_suspect_is_destroyed_before_the_close_is_over() throws Exception {
        try (ThingLease one = pool.acquire(LONG);
                ThingLease two = pool.acquire(LONG)) {
            assertThat(one.isOpen() && two.isOpen()).isTrue();
        }
        pool.suspectAll();
        CloseReport report = pool.close(Duration.ZERO);
        assertThat(report.isClean()).isTrue();
        assertThat(lifecycle.destroyed).hasValue(2);
        assertThat(pool.stats().destroyedBy()).containsEntry(DestroyReason.CLOSED, 2L);
    }

    @Test
    void a_close_waits_no_longer_than_it_was_told_and_names_what_is_out() throws Exception {
        ThingLease lease = pool.acquire(LONG);
        long start = System.nanoTime();
        CloseReport report = pool.close(SHORT);
        Duration waited = Duration.ofNanos(System.nanoTime() - start);
        assertThat(waited).isBetween(SHORT, LONG);
        assertThat(report.leased()).containsExactly("thing 1");
        assertThat(report.isClean()).isFalse();
        assertThat(lease.thing().destroyed).isFalse();
        lease.close();
        await().until(() -> lifecycle.destroyed.get() == 1);
    }

    @Test
    void what_comes_back_after_the_close_is_not_reset_first() throws Exception {
        ThingLease lease = pool.acquire(LONG);
        lease.thing().dirty = true;
        pool.close(Duration.ZERO);
        lease.close();
        await().until(() -> lifecycle.destroyed.get() == 1);
        assertThat(lifecycle.resets).hasValue(0);
        assertThat(pool.stats().destroyedBy()).containsEntry(DestroyReason.CLOSED, 1L);
    }

    @Test
    void what_is_still_leased_when_the_drain_is_over_is_cancelled_once_a_second_until_it_is_returned()
            throws Exception {
        open(turned());
        add(2);
        ThingLease lease = pool.acquire(LONG);
        pool.close(Duration.ZERO);
        await().until(() -> lifecycle.cancels.get() == 1);
        pass(Duration.ofSeconds(1));
        await().until(() -> lifecycle.cancels.get() == 2);
        assertThat(lease.thing().destroyed).isFalse();
        lease.close();
        pass(Duration.ofSeconds(1));
        await().until(() -> pool.isQuiet());
        assertThat(lifecycle.cancels).hasValue(2);
    }

    @Test
    void nothing_is_cancelled_while_a_close_still_waits() throws Exception {
        open(turned());
        add(1);
        ThingLease lease = pool.acquire(LONG);
        FutureTask<CloseReport> closing = inThread(() -> pool.close(LONG));
        await().until(pool::isClosed);
        pass(Duration.ofSeconds(1));
        lease.close();
        assertThat(closing.get().isClean()).isTrue();
        assertThat(lifecycle.cancels).hasValue(0);
    }

    @Test
    void a_cancel_that_hangs_or_fails_is_in_nobodys_way() throws Exception {
        open(turned());
        add(2);
        lifecycle.hangCancel = latch;
        ThingLease one = pool.acquire(LONG);
        ThingLease two = pool.acquire(LONG);
        pool.close(Duration.ZERO);
        awaitHanging(2);
        pass(Duration.ofSeconds(1));
        assertThat(lifecycle.cancels).hasValue(2);
        lifecycle.failCancel = new Error("planted");
        latch.countDown();
        await().until(() -> {
            pass(Duration.ofSeconds(1));
            return lifecycle.cancels.get() >= 4;
        });
        one.close();
        two.close();
    }

    @Test
    void a_second_close_waits_again() throws Exception {
        ThingLease lease = pool.acquire(LONG);
        assertThat(pool.close(Duration.ZERO).isClean()).isFalse();
        FutureTask<CloseReport> second = inThread(() -> pool.close(LONG));
        lease.close();
        assertThat(second.get().isClean()).isTrue();
    }

    @Test
    void a_closing_thread_that_is_interrupted_stops_waiting_and_stays_interrupted() throws Exception {
        ThingLease lease = pool.acquire(LONG);
        Thread.currentThread().interrupt();
        CloseReport report = pool.close(Duration.ofDays(1));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(report.leased()).hasSize(1);
        lease.close();
    }

    @Test
    void a_close_that_is_not_interrupted_leaves_its_thread_alone() {
        pool.close();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void a_close_waits_for_destructions_no_longer_than_one_may_take() throws Exception {
        open(settings().destroyLimit(SHORT));
        lifecycle.hangDestroy = latch;
        pool.acquire(LONG).close();
        CloseReport report = pool.close(LONG);
        assertThat(report.destroying()).isTrue();
        assertThat(report.isClean()).isFalse();
        assertThat(report.leased()).isEmpty();
    }

    @Test
    void what_is_set_aside_is_reported() throws Exception {
        open(turned().maxSize(1).resetLimit(Duration.ofSeconds(1)));
        lifecycle.hangReset = latch;
        FutureTask<Boolean> closer = inThread(() -> {
            try (ThingLease lease = pool.acquire(LONG)) {
                lease.thing().dirty = true;
            }
            return true;
        });
        awaitHanging(1);
        pass(Duration.ofSeconds(1));
        CloseReport report = pool.close(Duration.ZERO);
        assertThat(report.setAside()).isEqualTo(1);
        assertThat(report.isClean()).isFalse();
        latch.countDown();
        assertThat(closer.get()).isTrue();
        await().until(() -> lifecycle.destroyed.get() == 1);
        assertThat(pool.stats().setAside()).isZero();
    }

    @Test
    void a_creation_under_way_is_interrupted_by_the_close() throws Exception {
        lifecycle.deaf = false;
        lifecycle.hangCreate = latch;
        assertThat(pool.tryAcquire()).isEmpty();
        awaitHanging(1);
        pool.close();
        awaitHanging(0);
        await().until(() -> pool.stats().creating() == 0);
    }

    @Test
    void a_validation_under_way_is_interrupted_by_the_close_and_a_destruction_is_not() throws Exception {
        lifecycle.deaf = false;
        lifecycle.hangDestroy = latch;
        try (ThingLease broken = pool.acquire(LONG)) {
            broken.breakIt();
        }
        awaitHanging(1);
        pool.acquire(LONG).close();
        // But for the destruction: a creation that has not quite ended would do for who asks next.
        await().until(() -> pool.stats().idle() == 1 && pool.supply.calls() == 1);
        pool.suspectAll();
        lifecycle.hangValidate = latch;
        assertThat(pool.tryAcquire()).isEmpty();
        awaitHanging(2);
        FutureTask<CloseReport> closing = inThread(() -> pool.close(LONG));
        // That of what was being validated.
        await().until(() -> lifecycle.destroyed.get() == 2 && lifecycle.hanging.get() == 2);
        latch.countDown();
        assertThat(closing.get().isClean()).isTrue();
    }

    @Test
    void a_close_waits_no_longer_for_what_has_passed_its_limit() throws Exception {
        open(turned().maxSize(1).validateLimit(Duration.ofSeconds(1)));
        add(1);
        pool.suspectAll();
        lifecycle.hangValidate = latch;
        assertThat(pool.tryAcquire()).isEmpty();
        awaitHanging(1);
        FutureTask<CloseReport> closing = inThread(() -> pool.close(Duration.ofDays(1)));
        await().until(() -> pool.isClosed());
        pass(Duration.ofSeconds(1));
        assertThat(closing.get(5, TimeUnit.SECONDS).setAside()).isEqualTo(1);
        latch.countDown();
        await().until(() -> lifecycle.destroyed.get() == 1);
    }

    @Test
    void what_a_creation_brings_after_the_close_is_destroyed() throws Exception {
        lifecycle.hangCreate = latch;
        assertThat(pool.tryAcquire()).isEmpty();
        awaitHanging(1);
        pool.close();
        latch.countDown();
        await().until(() -> lifecycle.destroyed.get() == 1);
        assertThat(pool.stats().destroyedBy()).containsEntry(DestroyReason.CLOSED, 1L);
    }

    @Test
    void a_close_waits_for_what_is_being_created_or_validated() throws Exception {
        pool.acquire(LONG).close();
        await().until(pool::isQuiet);
        pool.suspectAll();
        lifecycle.hangValidate = latch;
        assertThat(pool.tryAcquire()).isEmpty();
        awaitHanging(1);
        lifecycle.hangCreate = latch;
        await().until(() -> pool.tryAcquire().isEmpty() && lifecycle.hanging.get() == 2);
        FutureTask<CloseReport> closing = inThread(() -> pool.close(LONG));
        await().until(() -> pool.isClosed());
        assertThat(closing.isDone()).isFalse();
        latch.countDown();
        assertThat(closing.get().isClean()).isTrue();
        assertThat(pool.stats().destroyed()).isEqualTo(2);
    }

    @Test
    void a_creation_that_pauses_is_not_tried_again_after_the_close() throws Exception {
        lifecycle.failCreate = new Exception("planted");
        FutureTask<Integer> caller = inThreadAcquire(LONG);
        await().until(() -> pool.stats().failedCreations() > 2);
        pool.close();
        assertThat(caller).failsWithin(LONG);
        await().until(() -> pool.stats().creating() == 0);
        lifecycle.failCreate = null;
        assertThat(lifecycle.created).hasValue(0);
    }

    @Test
    void a_dirty_resource_may_be_returned_to_a_closed_pool() throws Exception {
        ThingLease lease = pool.acquire(LONG);
        lease.thing().dirty = true;
        FutureTask<CloseReport> closing = inThread(() -> pool.close(LONG));
        await().until(() -> pool.isClosed());
        lease.close();
        assertThat(closing.get().isClean()).isTrue();
        assertThat(pool.stats().destroyedBy()).containsEntry(DestroyReason.CLOSED, 1L);
    }

    @Test
    void a_broken_resource_may_be_returned_to_a_closed_pool() throws Exception {
        ThingLease lease = pool.acquire(LONG);
        lease.breakIt();
        FutureTask<CloseReport> closing = inThread(() -> pool.close(LONG));
        await().until(() -> pool.isClosed());
        lease.close();
        assertThat(closing.get().isClean()).isTrue();
        assertThat(pool.stats().destroyedBy()).containsEntry(DestroyReason.BROKEN, 1L);
    }

    @Test
    void who_returns_to_a_closed_pool_keeps_its_interrupt() throws Exception {
        ThingLease lease = pool.acquire(LONG);
        pool.close();
        Thread.currentThread().interrupt();
        lease.close();
        assertThat(Thread.interrupted()).isTrue();
        await().until(() -> lifecycle.destroyed.get() == 1);
    }

    @Test
    void a_closed_pool_leaves_no_thread() throws Exception {
        open(settings().name("threads"));
        pool.acquire(LONG).close();
        assertThat(hasThreadOf("threads")).isTrue();
        pool.close();
        await().until(() -> !hasThreadOf("threads"));
    }

    @Test
    void a_pool_that_was_closed_with_something_out_leaves_no_thread_once_that_is_back() throws Exception {
        open(settings().name("late"));
        ThingLease lease = pool.acquire(LONG);
        pool.close();
        lease.close();
        await().until(() -> !hasThreadOf("late"));
    }

    @Test
    void what_is_being_reset_still_has_its_limit_after_the_close() throws Exception {
        open(settings().maxSize(1).resetLimit(SHORT));
        lifecycle.hangReset = latch;
        ThingLease lease = pool.acquire(LONG);
        lease.thing().dirty = true;
        FutureTask<Boolean> closer = inThread(() -> {
            lease.close();
            return true;
        });
        awaitHanging(1);
        pool.close(Duration.ZERO);
        await().until(() -> pool.stats().setAside() == 1);
        latch.countDown();
        assertThat(closer.get()).isTrue();
    }

    @Test
    void what_is_being_reset_is_reported() throws Exception {
        lifecycle.hangReset = latch;
        ThingLease lease = pool.acquire(LONG);
        lease.thing().dirty = true;
        FutureTask<Boolean> closer = inThread(() -> {
            lease.close();
            return true;
        });
        awaitHanging(1);
        CloseReport report = pool.close(Duration.ZERO);
        assertThat(report.held()).isEqualTo(1);
        assertThat(report.isClean()).isFalse();
        latch.countDown();
        assertThat(closer.get()).isTrue();
    }

    @Test
    void a_creation_that_has_passed_its_limit_is_reported_until_it_returns() throws Exception {
        open(turned().maxSize(1).createLimit(Duration.ofSeconds(1)));
        lifecycle.hangCreate = latch;
        assertThat(pool.tryAcquire()).isEmpty();
        awaitHanging(1);
        pass(Duration.ofSeconds(1));
        CloseReport report = pool.close(Duration.ZERO);
        assertThat(report.creating()).isEqualTo(1);
        assertThat(report.isClean()).isFalse();
        latch.countDown();
        await().until(() -> lifecycle.destroyed.get() == 1);
    }
}
