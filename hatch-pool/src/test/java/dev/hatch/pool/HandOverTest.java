package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What happens to a slot that is handed over at a bad moment. The moments are made, by what a waiter does as it parks. */
final class HandOverTest extends PoolFixture {
    /** By which a head has waited so long that what is returned is handed to it. */
    private static final Duration AGE = Duration.ofNanos(Turns.LONG_NANOS);

    private final ScriptedQueue queue = new ScriptedQueue();

    /** Makes waiters that run a script when they park or leave, each at most once. */
    private static final class ScriptedQueue extends WaitQueue {
        /** Waiters that have come to their first park: what happens before may be seen by their look. */
        final AtomicInteger firstParks = new AtomicInteger();

        volatile Consumer<Waiter> onPark;
        volatile Runnable onLeave;
        volatile boolean nextLeavesWhenHanded;

        ScriptedQueue() {
            super(1 << 29);
        }

        @Override
        Waiter waiter(long sinceNanos, long deadlineNanos) {
            Consumer<Waiter> parkScript = onPark;
            Runnable leaveScript = onLeave;
            boolean leaves = nextLeavesWhenHanded;
            onPark = null;
            onLeave = null;
            nextLeavesWhenHanded = false;
            return new Waiter(sinceNanos, deadlineNanos) {
                private boolean hasParked;

                @Override
                void park(boolean isFar, long nanos) {
                    boolean first = !hasParked;
                    if (first) {
                        hasParked = true;
                        firstParks.incrementAndGet();
                    }
                    if (first && parkScript != null) {
                        parkScript.accept(this);
                    } else {
                        super.park(isFar, nanos);
                    }
                }

                @Override
                boolean end(Object how) {
                    if (leaves && how instanceof Slot<?>) {
                        super.end(End.LEFT);
                    } else if (leaveScript != null && how == End.LEFT && outcome() == null) {
                        leaveScript.run();
                    }
                    return super.end(how);
                }
            };
        }
    }

    private void openScripted(int size) {
        ResourcePoolBuilder<Thing, ThingLease> settings = turned().maxSize(size);
        settings.queue = queue;
        open(settings);
        add(size);
    }

    private void awaitParked(int count) {
        await().until(() -> queue.firstParks.get() == count);
    }

    private static void awaitOutcome(Waiter waiter) {
        await().until(() -> waiter.outcome() != null);
    }

    @Test
    void what_is_handed_to_an_interrupted_waiter_goes_to_the_next() throws Exception {
        openScripted(2);
        ThingLease one = pool.acquire(LONG);
        ThingLease two = pool.acquire(LONG);
        queue.onPark = waiter -> {
            awaitOutcome(waiter);
            Thread.currentThread().interrupt();
        };
        FutureTask<Integer> interrupted = inThreadAcquire(LONG);
        awaitParked(1);
        FutureTask<Integer> next = inThreadAcquire(LONG);
        awaitParked(2);
        clock.addAndGet(AGE.toNanos());
        int number = one.thing().number;
        one.close();
        assertThatThrownBy(interrupted::get)
                .hasCauseInstanceOf(InterruptedException.class)
                .hasMessageContaining("'test'");
        assertThat(next.get()).isEqualTo(number);
        two.close();
        awaitIdle(2);
    }

