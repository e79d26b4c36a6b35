package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random use by many threads: nobody shares a resource, none hangs, no place is lost, and the counts balance after every
 * step. A fault of each kind is planted, and must be found as what it is.
 */
@Timeout(300)
final class StressTest {
    private static final int USERS = 16;
    private static final int PLACES = 3;
    private static final Duration FAR = Duration.ofDays(1);
    private static final long HANG_SECONDS = 5;

    /** It would write a stack trace for each fault. */
    private static final Logger LOG = Logger.getLogger("dev.hatch.pool");

    private final FakeLifecycle lifecycle = new FakeLifecycle();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicLong cycles = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();

    @BeforeAll
    static void hush() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void speak() {
        LOG.setLevel(null);
    }

    /** Without timeouts, interrupts or a housekeeper, which would hide a lost wake-up: whoever is not woken hangs. */
    private ResourcePoolBuilder<Thing, ThingLease> plain(LeaseFactory<Thing, ThingLease> leases) {
        ResourcePoolBuilder<Thing, ThingLease> settings = ResourcePool.builder(lifecycle, leases)
                .name("stress")
                .maxSize(PLACES)
                .acquireTimeout(FAR);
        settings.housekeeping = false;
        return settings;
    }

    private ResourcePoolBuilder<Thing, ThingLease> faulty() {
        return ResourcePool.builder(lifecycle, ThingLease::new)
                .name("stress")
                .maxSize(PLACES)
                .maxWaiters(USERS - 4)
                .acquireTimeout(Duration.ofSeconds(HANG_SECONDS))
                .maxLifetime(Duration.ofMillis(500))
                .validateEvery(Duration.ofMillis(100))
                .createLimit(Duration.ofMillis(50))
                .validateLimit(Duration.ofMillis(50))
                .resetLimit(Duration.ofMillis(50))
                .destroyLimit(Duration.ofMillis(50));
    }

    @Test
    void plain_use_loses_no_wake_up() throws Exception {
        usePlainly(plain(ThingLease::new), Duration.ofSeconds(1));
    }

    @Test
    void use_under_faults_loses_nothing() throws Exception {
        useUnderFaults(faulty(), Duration.ofSeconds(3));
    }

    @Test
    void a_close_in_the_midst_of_use_loses_nothing() throws Exception {
        closeInTheMidst(Duration.ofSeconds(1));
    }

    @Test
    void use_while_the_pool_is_resized_suspended_refreshed_and_drained_loses_nothing() throws Exception {
        useWhileOperated(Duration.ofSeconds(2));
    }

    @Test
    @Tag("full")
    void a_minute_of_each() throws Exception {
        useWhileOperated(Duration.ofMinutes(1));
        usePlainly(plain(ThingLease::new), Duration.ofMinutes(1));
        useUnderFaults(faulty(), Duration.ofMinutes(1));
        closeInTheMidst(Duration.ofMinutes(1));
    }

    @Test
    void a_lost_wake_up_is_found() {
        ResourcePoolBuilder<Thing, ThingLease> settings = plain(ThingLease::new);
        settings.queue = new PlantedFaults.LostWakeUp();
        assertThatThrownBy(() -> usePlainly(settings, Duration.ofMillis(200))).hasMessageContaining("a user hangs");
    }

    @Test
    void a_double_return_is_found() {
        // It takes a slot from a waiter that was just handed it, too, who then hangs; and from a thread that then gives
        // back
        // what it does not own any more, which spoils the slot's state.
        assertThatThrownBy(() -> usePlainly(plain(PlantedFaults.DoubleReturn::new), Duration.ofSeconds(1)))
                .satisfiesAnyOf(
                        found -> assertThat(found).hasMessageContaining("a user hangs"),
                        found -> assertThat(found).hasMessageContaining("created = idle + leased"),
                        found -> assertThat(found.getCause())
                                .hasMessageMatching(
                                        "(?s).*(holders of a resource|was used after its close|a claim is good for one).*"));
    }

