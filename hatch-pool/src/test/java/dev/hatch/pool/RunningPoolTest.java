package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** What an operator does to a pool while it runs. */
final class RunningPoolTest extends PoolFixture {
    private List<ThingLease> acquire(int count) throws InterruptedException {
        List<ThingLease> leases = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            leases.add(pool.acquire(LONG));
        }
        return leases;
    }

    private long destroyedBy(DestroyReason reason) {
        return pool.stats().destroyedBy().get(reason);
    }

    // Resizing

    @Test
    void a_larger_pool_serves_those_who_wait() throws Exception {
        List<ThingLease> leases = acquire(2);
        FutureTask<Integer> waiting = inThreadAcquire(LONG);
        awaitWaiting(1);
        pool.resize(3);
        assertThat(waiting.get()).isEqualTo(3);
        assertThat(pool.stats().maxSize()).isEqualTo(3);
        leases.forEach(Lease::close);
    }

    @Test
    void a_smaller_pool_destroys_what_is_idle_now_and_what_is_leased_on_its_return() throws Exception {
        pool.resize(4);
        List<ThingLease> leases = acquire(4);
        leases.get(3).close();
        leases.get(2).close();
        pool.resize(1);
        await().until(() -> pool.stats().open() <= 2);
        leases.get(0).close();
        leases.get(1).close();
        await().until(() -> pool.stats().open() <= 1);
        assertThat(destroyedBy(DestroyReason.RESIZED)).isEqualTo(3);
        try (ThingLease only = pool.acquire(LONG)) {
            assertThat(only.isOpen()).isTrue();
            assertThatThrownBy(() -> pool.acquire(SHORT))
                    .isInstanceOf(AcquireTimeoutException.class)
                    .hasMessageContaining("of 1");
        }
    }

    @Test
    void a_pool_that_has_shrunk_can_grow_again() throws Exception {
        acquire(2).forEach(Lease::close);
        pool.resize(1);
        pool.resize(5);
        List<ThingLease> leases = acquire(5);
        assertThat(leases).extracting(lease -> lease.thing().number).doesNotHaveDuplicates();
        leases.forEach(Lease::close);
    }

    @Test
    void what_was_being_created_for_a_place_that_is_gone_is_not_kept() throws Exception {
        open(turned());
        CountDownLatch latch = new CountDownLatch(1);
        lifecycle.hangCreate = latch;
        FutureTask<Integer> one = inThreadAcquire(LONG);
        FutureTask<Integer> two = inThreadAcquire(LONG);
        awaitHanging(2);
        pool.resize(1);
        latch.countDown();
        one.get();
        two.get();
        // The callers may have shared the first thing while the second was still being created.
        await().until(() -> pool.stats().creating() == 0);
        pass(Duration.ofSeconds(1));
        await().until(() -> pool.stats().open() == 1);
        assertThat(destroyedBy(DestroyReason.RESIZED)).isEqualTo(1);
    }

    @Test
    void a_size_below_one_or_the_minimum_is_refused() {
        open(settings().minIdle(2));
        assertThatIllegalArgumentException().isThrownBy(() -> pool.resize(1)).withMessage("maxSize is 1: at least 2");
        assertThatIllegalArgumentException().isThrownBy(() -> pool.resize(0));
    }

    // Suspending

    @Test
    void a_suspended_pool_lends_nothing_until_it_is_resumed() throws Exception {
        pool.acquire(LONG).close();
        pool.suspend();
        assertThat(pool.stats().suspended()).isTrue();
        assertThat(pool.tryAcquire()).isEmpty();
        FutureTask<Integer> one = inThreadAcquire(LONG);
        FutureTask<Integer> two = inThreadAcquire(LONG);
        awaitWaiting(2);
        assertThat(lifecycle.created).hasValue(1);
        pool.resume();
        assertThat(one.get()).isPositive();
        assertThat(two.get()).isPositive();
        assertThat(pool.stats().suspended()).isFalse();
    }

    @Test
    void whoever_waits_for_a_suspended_pool_in_vain_is_told_so() {
        pool.suspend();
        assertThatThrownBy(() -> pool.acquire(SHORT))
                .isInstanceOf(AcquireTimeoutException.class)
                .hasMessageContaining("It is suspended");
    }

    @Test
    void what_is_leased_is_returned_to_a_suspended_pool_and_not_handed_to_who_waits() throws Exception {
        List<ThingLease> leases = acquire(2);
        pool.suspend();
        FutureTask<Integer> waiting = inThreadAcquire(LONG);
        awaitWaiting(1);
        leases.forEach(Lease::close);
        assertThat(pool.stats().idle()).isEqualTo(2);
        assertThat(pool.stats().waiting()).isEqualTo(1);
        pool.resume();
        waiting.get();
    }

    @Test
    void a_suspended_pool_can_be_closed() throws Exception {
        acquire(2).forEach(Lease::close);
        pool.suspend();
        FutureTask<Integer> waiting = inThreadAcquire(LONG);
        awaitWaiting(1);
        assertThat(pool.close(LONG).isClean()).isTrue();
        assertThatThrownBy(waiting::get).hasCauseInstanceOf(PoolClosedException.class);
        assertThat(lifecycle.destroyed).hasValue(2);
    }

    // Refreshing

    @Test
    void a_refresh_replaces_what_is_idle_now_and_what_is_leased_on_its_return() throws Exception {
        List<ThingLease> leases = acquire(2);
        leases.get(0).close();
        pool.refresh();
        await().until(() -> destroyedBy(DestroyReason.REFRESHED) == 1);
        try (ThingLease fresh = pool.acquire(LONG)) {
            assertThat(fresh.thing().number).isEqualTo(3);
        }
        leases.get(1).close();
        await().until(() -> destroyedBy(DestroyReason.REFRESHED) == 2);
        try (ThingLease one = pool.acquire(LONG);
                ThingLease two = pool.acquire(LONG)) {
            assertThat(one.thing().number).isGreaterThan(2);
            assertThat(two.thing().number).isGreaterThan(2);
        }
    }

    @Test
    void what_was_begun_before_a_refresh_is_not_lent_after_it() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        lifecycle.hangCreate = latch;
        FutureTask<Integer> waiting = inThreadAcquire(LONG);
        awaitHanging(1);
        pool.refresh();
        lifecycle.hangCreate = null;
        latch.countDown();
        assertThat(waiting.get()).isEqualTo(2);
        await().until(() -> destroyedBy(DestroyReason.REFRESHED) == 1);
    }

    @Test
    void what_is_being_validated_or_reset_during_a_refresh_is_not_lent_after_it() throws Exception {
        open(turned());
        add(2);
        ThingLease lease = pool.acquire(LONG);
        lease.thing().dirty = true;
        pool.suspectAll();
        CountDownLatch validation = new CountDownLatch(1);
        CountDownLatch reset = new CountDownLatch(1);
        lifecycle.hangValidate = validation;
        lifecycle.hangReset = reset;
        FutureTask<Integer> waiting = inThreadAcquire(LONG);
        FutureTask<Void> returning = inThread(() -> {
            lease.close();
            return null;
        });
        awaitHanging(2);
        pool.refresh();
        validation.countDown();
        reset.countDown();
        assertThat(waiting.get()).isGreaterThan(2);
        returning.get();
        await().until(() -> destroyedBy(DestroyReason.REFRESHED) == 2);
    }

    // Draining

    @Test
    void a_drain_waits_for_what_is_leased_and_lends_nothing() throws Exception {
        ThingLease lease = pool.acquire(LONG);
        FutureTask<List<String>> draining = inThread(() -> pool.drain(LONG));
        await().until(() -> pool.stats().suspended());
        assertThat(pool.tryAcquire()).isEmpty();
        lease.close();
        assertThat(draining.get()).isEmpty();
        assertThat(lifecycle.cancels).hasValue(0);
        pool.resume();
        pool.acquire(LONG).close();
    }

    @Test
    void what_is_still_leased_at_the_deadline_is_cancelled_until_it_comes_back_or_the_pool_is_resumed()
            throws Exception {
        open(turned());
        add(2);
        ThingLease one = pool.acquire(LONG);
        ThingLease two = pool.acquire(LONG);
        assertThat(pool.drain(Duration.ZERO)).containsExactlyInAnyOrder("thing 1", "thing 2");
        await().until(() -> lifecycle.cancels.get() == 2);
        one.close();
        pass(Duration.ofSeconds(1));
        await().until(() -> lifecycle.cancels.get() == 3);
        pool.resume();
        pass(Duration.ofSeconds(1));
        two.close();
        assertThat(lifecycle.cancels).hasValue(3);
        // A cancel that comes late must not meet another user.
        await().until(() -> lifecycle.destroyed.get() == 2);
        assertThat(destroyedBy(DestroyReason.DRAINED)).isEqualTo(2);
    }

    @Test
    void a_resume_ends_a_drain_that_waits_and_nothing_is_cancelled() throws Exception {
        ThingLease lease = pool.acquire(LONG);
        FutureTask<List<String>> draining = inThread(() -> pool.drain(LONG));
        await().until(() -> pool.stats().suspended());
        pool.resume();
        assertThat(draining.get()).isEmpty();
        pool.acquire(LONG).close();
        lease.close();
        assertThat(lifecycle.cancels).hasValue(0);
    }

    @Test
    void what_is_idle_after_a_drain_is_validated_before_it_is_lent() throws Exception {
        acquire(2).forEach(Lease::close);
        assertThat(pool.drain(LONG)).isEmpty();
        pool.resume();
        pool.acquire(LONG).close();
        assertThat(lifecycle.validated.get()).isPositive();
    }

    @Test
    void leases_of_a_pool_that_has_grown_are_tracked_at_once() throws Exception {
        open(turned().maxSize(1).tracking(LeaseTracking.ALL));
        add(1);
        ThingLease one = pool.acquire(LONG);
        pool.resize(2);
        add(1);
        ThingLease two = pool.acquire(LONG);
        assertThat(pool.leases())
                .allSatisfy(lease -> assertThat(lease.acquired()).isNotEmpty());
        one.close();
        two.close();
    }

    @Test
    void a_deadlock_of_threads_that_began_to_wait_while_it_was_suspended_is_told() throws Exception {
        CountDownLatch bothHaveOne = new CountDownLatch(2);
        CountDownLatch suspended = new CountDownLatch(1);
        Callable<Boolean> nested = () -> {
            try (ThingLease outer = pool.acquire(LONG)) {
                assertThat(outer.isOpen()).isTrue();
                bothHaveOne.countDown();
                suspended.await();
                pool.acquire(LONG).close();
                return true;
            } catch (AcquireDeadlockException e) {
                return false;
            }
        };
        FutureTask<Boolean> one = inThread(nested);
        FutureTask<Boolean> two = inThread(nested);
        bothHaveOne.await();
        pool.suspend();
        suspended.countDown();
        awaitWaiting(2);
        pool.resume();
        assertThat(List.of(one.get(), two.get())).containsExactlyInAnyOrder(true, false);
    }

    @Test
    void an_interrupt_ends_a_drain_and_stays_set() throws Exception {
        ThingLease lease = pool.acquire(LONG);
        Thread.currentThread().interrupt();
        assertThat(pool.drain(LONG)).hasSize(1);
        assertThat(Thread.interrupted()).isTrue();
        lease.close();
        pool.resume();
    }
}
