package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * How much is made, and when. The clock is turned, the workers' tasks are kept until a test runs them, and those who wait only
 * announce themselves, so that each number is exact.
 */
final class SupplyTest extends PoolFixture {
    private static final Duration PATIENCE = Duration.ofNanos(Supply.PATIENCE_NANOS);
    private static final Duration NANO = Duration.ofNanos(1);

    private final WaitQueue queue = new WaitQueue(1 << 29);
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private boolean threadless;
    private boolean atOnce;

    private ResourcePoolBuilder<Thing, ThingLease> kept(int size) {
        ResourcePoolBuilder<Thing, ThingLease> settings = turned().maxSize(size)
                .maxLifetime(Duration.ZERO)
                .maxIdleTime(Duration.ZERO)
                .validateEvery(Duration.ZERO)
                .validateAfterIdle(Duration.ZERO);
        settings.queue = queue;
        settings.workers = task -> {
            if (threadless) {
                throw new RejectedExecutionException("planted");
            }
            if (atOnce) {
                task.run();
            } else {
                tasks.add(task);
            }
        };
        return settings;
    }

    @AfterEach
    void run_what_is_left() {
        threadless = false;
        atOnce = true;
        pass(Duration.ZERO);
        runAll();
    }

    /** More callers begin to wait, and the pool looks what they need. */
    private void announce(int count) {
        for (int i = 0; i < count; i++) {
            assertThat(queue.announce()).isTrue();
        }
        pass(Duration.ZERO);
    }

    private void run(int count) {
        for (int i = 0; i < count; i++) {
            tasks.remove().run();
        }
    }

    private void runAll() {
        while (!tasks.isEmpty()) {
            run(1);
        }
    }

    private int creating() {
        return pool.stats().creating();
    }

    @Test
    void as_many_are_made_as_wait_less_what_is_idle_or_on_its_way() {
        open(kept(10));
        announce(3);
        assertThat(creating()).isEqualTo(3);
        pass(Duration.ZERO);
        assertThat(creating()).isEqualTo(3);
        run(2);
        announce(1);
        assertThat(pool.stats().idle()).isEqualTo(2);
        assertThat(creating()).isEqualTo(2);
        pass(Duration.ZERO);
        assertThat(creating()).isEqualTo(2);
    }

    @Test
    void what_is_stale_is_validated_for_those_who_wait_before_anything_is_made() {
        open(kept(4));
        add(2);
        pool.suspectAll();
        announce(1);
        assertThat(tasks).hasSize(1);
        announce(1);
        assertThat(tasks).hasSize(2);
        assertThat(creating()).isZero();
        announce(1);
        assertThat(creating()).isEqualTo(1);
        runAll();
        assertThat(lifecycle.validated).hasValue(2);
        assertThat(pool.stats().idle()).isEqualTo(3);
    }

    @Test
    void what_is_stale_counts_for_the_minimum_but_what_goes_to_a_waiter_does_not() {
        open(kept(10).minIdle(2));
        add(2);
        pool.suspectAll();
        pass(Duration.ZERO);
        assertThat(tasks).isEmpty();
        announce(1);
        assertThat(tasks).hasSize(2);
        assertThat(creating()).isEqualTo(1);
    }

    @Test
    void a_creation_that_is_late_is_believed_in_for_the_minimum_and_not_for_a_waiter() {
        open(kept(10).minIdle(1));
        pass(Duration.ZERO);
        pass(PATIENCE);
        assertThat(creating()).isEqualTo(1);
        announce(1);
        assertThat(creating()).isEqualTo(2);
        pass(PATIENCE.minus(NANO));
        assertThat(creating()).isEqualTo(2);
        pass(NANO);
        assertThat(creating()).isEqualTo(3);
    }

    @Test
    void a_driver_that_never_returns_keeps_as_many_threads_as_there_are_places_and_eight_more() {
        open(kept(1).createLimit(Duration.ofSeconds(1)));
        announce(1);
        for (int i = 0; i < 20; i++) {
            pass(Duration.ofSeconds(1));
            pass(Duration.ofSeconds(1));
        }
        assertThat(pool.stats().failedCreations()).isEqualTo(1 + Supply.MOST_CREATIONS);
    }