    @Test
    void a_place_lost_when_creation_fails_is_found() {
        ResourcePoolBuilder<Thing, ThingLease> settings = faulty();
        settings.ledger = new PlantedFaults.LostPlace();
        assertThatThrownBy(() -> useUnderFaults(settings, Duration.ofSeconds(1)))
                .hasMessageContaining("places that can be used");
    }

    private void usePlainly(ResourcePoolBuilder<Thing, ThingLease> settings, Duration time) throws Exception {
        ResourcePool<Thing, ThingLease> pool = settings.build();
        List<FutureTask<Void>> users = start(pool, false);
        balanceFor(pool, time, () -> {});
        over.set(true);
        requireEnd(pool, users);
    }

    private void useUnderFaults(ResourcePoolBuilder<Thing, ThingLease> settings, Duration time) throws Exception {
        ResourcePool<Thing, ThingLease> pool = settings.build();
        List<FutureTask<Void>> users = start(pool, true);
        SplittableRandom random = new SplittableRandom(99);
        balanceFor(pool, time, () -> {
            open();
            lifecycle.failCreate = oneIn(random, 3) ? new IllegalStateException("planted") : null;
            lifecycle.failValidate = oneIn(random, 3) ? new LinkageError("planted") : null;
            lifecycle.failReset = oneIn(random, 3) ? new LinkageError("planted") : null;
            lifecycle.failDestroy = oneIn(random, 3) ? new IllegalStateException("planted") : null;
            lifecycle.hangCreate = oneIn(random, 4) ? new CountDownLatch(1) : null;
            lifecycle.hangValidate = oneIn(random, 4) ? new CountDownLatch(1) : null;
            lifecycle.hangReset = oneIn(random, 4) ? new CountDownLatch(1) : null;
            lifecycle.hangDestroy = oneIn(random, 4) ? new CountDownLatch(1) : null;
            if (oneIn(random, 10)) {
                pool.suspectAll();
            }
        });
        over.set(true);
        open();
        lifecycle.failCreate = null;
        lifecycle.failValidate = null;
        lifecycle.failReset = null;
        lifecycle.failDestroy = null;
        requireEnd(pool, users);
    }

    private void useWhileOperated(Duration time) throws Exception {
        ResourcePool<Thing, ThingLease> pool = ResourcePool.builder(lifecycle, ThingLease::new)
                .name("stress")
                .maxSize(PLACES)
                .tracking(LeaseTracking.ALL)
                .acquireTimeout(Duration.ofSeconds(HANG_SECONDS))
                .build();
        List<FutureTask<Void>> users = start(pool, true);
        SplittableRandom random = new SplittableRandom(7);
        balanceFor(pool, time, () -> {
            switch (random.nextInt(5)) {
                case 0 -> pool.resize(1 + random.nextInt(2 * PLACES));
                case 1 -> pool.suspend();
                case 2 -> pool.refresh();
                case 3 -> pool.drain(Duration.ofMillis(5));
                default -> pool.resume();
            }
        });
        pool.resize(PLACES);
        pool.resume();
        over.set(true);
        requireEnd(pool, users);
        assertThat(pool.stats().destroyedBy())
                .containsEntry(DestroyReason.LEAKED, 0L)
                .satisfies(by -> assertThat(by.get(DestroyReason.RESIZED)).isPositive())
                .satisfies(by -> assertThat(by.get(DestroyReason.REFRESHED)).isPositive());
    }

    private static boolean oneIn(SplittableRandom random, int n) {
        return random.nextInt(n) == 0;
    }

    private void open() {
        for (CountDownLatch latch : new CountDownLatch[] {
            lifecycle.hangCreate, lifecycle.hangValidate, lifecycle.hangReset, lifecycle.hangDestroy
        }) {
            if (latch != null) {
                latch.countDown();
            }
        }
        lifecycle.hangCreate = null;
        lifecycle.hangValidate = null;
        lifecycle.hangReset = null;
        lifecycle.hangDestroy = null;
    }

