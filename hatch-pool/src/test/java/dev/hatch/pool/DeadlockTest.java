package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Threads that have a lease and wait for another. */
final class DeadlockTest extends PoolFixture {
    private static final int THREADS = 8;

    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private <T> List<Future<T>> start(Callable<T> task) {
        List<Future<T>> futures = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            futures.add(threads.submit(task));
        }
        return futures;
    }

    @Test
    void when_all_leases_are_with_threads_that_wait_one_is_told_within_100_ms_and_the_others_are_served()
            throws Exception {
        open(settings().maxSize(THREADS).tracking(LeaseTracking.ALL));
        List<Duration> longest = new ArrayList<>();
        for (int round = 0; round < 5; round++) {
            AtomicInteger told = new AtomicInteger();
            CyclicBarrier allHaveOne = new CyclicBarrier(THREADS);
            List<Future<Long>> users = start(() -> {
                try (ThingLease outer = pool.acquire(LONG)) {
                    assertThat(outer.isOpen()).isTrue();
                    allHaveOne.await();
                    long start = System.nanoTime();
                    try (ThingLease inner = pool.acquire(LONG)) {
                        assertThat(inner.isOpen()).isTrue();
                        return 0L;
                    } catch (AcquireDeadlockException e) {
                        told.incrementAndGet();
                        return System.nanoTime() - start;
                    }
                }
            });
            long nanos = 0;
            for (Future<Long> user : users) {
                nanos = Math.max(nanos, user.get());
            }
            assertThat(told).hasValueBetween(1, THREADS - 1);
            assertThat(pool.stats().deadlocks()).isPositive();
            longest.add(Duration.ofNanos(nanos));
        }
        Collections.sort(longest);
        assertThat(longest.get(2)).as("median of %s", longest).isLessThan(Duration.ofMillis(100));
    }

    private ThingLease acquireOuter() throws InterruptedException {
        return pool.acquire(LONG);
    }

    private ThingLease acquireInner() throws InterruptedException {
        return pool.acquire(LONG);
    }

    @Test
    void the_message_has_where_it_waits_where_it_acquired_what_it_has_and_where_another_waits() throws Exception {
        open(settings().maxSize(2).tracking(LeaseTracking.ALL));
        CyclicBarrier bothHaveOne = new CyclicBarrier(2);
        Callable<Boolean> nested = () -> {
            try (ThingLease outer = acquireOuter()) {
                assertThat(outer.isOpen()).isTrue();
                bothHaveOne.await();
                acquireInner().close();
                return true;
            }
        };
        FutureTask<Boolean> one = inThread(nested);
        FutureTask<Boolean> two = inThread(nested);
        AcquireDeadlockException failure = failure(one, two);
        assertThat(failure)
                .hasMessageContaining("Pool 'test' is in a deadlock: open 2 of 2, leased 2")
                .hasMessageContaining("This thread waits\n\tat " + DeadlockTest.class.getName() + ".acquireInner")
                .hasMessageMatching("(?s).*It has thing \\d, acquired\n\tat " + DeadlockTest.class.getName()
                        + "\\.acquireOuter.*Thread 'caller' has thing \\d and waits.*acquireInner.*");
        assertThat(failure.stats().leased()).isEqualTo(2);
    }

    /** Of which exactly one fails. */
    private static AcquireDeadlockException failure(FutureTask<Boolean> one, FutureTask<Boolean> two) throws Exception {
        List<Throwable> failures = new ArrayList<>();
        for (FutureTask<Boolean> task : List.of(one, two)) {
            try {
                task.get();
            } catch (ExecutionException e) {
                failures.add(e.getCause());
            }
        }
        assertThat(failures).hasSize(1).hasOnlyElementsOfType(AcquireDeadlockException.class);
        return (AcquireDeadlockException) failures.get(0);
    }

    @Test
    void a_thread_that_waits_for_itself_is_told() throws Exception {
        open(settings().maxSize(1));
        try (ThingLease only = pool.acquire(LONG)) {
            assertThat(only.isOpen()).isTrue();
            assertThatThrownBy(() -> pool.acquire(LONG)).isInstanceOf(AcquireDeadlockException.class);
        }
        pool.acquire(LONG).close();
    }

    @Test
    void nobody_is_told_while_one_holder_runs() throws Exception {
        open(settings().maxSize(2));
        ThingLease running = pool.acquire(LONG);
        FutureTask<Boolean> nested = inThread(() -> {
            try (ThingLease outer = pool.acquire(LONG);
                    ThingLease inner = pool.acquire(LONG)) {
                return outer.isOpen() && inner.isOpen();
            }
        });
        awaitWaiting(1);
        // As long as it takes to be sure of a deadlock, and more.
        assertThatThrownBy(() -> nested.get(200, TimeUnit.MILLISECONDS))
                .isInstanceOf(java.util.concurrent.TimeoutException.class);
        running.close();
        assertThat(nested.get()).isTrue();
    }

    @Test
    void a_lease_that_another_thread_uses_is_not_the_waiting_ones() throws Exception {
        open(settings().maxSize(1));
        ThingLease handed = pool.acquire(LONG);
        CountDownLatch used = new CountDownLatch(1);
        Semaphore enough = new Semaphore(0);
        FutureTask<Boolean> worker = inThread(() -> {
            handed.use();
            used.countDown();
            enough.acquire();
            handed.close();
            return true;
        });
        used.await();
        FutureTask<Boolean> watch = inThread(() -> {
            awaitWaiting(1);
            // Longer than it takes to be sure of a deadlock.
            assertThat(enough.tryAcquire(200, TimeUnit.MILLISECONDS)).isFalse();
            enough.release();
            return true;
        });
        pool.acquire(LONG).close();
        assertThat(worker.get() && watch.get()).isTrue();
    }

    @Test
    void nobody_is_told_if_the_pool_is_not_to_look() throws Exception {
        open(settings().maxSize(1).detectDeadlocks(false));
        try (ThingLease only = pool.acquire(LONG)) {
            assertThat(only.isOpen()).isTrue();
            assertThatThrownBy(() -> pool.acquire(Duration.ofMillis(1_100)))
                    .isInstanceOf(AcquireTimeoutException.class);
        }
    }

    @Test
    void whoever_waits_for_a_short_time_only_is_left_to_that() throws Exception {
        open(settings().maxSize(1));
        try (ThingLease only = pool.acquire(LONG)) {
            assertThat(only.isOpen()).isTrue();
            assertThatThrownBy(() -> pool.acquire(Duration.ofMillis(200))).isInstanceOf(AcquireTimeoutException.class);
        }
    }

    @Test
    void a_larger_pool_ends_the_waiting_instead() throws Exception {
        open(settings().maxSize(1));
        try (ThingLease only = pool.acquire(LONG)) {
            assertThat(only.isOpen()).isTrue();
            FutureTask<Integer> other = inThreadAcquire(LONG);
            awaitWaiting(1);
            pool.resize(2);
            assertThat(other.get()).isEqualTo(2);
        }
    }

    @Test
    void legal_nesting_is_never_told() throws Exception {
        nestLegally(100);
    }

    @Test
    @Tag("full")
    void legal_nesting_is_never_told_in_a_thousand_runs() throws Exception {
        nestLegally(1_000);
    }

    /** Each thread wants two; one more than there are threads is enough that one always can go on. */
    private void nestLegally(int runs) throws Exception {
        open(settings().maxSize(THREADS + 1));
        for (int run = 0; run < runs; run++) {
            List<Future<Boolean>> users = start(() -> {
                for (int i = 0; i < 200; i++) {
                    try (ThingLease outer = pool.acquire(LONG);
                            ThingLease inner = pool.acquire(LONG)) {
                        assertThat(outer.isOpen() && inner.isOpen()).isTrue();
                    }
                }
                return true;
            });
            for (Future<Boolean> user : users) {
                assertThat(user.get()).isTrue();
            }
        }
        assertThat(pool.stats().deadlocks()).isZero();
    }
}
