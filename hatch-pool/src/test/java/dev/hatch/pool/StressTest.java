package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Random use by many threads: nobody shares a resource, nothing is lost, nobody hangs, and the counts always balance. */
final class StressTest {
    private static final int THREADS = 16;

    private final FakeLifecycle lifecycle = new FakeLifecycle();

    @Test
    @Timeout(60)
    void plain_use_loses_no_wake_up() throws Exception {
        // Without timeouts or interrupts, which would hide a lost wake-up: whoever is not woken hangs the test.
        stress(Duration.ofSeconds(2), false);
    }

    @Test
    @Timeout(60)
    void use_under_faults_loses_nothing() throws Exception {
        stress(Duration.ofSeconds(3), true);
    }

    @Test
    @Tag("full")
    @Timeout(300)
    void a_minute_of_it() throws Exception {
        stress(Duration.ofSeconds(30), false);
        stress(Duration.ofSeconds(30), true);
    }

    private void stress(Duration time, boolean faults) throws Exception {
        ResourcePool<Thing, ThingLease> pool = ResourcePool.builder(lifecycle, ThingLease::new)
                .maxSize(3)
                .maxWaiters(THREADS - 4)
                .acquireTimeout(Duration.ofSeconds(30))
                .validateLimit(Duration.ofMillis(200))
                .build();
        long end = System.nanoTime() + time.toNanos();
        AtomicLong cycles = new AtomicLong();
        List<FutureTask<Void>> users = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            SplittableRandom random = new SplittableRandom(i);
            FutureTask<Void> user = new FutureTask<>(() -> {
                while (System.nanoTime() < end) {
                    use(pool, random, faults);
                    cycles.incrementAndGet();
                }
                return null;
            });
            users.add(user);
            new Thread(user, "user " + i).start();
        }
        SplittableRandom random = new SplittableRandom(99);
        while (System.nanoTime() < end) {
            PoolStats stats = pool.stats();
            assertThat(stats.created()).isEqualTo(stats.idle() + stats.leased() + stats.destroyed() + stats.setAside());
            if (faults) {
                lifecycle.failCreate = random.nextInt(3) == 0 ? new IllegalStateException("planted") : null;
                lifecycle.failReset = random.nextInt(3) == 0 ? new LinkageError("planted") : null;
                if (random.nextInt(100) == 0) {
                    pool.suspectAll();
                }
            }
        }
        lifecycle.failCreate = null;
        lifecycle.failReset = null;
        for (FutureTask<Void> user : users) {
            user.get();
        }
        assertThat(cycles.get()).isGreaterThan(1_000);
        assertThat(pool.stats().leased() + pool.stats().waiting()).isZero();
        assertThat(pool.close(Duration.ofSeconds(10)).isClean()).isTrue();
        await().until(() -> lifecycle.destroyed.get() == lifecycle.created.get());
        assertThat(pool.stats().open()).isZero();
    }

    private static void use(ResourcePool<Thing, ThingLease> pool, SplittableRandom random, boolean faults)
            throws InterruptedException {
        int dice = faults ? random.nextInt(40) : 20;
        if (dice == 0) {
            Thread.currentThread().interrupt();
        }
        try {
            ThingLease lease = dice < 5 ? pool.acquire(Duration.ofNanos(random.nextLong(2_000_000))) : pool.acquire();
            Thing thing = lease.thing();
            assertThat(thing.holders.incrementAndGet()).isEqualTo(1);
            assertThat(thing.destroyed).isFalse();
            if (dice == 6) {
                thing.dirty = true;
            } else if (dice == 7) {
                lease.breakIt();
            }
            assertThat(thing.holders.decrementAndGet()).isZero();
            lease.close();
            if (dice == 8) {
                lease.close();
            }
        } catch (InterruptedException e) {
            assertThat(Thread.interrupted()).isTrue();
        } catch (AcquireTimeoutException | AcquireRefusedException e) {
            // As asked for.
        } finally {
            Thread.interrupted();
        }
    }
}
