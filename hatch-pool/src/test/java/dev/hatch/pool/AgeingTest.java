package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of resources by the clock: how many are kept, for how long, and when they are validated. */
final class AgeingTest extends PoolFixture {
    private static final Duration LIFETIME = Duration.ofMinutes(1);
    private static final Duration TICK = Duration.ofSeconds(1);

    /** Nothing ages but what a test asks for. */
    private ResourcePoolBuilder<Thing, ThingLease> ageless() {
        return turned().maxLifetime(Duration.ZERO)
                .maxIdleTime(Duration.ZERO)
                .validateEvery(Duration.ZERO)
                .validateAfterIdle(Duration.ZERO);
    }

    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private boolean over;

    /** What the housekeeper has workers do waits until the test is over. */
    private ResourcePoolBuilder<Thing, ThingLease> kept(int size) {
        ResourcePoolBuilder<Thing, ThingLease> settings = ageless().maxSize(size);
        settings.workers = task -> {
            if (over) {
                task.run();
            } else {
                tasks.add(task);
            }
        };
        return settings;
    }

    @AfterEach
    void run_what_is_left() {
        over = true;
        tasks.forEach(Runnable::run);
    }

    /** Uses that many at a time, then lets the housekeeper see that all are idle. */
    private void use(int count) throws InterruptedException {
        List<ThingLease> leases = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            leases.add(pool.acquire(LONG));
        }
        leases.forEach(ThingLease::close);
        pass(Duration.ZERO);
    }

    private void passInTicks(Duration time) {
        for (Duration left = time; !left.isZero(); left = left.minus(TICK)) {
            pass(TICK);
        }
    }

    private long destroyed(DestroyReason reason) {
        return pool.stats().destroyedBy().get(reason);
    }

    @Test
    void lifetimes_end_up_to_a_tenth_early_and_not_all_at_once() throws Exception {
        open(ageless().maxSize(40).maxLifetime(LIFETIME));
        use(40);
        pass(LIFETIME.multipliedBy(9).dividedBy(10).minusNanos(1));
        assertThat(pool.stats().destroyed()).isZero();
        pass(LIFETIME.dividedBy(20));
        assertThat(destroyed(DestroyReason.LIFETIME)).isBetween(1L, 39L);
        pass(LIFETIME.dividedBy(20).plusNanos(1));
        assertThat(destroyed(DestroyReason.LIFETIME)).isEqualTo(40);
    }

    @Test
    void a_lifetime_too_short_for_a_tenth_of_it_ends_on_time() throws Exception {
        open(ageless().maxLifetime(Duration.ofNanos(9)));
        use(1);
        pass(Duration.ofNanos(8));
        assertThat(pool.stats().destroyed()).isZero();
        pass(Duration.ofNanos(1));
        assertThat(destroyed(DestroyReason.LIFETIME)).isEqualTo(1);
    }

    @Test
    void a_leased_resource_lives_until_it_is_returned() throws Exception {
        open(ageless().maxLifetime(LIFETIME));
        try (ThingLease lease = pool.acquire(LONG)) {
            pass(LIFETIME);
            assertThat(lease.thing().destroyed).isFalse();
            pass(LIFETIME);
        }
        assertThat(destroyed(DestroyReason.LIFETIME)).isEqualTo(1);
    }

    @Test
    void nothing_ages_where_no_limit_is_set() throws Exception {
        open(ageless());
        use(2);
        pass(Duration.ofDays(365));
        pass(Duration.ofDays(365));
        assertThat(pool.stats().idle()).isEqualTo(2);
        pool.acquire(LONG).close();
        assertThat(lifecycle.validated).hasValue(0);
    }

    @Test
    void a_resource_that_is_used_is_not_idle() throws Exception {
        open(ageless().maxSize(1).maxIdleTime(Duration.ofSeconds(10)));
        for (int i = 0; i < 5; i++) {
            use(1);
            pass(Duration.ofSeconds(9));
        }
        assertThat(pool.stats().destroyed()).isZero();
        pass(TICK);
        assertThat(destroyed(DestroyReason.IDLE_TIME)).isEqualTo(1);
        assertThat(pool.stats().open()).isZero();
    }

    @Test
    void a_resource_that_was_leased_when_the_housekeeper_looked_begins_to_be_idle_after() throws Exception {
        open(ageless().maxSize(1).maxIdleTime(Duration.ofSeconds(10)));
        use(1);
        pass(Duration.ofSeconds(9));
        ThingLease lease = pool.acquire(LONG);
        pass(TICK);
        lease.close();
        pass(Duration.ofSeconds(9));
        pass(Duration.ofSeconds(9));
        assertThat(pool.stats().destroyed()).isZero();
        pass(TICK);
        assertThat(destroyed(DestroyReason.IDLE_TIME)).isEqualTo(1);
    }

    @Test
    void the_minimum_stays_however_long_it_is_idle() throws Exception {
        open(ageless().maxSize(3).minIdle(1).maxIdleTime(Duration.ofSeconds(10)));
        use(3);
        pass(Duration.ofSeconds(10));
        pass(Duration.ofSeconds(10));
        assertThat(pool.stats().idle()).isEqualTo(1);
        assertThat(destroyed(DestroyReason.IDLE_TIME)).isEqualTo(2);
        assertThat(lifecycle.created).hasValue(3);
    }

    @Test
    void the_minimum_is_filled_up_after_use_has_broken_it() throws Exception {
        open(ageless().minIdle(1));
        pass(TICK);
        awaitIdle(1);
        try (ThingLease lease = pool.acquire(LONG)) {
            lease.breakIt();
        }
        awaitIdle(1);
        assertThat(lifecycle.created).hasValue(2);
    }

    @Test
    void the_minimum_counts_what_is_idle_beside_what_is_leased() throws Exception {
        open(ageless().minIdle(1));
        try (ThingLease lease = pool.acquire(LONG)) {
            assertThat(lease.isOpen()).isTrue();
            pass(TICK);
            awaitIdle(1);
        }
        pass(TICK);
        assertThat(pool.stats().open()).isEqualTo(2);
    }

    @Test
    void what_is_being_created_counts_for_the_minimum() {
        open(ageless().maxSize(4).minIdle(2));
        CountDownLatch latch = new CountDownLatch(1);
        lifecycle.hangCreate = latch;
        pass(TICK);
        awaitHanging(2);
        pass(TICK);
        assertThat(pool.stats().creating()).isEqualTo(2);
        latch.countDown();
        awaitIdle(2);
    }

    @Test
    void what_is_being_validated_counts_for_the_minimum() throws Exception {
        open(ageless().minIdle(1).validateEvery(TICK));
        CountDownLatch latch = new CountDownLatch(1);
        pass(TICK);
        await().until(pool::isQuiet);
        lifecycle.hangValidate = latch;
        pass(TICK);
        pass(TICK);
        awaitHanging(1);
        pass(TICK);
        assertThat(pool.stats().creating()).isZero();
        latch.countDown();
        await().until(() -> pool.idle() == 1);
        assertThat(lifecycle.created).hasValue(1);
    }

    @Test
    void a_surplus_that_was_needed_in_between_is_kept() throws Exception {
        open(ageless().maxSize(3).maxIdle(1).surplusAfter(Duration.ofSeconds(10)));
        use(3);
        passInTicks(Duration.ofSeconds(9));
        ThingLease one = pool.acquire(LONG);
        ThingLease two = pool.acquire(LONG);
        pass(TICK);
        one.close();
        two.close();
        passInTicks(Duration.ofSeconds(10));
        assertThat(pool.stats().idle()).isEqualTo(3);
        pass(TICK);
        assertThat(destroyed(DestroyReason.SURPLUS)).isEqualTo(2);
        assertThat(pool.stats().idle()).isEqualTo(1);
    }

    @Test
    void a_surplus_is_counted_anew_after_one_was_closed() throws Exception {
        open(ageless().maxIdle(0).surplusAfter(Duration.ofSeconds(10)));
        use(2);
        pass(Duration.ofSeconds(10));
        assertThat(destroyed(DestroyReason.SURPLUS)).isEqualTo(2);
        use(1);
        pass(Duration.ofSeconds(9));
        assertThat(pool.stats().idle()).isEqualTo(1);
        pass(TICK);
        assertThat(destroyed(DestroyReason.SURPLUS)).isEqualTo(3);
    }

    @Test
    void what_is_suspect_is_idle_too_and_may_be_surplus() throws Exception {
        open(ageless().maxIdle(1).surplusAfter(Duration.ofSeconds(10)));
        use(2);
        pool.suspectAll();
        pass(Duration.ofSeconds(10));
        assertThat(destroyed(DestroyReason.SURPLUS)).isEqualTo(1);
    }

    @Test
    void as_many_as_may_be_idle_are_no_surplus() throws Exception {
        open(ageless().maxIdle(2).surplusAfter(Duration.ofSeconds(10)));
        use(2);
        pass(Duration.ofSeconds(10));
        pass(Duration.ofSeconds(10));
        assertThat(pool.stats().idle()).isEqualTo(2);
    }

    @Test
    void what_is_being_validated_may_be_surplus_to_what_is_idle() {
        open(kept(3).maxIdle(2)
                .surplusAfter(Duration.ofSeconds(10))
                .validateEvery(Duration.ofSeconds(5))
                .validateLimit(LIFETIME));
        add(3);
        pass(Duration.ZERO);
        pass(Duration.ofSeconds(5));
        pass(Duration.ofSeconds(5));
        assertThat(destroyed(DestroyReason.SURPLUS)).isEqualTo(1);
    }

    @Test
    void an_empty_place_is_no_surplus() {
        open(ageless().maxSize(3).maxIdle(1).surplusAfter(Duration.ofSeconds(10)));
        add(1);
        pass(Duration.ZERO);
        pass(Duration.ofSeconds(10));
        assertThat(pool.stats().idle()).isEqualTo(1);
    }

    @Test
    void what_has_just_ended_of_age_is_no_surplus() throws Exception {
        open(ageless().maxLifetime(LIFETIME).maxIdle(1).surplusAfter(LIFETIME));
        use(1);
        add(1);
        pass(Duration.ZERO);
        pass(LIFETIME);
        assertThat(destroyed(DestroyReason.LIFETIME)).isEqualTo(1);
        assertThat(pool.stats().idle()).isEqualTo(1);
    }

    @Test
    void what_has_just_been_idle_too_long_is_no_surplus() {
        open(ageless().minIdle(1).maxIdle(1).maxIdleTime(LIFETIME).surplusAfter(LIFETIME));
        add(2);
        pass(Duration.ZERO);
        pass(LIFETIME);
        assertThat(destroyed(DestroyReason.IDLE_TIME)).isEqualTo(1);
        assertThat(destroyed(DestroyReason.SURPLUS)).isZero();
    }

    @Test
    void a_surplus_is_one_only_from_when_there_are_more_than_may_be() {
        open(ageless().maxSize(3).maxIdle(2).surplusAfter(Duration.ofSeconds(10)));
        add(2);
        pass(Duration.ZERO);
        pass(Duration.ofSeconds(10));
        add(1);
        pass(TICK);
        assertThat(pool.stats().idle()).isEqualTo(3);
        pass(Duration.ofSeconds(10));
        assertThat(pool.stats().idle()).isEqualTo(2);
    }

    @Test
    void half_of_what_is_idle_is_validated_at_a_time() {
        open(kept(4).validateEvery(TICK));
        add(4);
        pass(Duration.ZERO);
        pass(TICK);
        assertThat(tasks).hasSize(2);
        pass(Duration.ZERO);
        assertThat(tasks).hasSize(2);
    }

    @Test
    void an_idle_resource_is_validated_once_in_each_interval() throws Exception {
        open(ageless().maxSize(1).validateEvery(Duration.ofMinutes(1)));
        use(1);
        for (int round = 1; round <= 3; round++) {
            int validations = round;
            pass(Duration.ofSeconds(59));
            assertThat(lifecycle.validated).hasValue(validations - 1);
            pass(TICK);
            await().until(() -> lifecycle.validated.get() == validations && pool.idle() == 1);
            pass(Duration.ZERO);
        }
        assertThat(lifecycle.validated).hasValue(3);
    }

    @Test
    void a_leased_resource_is_never_validated() throws Exception {
        open(ageless().validateEvery(Duration.ofMinutes(1)).validateAfterIdle(Duration.ofMinutes(1)));
        try (ThingLease lease = pool.acquire(LONG)) {
            passInTicks(Duration.ofMinutes(3));
            assertThat(lease.isOpen()).isTrue();
        }
        assertThat(lifecycle.validated).hasValue(0);
    }

    @Test
    void a_resource_in_use_is_not_validated_because_it_is_old() throws Exception {
        open(ageless().maxSize(1).validateEvery(Duration.ofMinutes(1)));
        for (int i = 0; i < 20; i++) {
            use(1);
            pass(Duration.ofSeconds(30));
        }
        assertThat(lifecycle.validated).hasValue(0);
    }

    @Test
    void what_was_idle_for_a_short_while_is_lent_without_validation() throws Exception {
        open(ageless().maxSize(1).validateAfterIdle(Duration.ofSeconds(5)));
        use(1);
        pass(Duration.ofSeconds(4));
        pool.tryAcquire().orElseThrow().close();
        pass(Duration.ZERO);
        pass(Duration.ofSeconds(4));
        pool.tryAcquire().orElseThrow().close();
        assertThat(lifecycle.validated).hasValue(0);
    }

    @Test
    void what_was_idle_for_long_is_valid_again_for_as_long() throws Exception {
        open(ageless().maxSize(1).validateAfterIdle(Duration.ofSeconds(5)));
        use(1);
        pass(Duration.ofSeconds(5));
        assertThat(pool.tryAcquire()).isEmpty();
        await().until(() -> pool.idle() == 1);
        assertThat(lifecycle.validated).hasValue(1);
        pool.tryAcquire().orElseThrow().close();
        pass(Duration.ZERO);
        pass(Duration.ofSeconds(4));
        pool.tryAcquire().orElseThrow().close();
        assertThat(lifecycle.validated).hasValue(1);
    }

    @Test
    void a_suspect_resource_that_nobody_wants_still_ages() throws Exception {
        open(ageless().validateAfterIdle(Duration.ofSeconds(5)).maxIdleTime(Duration.ofSeconds(10)));
        use(1);
        pass(Duration.ofSeconds(5));
        pass(Duration.ofSeconds(4));
        assertThat(pool.stats().destroyed()).isZero();
        pass(TICK);
        assertThat(destroyed(DestroyReason.IDLE_TIME)).isEqualTo(1);
        assertThat(lifecycle.validated).hasValue(0);
    }

    @Test
    void periodic_validations_do_not_keep_a_resource_for_ever() throws Exception {
        // As it is by default, but for the lifetime: half a minute, a minute, ten minutes.
        open(turned().maxSize(1).maxLifetime(Duration.ZERO));
        use(1);
        for (int minutes = 0; minutes < 10; minutes++) {
            assertThat(pool.stats().open()).isEqualTo(1);
            pass(Duration.ofSeconds(30));
            pass(Duration.ofSeconds(30));
            await().until(() -> pool.idle() == pool.stats().open());
        }
        assertThat(lifecycle.validated).hasValue(9);
        assertThat(destroyed(DestroyReason.IDLE_TIME)).isEqualTo(1);
    }

    @Test
    void the_housekeeper_looks_about_once_a_second_and_sleeps_in_between() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        ResourcePoolBuilder<Thing, ThingLease> settings =
                settings().maxIdleTime(Duration.ofNanos(1)).minIdle(0);
        settings.clock = () -> {
            looks.incrementAndGet();
            return System.nanoTime();
        };
        open(settings);
        pool.acquire(LONG).close();
        await().until(() -> destroyed(DestroyReason.IDLE_TIME) == 1);
        assertThat(looks).hasValueLessThan(100);
    }

    @Test
    void only_as_many_are_surplus_as_have_been_too_many_all_the_time() throws Exception {
        open(ageless().maxSize(9).maxIdle(1).surplusAfter(Duration.ofSeconds(10)));
        use(2);
        passInTicks(Duration.ofSeconds(9));
        add(7);
        pass(TICK);
        assertThat(destroyed(DestroyReason.SURPLUS)).isEqualTo(1);
        assertThat(pool.stats().idle()).isEqualTo(8);
    }

    @Test
    void what_is_being_reset_is_not_idle() throws Exception {
        open(ageless()
                .maxSize(3)
                .maxIdle(2)
                .surplusAfter(Duration.ofSeconds(10))
                .resetLimit(LIFETIME));
        CountDownLatch latch = new CountDownLatch(1);
        lifecycle.hangReset = latch;
        add(3);
        ThingLease lease = pool.acquire(LONG);
        lease.thing().dirty = true;
        Thread returning = new Thread(lease::close);
        returning.start();
        awaitHanging(1);
        pass(Duration.ofSeconds(10));
        pass(Duration.ofSeconds(10));
        assertThat(pool.stats().destroyed()).isZero();
        latch.countDown();
        returning.join();
    }

    @Test
    void the_minimum_stays_though_others_have_ended_of_age_as_well() {
        open(kept(3).minIdle(2).maxLifetime(LIFETIME).maxIdleTime(LIFETIME));
        pass(Duration.ZERO);
        tasks.remove().run();
        tasks.remove().run();
        add(1);
        pass(Duration.ZERO);
        pass(LIFETIME);
        assertThat(destroyed(DestroyReason.LIFETIME)).isEqualTo(2);
        assertThat(destroyed(DestroyReason.IDLE_TIME)).isZero();
        assertThat(pool.stats().idle()).isEqualTo(1);
    }
}