    @Test
    void who_is_handed_a_resource_after_it_has_helped_itself_gives_one_back() throws Exception {
        openScripted(2);
        ThingLease one = pool.acquire(LONG);
        ThingLease two = pool.acquire(LONG);
        CountDownLatch both = new CountDownLatch(1);
        queue.onPark = waiter -> {
            try {
                both.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        };
        FutureTask<ThingLease> waiter = inThread(() -> pool.acquire(LONG));
        awaitParked(1);
        clock.addAndGet(AGE.toNanos());
        int handed = one.thing().number;
        one.close();
        two.close();
        assertThat(pool.stats().leased()).isEqualTo(1);
        both.countDown();
        ThingLease lease = waiter.get();
        assertThat(lease.thing().number).isEqualTo(handed);
        assertThat(pool.stats().leased()).isEqualTo(1);
        assertThat(pool.stats().idle()).isEqualTo(1);
        lease.close();
    }

    @Test
    void a_head_that_leaves_while_it_is_handed_a_resource_is_passed_over() throws Exception {
        openScripted(1);
        ThingLease lease = pool.acquire(LONG);
        queue.nextLeavesWhenHanded = true;
        FutureTask<Integer> leaving = inThreadAcquire(SHORT);
        awaitParked(1);
        FutureTask<Integer> next = inThreadAcquire(LONG);
        awaitParked(2);
        clock.addAndGet(AGE.toNanos());
        lease.close();
        assertThat(lease.isOpen()).isFalse();
        assertThat(next.get()).isEqualTo(1);
        assertThat(leaving).failsWithin(LONG);
    }

    @Test
    void a_resource_that_all_heads_have_left_to_is_idle() throws Exception {
        openScripted(1);
        ThingLease lease = pool.acquire(LONG);
        queue.nextLeavesWhenHanded = true;
        FutureTask<Integer> leaving = inThreadAcquire(SHORT);
        awaitParked(1);
        clock.addAndGet(AGE.toNanos());
        lease.close();
        assertThat(pool.stats().idle()).isEqualTo(1);
        pool.tryAcquire().orElseThrow().close();
        assertThat(leaving).failsWithin(LONG);
    }

    @Test
    void who_leaves_as_something_is_freed_wakes_the_next() throws Exception {
        openScripted(1);
        ThingLease lease = pool.acquire(LONG);
        // The wake-up for what it frees goes to the head, which is about to leave.
        queue.onLeave = lease::close;
        FutureTask<Integer> leaving = inThreadAcquire(Duration.ofNanos(Turns.SLICE_NANOS / 2));
        awaitParked(1);
        FutureTask<Integer> next = inThreadAcquire(LONG);
        awaitParked(2);
        clock.addAndGet(Turns.SLICE_NANOS / 2);
        assertThat(leaving).failsWithin(LONG);
        assertThat(next.get()).isEqualTo(1);
    }

    @Test
    void those_who_wait_are_served_in_the_order_in_which_they_came() throws Exception {
        openScripted(1);
        ThingLease lease = pool.acquire(LONG);
        FutureTask<ThingLease> first = inThread(() -> pool.acquire(LONG));
        awaitParked(1);
        FutureTask<ThingLease> second = inThread(() -> pool.acquire(LONG));
        awaitParked(2);
        clock.addAndGet(AGE.toNanos());
        lease.close();
        ThingLease firsts = first.get();
        assertThat(second.isDone()).isFalse();
        firsts.close();
        second.get().close();
    }

    @Test
    void a_running_thread_may_overtake_a_head_that_has_just_come() throws Exception {
        openScripted(1);
        ThingLease lease = pool.acquire(LONG);
        CountDownLatch overtaken = new CountDownLatch(1);
        queue.onPark = waiter -> {
            try {
                overtaken.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        };
        FutureTask<Integer> waiter = inThreadAcquire(LONG);
        awaitParked(1);
        lease.close();
        ThingLease barging = pool.tryAcquire().orElseThrow();
        overtaken.countDown();
        barging.close();
        assertThat(waiter.get()).isEqualTo(1);
    }

    @Test
    void who_was_woken_for_nothing_sleeps_and_is_woken_again() throws Exception {
        openScripted(1);
        ThingLease first = pool.acquire(LONG);
        AtomicReference<Waiter> woken = new AtomicReference<>();
        AtomicReference<ThingLease> barging = new AtomicReference<>();
        queue.onPark = waiter -> {
            first.close();
            barging.set(pool.tryAcquire().orElseThrow());
            woken.set(waiter);
        };
        FutureTask<Integer> waiter = inThreadAcquire(LONG);
        await().until(() -> woken.get() != null && woken.get().thread.getState() == Thread.State.WAITING);
        barging.get().close();
        assertThat(waiter.get(5, TimeUnit.SECONDS)).isEqualTo(1);
    }

    @Test
    void who_was_woken_for_nothing_has_made_what_it_needs() throws Exception {
        ResourcePoolBuilder<Thing, ThingLease> settings = turned().maxSize(2);
        settings.queue = queue;
        open(settings);
        AtomicReference<ThingLease> barging = new AtomicReference<>();
        queue.onPark = waiter -> {
            await().until(() -> pool.isQuiet() && pool.stats().idle() == 1);
            barging.set(pool.tryAcquire().orElseThrow());
        };
        FutureTask<Integer> waiter = inThreadAcquire(LONG);
        assertThat(waiter.get(5, TimeUnit.SECONDS)).isEqualTo(2);
        barging.get().close();
    }

    @Test
    void who_finds_that_others_were_quicker_has_made_what_it_needs() throws Exception {
        ResourcePoolBuilder<Thing, ThingLease> settings = turned().maxSize(2);
        AtomicReference<ThingLease> held = new AtomicReference<>();
        AtomicReference<ThingLease> barging = new AtomicReference<>();
        settings.queue = new WaitQueue(1 << 29) {
            @Override
            boolean announce() {
                // Freed where the releaser sees nobody who waits.
                held.get().close();
                return super.announce();
            }

            @Override
            Waiter waiter(long sinceNanos, long deadlineNanos) {
                return new Waiter(sinceNanos, deadlineNanos) {
                    @Override
                    void sleepy() {
                        super.sleepy();
                        // Idle as it joined, gone as it looks.
                        if (barging.get() == null) {
                            barging.set(pool.tryAcquire().orElseThrow());
                        }
                    }
                };
            }
        };
        open(settings);
        add(1);
        held.set(pool.tryAcquire().orElseThrow());
        FutureTask<Integer> waiter = inThreadAcquire(LONG);
        assertThat(waiter.get(5, TimeUnit.SECONDS)).isEqualTo(2);
        barging.get().close();
    }
}