    private void closeInTheMidst(Duration time) throws Exception {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            ResourcePool<Thing, ThingLease> pool = faulty().build();
            List<FutureTask<Void>> users = start(pool, true);
            balanceFor(pool, Duration.ofMillis(20), () -> {});
            pool.close(Duration.ofMillis(1));
            for (FutureTask<Void> user : users) {
                assertThatThrownBy(() -> user.get(HANG_SECONDS, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(PoolClosedException.class);
            }
            over.set(true);
            requireAllDestroyed(pool);
        }
    }

    /** Looks at the balance again and again, and changes what goes wrong every 20 ms. */
    private void balanceFor(ResourcePool<Thing, ThingLease> pool, Duration time, Runnable change) {
        long end = System.nanoTime() + time.toNanos();
        long next = System.nanoTime();
        for (long now = next; now < end && !over.get(); now = System.nanoTime()) {
            requireBalance(pool);
            if (now >= next) {
                change.run();
                next = now + 20_000_000;
            }
        }
    }

    private static void requireBalance(ResourcePool<Thing, ThingLease> pool) {
        PoolStats stats = pool.stats();
        assertThat(stats.created())
                .as("created = idle + leased + destroyed + set aside")
                .isEqualTo(stats.idle() + stats.leased() + stats.destroyed() + stats.setAside());
    }

    private void requireEnd(ResourcePool<Thing, ThingLease> pool, List<FutureTask<Void>> users) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(HANG_SECONDS);
        for (FutureTask<Void> user : users) {
            try {
                user.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                threads.forEach(Thread::interrupt);
                throw new AssertionError("a user hangs: " + pool.stats(), e);
            }
        }
        assertThat(cycles.get()).isGreaterThan(500);
        List<ThingLease> leases = new ArrayList<>();
        try {
            while (leases.size() < PLACES) {
                leases.add(pool.acquire(Duration.ofSeconds(2)));
            }
        } catch (AcquireTimeoutException e) {
            // Counted below.
        }
        assertThat(leases).as("places that can be used").hasSize(PLACES);
        leases.forEach(Lease::close);
        assertThat(pool.stats().leased() + pool.stats().waiting()).isZero();
        assertThat(pool.close(Duration.ofSeconds(10)).leased()).isEmpty();
        requireAllDestroyed(pool);
    }

    private void requireAllDestroyed(ResourcePool<Thing, ThingLease> pool) {
        Awaitility.await().until(() -> pool.isQuiet() && lifecycle.destroyed.get() == lifecycle.created.get());
        requireBalance(pool);
        assertThat(pool.stats().open()).isZero();
    }

    private List<FutureTask<Void>> start(ResourcePool<Thing, ThingLease> pool, boolean faults) {
        over.set(false);
        List<FutureTask<Void>> users = new ArrayList<>();
        for (int i = 0; i < USERS; i++) {
            SplittableRandom random = new SplittableRandom(i);
            FutureTask<Void> user = new FutureTask<>(() -> {
                try {
                    while (!over.get()) {
                        use(pool, random, faults ? random.nextInt(40) : 20 + random.nextInt(20));
                        requireBalance(pool);
                        cycles.incrementAndGet();
                    }
                } catch (AssertionError e) {
                    over.set(true);
                    throw e;
                }
                return null;
            });
            users.add(user);
            Thread thread = new Thread(user, "user " + i);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
        return users;
    }

    /** @param dice below 20: one of the faults */
    private static void use(ResourcePool<Thing, ThingLease> pool, SplittableRandom random, int dice)
            throws InterruptedException {
        if (dice == 0) {
            Thread.currentThread().interrupt();
        }
        try {
            ThingLease lease = dice < 5 ? pool.acquire(Duration.ofNanos(random.nextLong(2_000_000))) : pool.acquire();
            Thing thing = lease.thing();
            assertThat(thing.holders.incrementAndGet())
                    .as("holders of a resource")
                    .isEqualTo(1);
            assertThat(thing.destroyed).isFalse();
            if (dice == 6) {
                thing.dirty = true;
            } else if (dice == 7) {
                lease.breakIt();
            }
            assertThat(thing.holders.decrementAndGet())
                    .as("holders of a resource")
                    .isZero();
            lease.close();
            if (dice == 8 || dice > 30) {
                lease.close();
            }
        } catch (InterruptedException e) {
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } catch (AcquireTimeoutException | AcquireRefusedException e) {
            // As asked for.
        } finally {
            Thread.interrupted();
        }
    }
}