    @Test
    void there_is_nothing_to_look_for_while_nobody_waits_and_the_minimum_is_there() {
        open(kept(10).minIdle(1));
        assertThat(pool.supply.nanosToNext()).isEqualTo(Long.MAX_VALUE);
        pass(Duration.ZERO);
        assertThat(pool.supply.nanosToNext()).isEqualTo(Supply.PATIENCE_NANOS);
        runAll();
        assertThat(pool.supply.nanosToNext()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void the_next_look_is_when_the_patience_with_the_oldest_call_ends() {
        open(kept(10));
        announce(1);
        clock.addAndGet(Duration.ofMillis(100).toNanos());
        announce(1);
        assertThat(pool.supply.nanosToNext()).isEqualTo(Duration.ofMillis(150).toNanos());
        pass(Duration.ofMillis(150));
        assertThat(pool.supply.nanosToNext()).isEqualTo(Duration.ofMillis(100).toNanos());
    }

    @Test
    void after_a_failure_the_next_look_is_at_the_end_of_the_pause_and_makes_one() {
        open(kept(10));
        lifecycle.failCreate = new IllegalStateException("planted");
        announce(3);
        run(1);
        long pause = pool.supply.nanosToNext();
        assertThat(pause).isBetween(1L, Duration.ofMillis(8).toNanos());
        run(2);
        assertThat(pool.supply.nanosToNext()).isEqualTo(pause);
        pass(Duration.ofNanos(pause - 1));
        assertThat(creating()).isZero();
        pass(NANO);
        assertThat(creating()).isEqualTo(1);
        assertThat(pool.supply.nanosToNext()).isEqualTo(Supply.PATIENCE_NANOS);
    }

    @Test
    void a_success_ends_the_pause_for_all() {
        open(kept(10));
        announce(2);
        lifecycle.failCreate = new IllegalStateException("planted");
        run(1);
        lifecycle.failCreate = null;
        run(1);
        announce(2);
        assertThat(creating()).isEqualTo(3);
    }

    @Test
    void a_failure_is_told_to_whoever_waited_while_it_happened_or_as_long_as_creations_fail() {
        open(kept(10));
        announce(2);
        lifecycle.failCreate = new IllegalStateException("planted");
        pass(NANO);
        run(1);
        assertThat(pool.supply.failureSince(2).cause()).isSameAs(lifecycle.failCreate);
        Throwable failure = lifecycle.failCreate;
        lifecycle.failCreate = null;
        run(1);
        assertThat(pool.supply.failureSince(1).cause()).isSameAs(failure);
        assertThat(pool.supply.failureSince(2)).isNull();
    }

    @Test
    void a_creation_for_which_no_thread_can_be_had_has_failed_and_is_tried_again_after_the_pause() {
        open(kept(1));
        threadless = true;
        announce(1);
        assertThat(pool.stats().failedCreations()).isEqualTo(1);
        assertThat(pool.supply.failureSince(0).text()).isEqualTo("planted");
        assertThat(pool.hasAllPlaces()).isTrue();
        assertThat(pool.isQuiet()).isTrue();
        threadless = false;
        pass(Duration.ZERO);
        assertThat(creating()).isZero();
        pass(Duration.ofMillis(8));
        assertThat(creating()).isEqualTo(1);
    }

    @Test
    void a_validation_for_which_no_thread_can_be_had_leaves_the_resource_suspect() {
        open(kept(1));
        add(1);
        pool.suspectAll();
        threadless = true;
        announce(1);
        assertThat(pool.hasAllPlaces()).isTrue();
        assertThat(pool.isQuiet()).isTrue();
        assertThat(pool.tryAcquire()).isEmpty();
        threadless = false;
        pass(Duration.ZERO);
        runAll();
        assertThat(lifecycle.validated).hasValue(1);
        try (ThingLease lease = pool.tryAcquire().orElseThrow()) {
            assertThat(lease.isOpen()).isTrue();
        }
    }

    @Test
    void destructions_for_which_no_thread_can_be_had_are_begun_again_by_the_housekeeper() {
        open(kept(2));
        add(2);
        threadless = true;
        List<ThingLease> leases =
                List.of(pool.tryAcquire().orElseThrow(), pool.tryAcquire().orElseThrow());
        for (ThingLease lease : leases) {
            lease.breakIt();
            lease.close();
        }
        pass(Duration.ZERO);
        assertThat(pool.stats().destroyed()).isEqualTo(2);
        assertThat(lifecycle.destroyed).hasValue(0);
        assertThat(pool.supply.isDestroying()).isTrue();
        threadless = false;
        pass(Duration.ZERO);
        assertThat(tasks).hasSize(2);
        runAll();
        assertThat(lifecycle.destroyed).hasValue(2);
        assertThat(pool.supply.isDestroying()).isFalse();
    }

    @Test
    void an_interrupt_within_a_call_is_not_left_to_what_the_thread_does_next() {
        ResourceLifecycle<Thing> interrupting = new ResourceLifecycle<>() {
            @Override
            public Thing create() {
                Thread.currentThread().interrupt();
                return new Thing(lifecycle.created.incrementAndGet());
            }

            @Override
            public boolean validate(Thing thing) {
                Thread.currentThread().interrupt();
                return true;
            }

            @Override
            public void destroy(Thing thing) {
                lifecycle.destroyed.incrementAndGet();
                Thread.currentThread().interrupt();
            }
        };
        ResourcePoolBuilder<Thing, ThingLease> settings = ResourcePool.builder(interrupting, ThingLease::new);
        settings.clock = clock::get;
        settings.housekeeping = false;
        settings.workers = Runnable::run;
        open(settings);
        assertThat(pool.tryAcquire()).isEmpty();
        assertThat(Thread.interrupted()).isFalse();
        pool.suspectAll();
        assertThat(pool.tryAcquire()).isEmpty();
        assertThat(Thread.interrupted()).isFalse();
        pool.close();
        assertThat(lifecycle.destroyed).hasValue(1);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void a_call_that_has_returned_cannot_pass_its_limit_any_more() {
        AtomicInteger told = new AtomicInteger();
        open(kept(1).createLimit(Duration.ofSeconds(1)).listener(new PoolListener() {
            @Override
            public void created(String resource) {
                pass(Duration.ofSeconds(1));
                told.incrementAndGet();
            }
        }));
        announce(1);
        runAll();
        assertThat(told).hasValue(1);
        assertThat(Thread.interrupted()).isFalse();
        assertThat(pool.stats().failedCreations()).isZero();
        assertThat(pool.stats().idle()).isEqualTo(1);
    }

    @Test
    void a_validation_past_its_limit_before_a_thread_has_begun_it_loses_nothing() {
        open(kept(1).validateLimit(Duration.ofSeconds(1)));
        add(1);
        pool.suspectAll();
        announce(1);
        pass(Duration.ofSeconds(1));
        assertThat(pool.stats().setAside()).isEqualTo(1);
        runAll();
        assertThat(lifecycle.destroyed).hasValue(1);
        assertThat(pool.stats().setAside()).isZero();
    }

    @Test
    void a_validation_past_its_limit_is_interrupted() {
        ResourcePoolBuilder<Thing, ThingLease> settings = turned().maxSize(1);
        settings.queue = queue;
        open(settings.validateLimit(Duration.ofSeconds(1)));
        add(1);
        pool.suspectAll();
        lifecycle.deaf = false;
        lifecycle.hangValidate = new CountDownLatch(1);
        announce(1);
        awaitHanging(1);
        lifecycle.hangValidate = null;
        pass(Duration.ofSeconds(1));
        awaitHanging(0);
        await().until(() -> lifecycle.destroyed.get() == 1);
        atOnce = true;
    }

    @Test
    void nothing_of_a_pool_keeps_the_jvm_alive() {
        AtomicInteger daemons = new AtomicInteger();
        ResourceLifecycle<Thing> looking = () -> {
            daemons.addAndGet(Thread.currentThread().isDaemon() ? 1 : 0);
            return new Thing(lifecycle.created.incrementAndGet());
        };
        ResourcePool<Thing, ThingLease> other =
                ResourcePool.builder(looking, ThingLease::new).name("daemons").build();
        assertThat(other.tryAcquire()).isEmpty();
        await().until(() -> other.stats().idle() == 1);
        assertThat(daemons).hasValue(1);
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().startsWith("hatch-daemons-"))
                .hasSizeGreaterThanOrEqualTo(2)
                .allMatch(Thread::isDaemon);
        other.close();
        lifecycle.destroyed.incrementAndGet();
    }

    @Test
    void a_listener_that_hangs_after_a_creation_holds_up_no_other() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        AtomicInteger told = new AtomicInteger();
        open(settings().listener(new PoolListener() {
            @Override
            public void created(String resource) {
                told.incrementAndGet();
                try {
                    latch.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }));
        try (ThingLease first = pool.acquire(LONG)) {
            await().until(() -> told.get() == 1);
            assertThat(pool.isQuiet()).isTrue();
            pool.acquire(LONG).close();
            assertThat(first.isOpen()).isTrue();
        }
        latch.countDown();
    }

    @Test
    void what_a_failure_says_is_asked_by_a_worker_and_may_fail() {
        open(kept(1));
        lifecycle.failCreate = new IllegalStateException() {
            private static final long serialVersionUID = 1;

            @Override
            public String getMessage() {
                throw new IllegalStateException("planted");
            }
        };
        announce(1);
        runAll();
        assertThat(pool.supply.failureSince(0).text()).startsWith(SupplyTest.class.getName());
    }

    @Test
    void a_failure_without_a_message_says_what_it_is() {
        open(kept(1));
        lifecycle.failCreate = new IllegalStateException();
        announce(1);
        runAll();
        assertThat(pool.supply.failureSince(0).text()).isEqualTo("java.lang.IllegalStateException");
    }

    @Test
    void a_validation_for_which_there_is_no_thread_in_a_closed_pool_loses_nothing() {
        AtomicInteger refused = new AtomicInteger();
        ResourcePoolBuilder<Thing, ThingLease> settings = kept(1);
        settings.workers = task -> {
            if (refused.getAndIncrement() == 0) {
                pool.close();
                throw new RejectedExecutionException("planted");
            }
            task.run();
        };
        atOnce = true;
        open(settings);
        add(1);
        pool.suspectAll();
        assertThat(pool.tryAcquire()).isEmpty();
        assertThat(lifecycle.destroyed.get()).isEqualTo(lifecycle.created.get());
        assertThat(pool.isOver()).isTrue();
    }

    @Test
    void a_call_that_has_still_to_take_its_slot_is_not_given_up_for_overdue() {
        Slot<Thing> slot = new Slot<>(pool);
        Ledger ledger = new Ledger();
        long word = slot.word();
        Call call = new Call(Call.Kind.CREATION, 0, 1, slot, Slot.next(word, Slot.FILLING));
        assertThat(ledger.setAside(slot, call.word)).isFalse();
        assertThat(slot.fill(word)).isTrue();
        assertThat(ledger.setAside(slot, call.word)).isTrue();
        assertThat(call.expire()).isTrue();
    }

    @Test
    void validations_and_destructions_that_never_return_count_for_the_bound_on_threads_too() {
        open(kept(4).validateLimit(Duration.ofSeconds(1)).createLimit(Duration.ofDays(1)));
        for (int i = 0; i < 4 + Supply.MOST_CREATIONS; i++) {
            add(1);
            pool.suspectAll();
            assertThat(pool.tryAcquire()).isEmpty();
            pass(Duration.ofSeconds(1));
        }
        assertThat(pool.stats().setAside()).isEqualTo(4 + Supply.MOST_CREATIONS);
        announce(1);
        assertThat(creating()).isZero();
        atOnce = true;
        runAll();
        pass(Duration.ZERO);
        assertThat(pool.stats().setAside()).isZero();
    }
}
