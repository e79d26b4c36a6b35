package dev.hatch.pool.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.hatch.pool.MemoryBudget;
import dev.hatch.pool.PoolClosedException;
import java.lang.management.ManagementFactory;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** Pools of buffers at their bounds: who gets memory, who waits, who is refused, and what gives way. */
final class MemoryBudgetBuffersTest extends BufferPoolFixture {
    private static final int WAITERS = 64;

    private static ByteBufferPoolBuilder settings(long maxBytes) {
        return builder().heap().maxBytes(maxBytes).maxRetained(maxBytes);
    }

    private static ByteBufferPoolBuilder shared(String name, MemoryBudget budget) {
        return ByteBufferPool.builder()
                .name(name)
                .heap()
                .budget(budget)
                .maxRetained(budget.limit())
                .fadeAfter(Duration.ZERO);
    }

    private static void awaitWaiting(MemoryBudget budget, int count) {
        await().until(() -> budget.waiting() == count);
    }

    /** Waits for a buffer, holds it no longer than to look at it. */
    private static FutureTask<Integer> inThreadGet(ByteBufferPool pool, int size, Duration timeout) {
        return inThread(() -> {
            try (PooledBuffer taken = pool.get(size, timeout)) {
                return taken.buffer().limit();
            }
        });
    }

    @Test
    void at_the_bound_who_does_not_wait_is_refused_with_the_numbers() {
        ByteBufferPool pool = open(settings(4 * KIB));
        try (PooledBuffer one = pool.get(2 * KIB);
                PooledBuffer two = pool.get(1_000)) {
            pool.get(512).close();
            assertThat(one.buffer()).isNotSameAs(two.buffer());
            assertThatThrownBy(() -> pool.get(2_000))
                    .isInstanceOf(BudgetExhaustedException.class)
                    .hasMessage(
                            "Pool 'test' has no memory for a buffer of 2048 bytes: of the budget of 4096 bytes 3584 are"
                                    + " reserved, by this pool 3072 lent and 512 idle; 0 callers wait. Buffers are held for long, or"
                                    + " not released, or the budget is too small.");
        }
        assertThat(pool.stats().refusals()).isEqualTo(1);
        assertThat(pool.stats().timeouts()).isZero();
        assertThat(pool.stats().total().waits()).isZero();
    }

    @Test
    void at_the_bound_who_waits_gets_nothing_in_time_and_is_told_the_numbers() {
        ByteBufferPool pool = open(settings(4 * KIB));
        try (PooledBuffer one = pool.get(4 * KIB)) {
            assertThat(one.buffer().limit()).isEqualTo(4 * KIB);
            long start = System.nanoTime();
            assertThatThrownBy(() -> pool.get(1_000, SHORT))
                    .isInstanceOf(BudgetExhaustedException.class)
                    .hasMessageMatching(
                            "Pool 'test' has no memory for a buffer of 1024 bytes after [0-9]+ ms: of the budget of"
                                    + " 4096 bytes 4096 are reserved, by this pool 4096 lent and 0 idle; 0 callers wait\\. .*");
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SHORT.toNanos());
            assertThatThrownBy(() -> pool.get(1_000, Duration.ZERO)).isInstanceOf(BudgetExhaustedException.class);
            assertThatThrownBy(() -> pool.get(1_000, Duration.ofNanos(-1)))
                    .isInstanceOf(BudgetExhaustedException.class);
        }
        assertThat(pool.stats().timeouts()).isEqualTo(3);
        assertThat(pool.stats().refusals()).isZero();
        assertThat(pool.stats().waitTime()).isGreaterThanOrEqualTo(SHORT);
        assertThat(ofClass(pool, KIB).waits()).isEqualTo(3);
    }

    @Test
    void what_is_larger_than_the_whole_budget_is_refused_at_once_however_long_one_would_wait() {
        ByteBufferPool pool = open(settings(4 * KIB));
        assertThatThrownBy(() -> pool.get(4 * KIB + 1, LONG))
                .isInstanceOf(BudgetExhaustedException.class)
                .hasMessageContaining("'test'")
                .hasMessageContaining("a buffer of 8192 bytes")
                .hasMessageContaining("budget of 4096 bytes")
                .hasMessageEndingWith("It is larger than the whole budget.");
        assertThatThrownBy(() -> pool.get(4 * KIB + 1))
                .isInstanceOf(BudgetExhaustedException.class)
                .hasMessageEndingWith("It is larger than the whole budget.");
    }

    @Test
    void who_waits_may_do_so_for_ever() throws Exception {
        ByteBufferPool pool = open(settings(KIB));
        FutureTask<Integer> waiter;
        try (PooledBuffer held = pool.get(KIB)) {
            waiter = inThreadGet(pool, KIB, ChronoUnit.FOREVER.getDuration());
            await().until(() -> pool.budget().waiting() == 1 || waiter.isDone());
            assertThat(held.buffer().limit()).isEqualTo(KIB);
        }
        assertThat(waiter.get()).isEqualTo(KIB);
    }

    @Test
    void idle_buffers_of_another_class_give_way_to_what_is_wanted() {
        ByteBufferPool pool = open(settings(4 * KIB));
        pool.get(4 * KIB).close();
        try (PooledBuffer small = pool.get(64)) {
            assertThat(small.buffer().limit()).isEqualTo(64);
            assertThat(ofClass(pool, 4 * KIB).idleBytes()).isZero();
        }
        pool.get(4 * KIB).close();
        assertThat(ofClass(pool, 64).idleBytes()).isZero();
        assertThat(pool.budget().reserved()).isEqualTo(4 * KIB);
    }

    @Test
    void no_more_gives_way_than_has_to() {
        ByteBufferPool pool = open(settings(4 * KIB));
        Deque<PooledBuffer> small = new ArrayDeque<>();
        for (int i = 0; i < 64; i++) {
            small.add(pool.get(64));
        }
        small.forEach(PooledBuffer::close);
        pool.get(KIB).close();
        assertThat(ofClass(pool, 64).idleBytes()).isEqualTo(3 * KIB);
        assertThat(ofClass(pool, KIB).idleBytes()).isEqualTo(KIB);
    }

    @Test
    void the_class_that_was_allocated_longer_ago_gives_way_first() {
        ByteBufferPool pool = open(settings(3 * KIB));
        pool.get(KIB).close();
        pool.get(2 * KIB).close();
        pool.get(512).close();
        assertThat(ofClass(pool, KIB).idleBytes()).isZero();
        assertThat(ofClass(pool, 2 * KIB).idleBytes()).isEqualTo(2 * KIB);
    }

    @Test
    void the_class_that_was_not_used_again_gives_way_first() {
        ByteBufferPool pool = open(settings(3 * KIB));
        pool.get(KIB).close();
        pool.get(2 * KIB).close();
        pool.get(KIB).close();
        pool.get(512).close();
        assertThat(ofClass(pool, KIB).idleBytes()).isEqualTo(KIB);
        assertThat(ofClass(pool, 2 * KIB).idleBytes()).isZero();
    }

    @Test
    void idle_buffers_of_another_pool_give_way_the_least_recently_used_first() {
        MemoryBudget budget = MemoryBudget.of(4 * KIB);
        ByteBufferPool first = open(shared("first", budget));
        ByteBufferPool second = open(shared("second", budget));
        ByteBufferPool third = open(shared("third", budget));
        first.get(2 * KIB).close();
        second.get(2 * KIB).close();
        third.get(KIB).close();
        assertThat(first.stats().total().idleBytes()).isZero();
        assertThat(second.stats().total().idleBytes()).isEqualTo(2 * KIB);
        third.get(4 * KIB).close();
        assertThat(second.stats().total().idleBytes()).isZero();
        assertThat(third.stats().total().idleBytes()).isEqualTo(4 * KIB);
        assertThat(budget.reserved()).isEqualTo(4 * KIB);
    }

    @Test
    void who_waits_in_one_pool_is_served_by_what_is_released_into_another() throws Exception {
        MemoryBudget budget = MemoryBudget.of(4 * KIB);
        ByteBufferPool first = open(shared("first", budget));
        ByteBufferPool second = open(shared("second", budget));
        PooledBuffer held = first.get(4 * KIB);
        FutureTask<Integer> waiter = inThreadGet(second, KIB, LONG);
        awaitWaiting(budget, 1);
        held.close();
        assertThat(waiter.get()).isEqualTo(KIB);
        assertThat(first.stats().total().idleBytes()).isZero();
    }

    @Test
    void who_does_not_wait_is_refused_while_others_wait_even_if_there_is_room() throws Exception {
        ByteBufferPool pool = open(settings(4 * KIB));
        PooledBuffer held = pool.get(2 * KIB);
        pool.get(64).close();
        FutureTask<Integer> waiter = inThreadGet(pool, 4 * KIB, LONG);
        awaitWaiting(pool.budget(), 1);
        assertThatThrownBy(() -> pool.get(64))
                .isInstanceOf(BudgetExhaustedException.class)
                .hasMessageContaining("1 callers wait");
        held.close();
        assertThat(waiter.get()).isEqualTo(4 * KIB);
        pool.get(64).close();
    }

    /** A waiter that was served, and what it got. */
    private record Served(int number, PooledBuffer buffer) {}

    @Test
    void waiters_are_served_one_by_one_in_the_order_in_which_they_came() throws Exception {
        int holders = 4;
        ByteBufferPool pool = open(settings((long) holders * KIB));
        Deque<PooledBuffer> held = new ArrayDeque<>();
        for (int i = 0; i < holders; i++) {
            held.add(pool.get(KIB));
        }
        BlockingQueue<Served> served = new LinkedBlockingQueue<>();
        List<FutureTask<Boolean>> waiters = new ArrayList<>();
        for (int i = 0; i < WAITERS; i++) {
            int number = i;
            waiters.add(inThread(() -> served.add(new Served(number, pool.get(KIB, LONG)))));
            awaitWaiting(pool.budget(), i + 1);
        }
        for (int i = 0; i < WAITERS; i++) {
            held.remove().close();
            Served next = served.poll(10, TimeUnit.SECONDS);
            assertThat(next).as("waiter %s is served", i).isNotNull();
            assertThat(next.number()).isEqualTo(i);
            held.add(next.buffer());
        }
        for (FutureTask<Boolean> waiter : waiters) {
            assertThat(waiter.get()).isTrue();
        }
        assertThat(pool.budget().waiting()).isZero();
        assertThat(pool.stats().total().waits()).isEqualTo(WAITERS);
        held.forEach(PooledBuffer::close);
    }

    @Test
    void waiters_of_many_sizes_are_served_in_order_while_all_holders_release_at_once() throws Exception {
        int holders = 4;
        ByteBufferPool pool = open(settings((long) holders * KIB));
        List<PooledBuffer> held = new ArrayList<>();
        for (int i = 0; i < holders; i++) {
            held.add(pool.get(KIB));
        }
        List<Integer> order = new CopyOnWriteArrayList<>();
        List<FutureTask<Boolean>> waiters = new ArrayList<>();
        for (int i = 0; i < WAITERS; i++) {
            int number = i;
            waiters.add(inThread(() -> {
                // At most so many have theirs at a time.
                try (PooledBuffer taken = pool.get(KIB - number % 2, LONG)) {
                    return order.add(number) && taken.buffer().limit() > 0;
                }
            }));
            awaitWaiting(pool.budget(), i + 1);
        }
        CountDownLatch now = new CountDownLatch(1);
        for (PooledBuffer one : held) {
            waiters.add(inThread(() -> {
                now.await();
                one.close();
                return true;
            }));
        }
        now.countDown();
        for (FutureTask<Boolean> waiter : waiters) {
            assertThat(waiter.get(10, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(order).hasSize(WAITERS);
        for (int place = 0; place < WAITERS; place++) {
            // Those who were served before and hold theirs yet may not have said so.
            assertThat(order.get(place)).isLessThan(place + holders);
        }
    }

    @Test
    void an_interrupted_waiter_leaves_and_those_behind_it_are_served() throws Exception {
        requireServedAfter(LONG, true);
    }

    @Test
    void a_waiter_that_times_out_leaves_and_those_behind_it_are_served() throws Exception {
        requireServedAfter(Duration.ofMillis(300), false);
    }

    /** The first wants more than there is; the one behind, who would fit, is served when the first has left: nothing is released. */
    private void requireServedAfter(Duration timeoutOfFirst, boolean interrupt) throws Exception {
        ByteBufferPool pool = open(settings(4 * KIB));
        try (PooledBuffer held = pool.get(KIB)) {
            assertThat(held.buffer().limit()).isEqualTo(KIB);
            FutureTask<Integer> first = new FutureTask<>(() -> {
                try (PooledBuffer taken = pool.get(4 * KIB, timeoutOfFirst)) {
                    return taken.buffer().limit();
                }
            });
            Thread thread = new Thread(first, "first");
            thread.start();
            awaitWaiting(pool.budget(), 1);
            FutureTask<Integer> second = inThreadGet(pool, KIB, LONG);
            FutureTask<Integer> third = inThreadGet(pool, KIB, LONG);
            if (interrupt) {
                awaitWaiting(pool.budget(), 3);
                thread.interrupt();
            }
            assertThatThrownBy(first::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(interrupt ? InterruptedException.class : BudgetExhaustedException.class);
            assertThat(second.get(10, TimeUnit.SECONDS)).isEqualTo(KIB);
            assertThat(third.get(10, TimeUnit.SECONDS)).isEqualTo(KIB);
        }
        assertThat(pool.budget().waiting()).isZero();
        // Lent at once again.
        pool.get(64).close();
    }

    @Test
    void a_waiter_in_the_midst_that_leaves_takes_no_turn() throws Exception {
        ByteBufferPool pool = open(settings(KIB));
        PooledBuffer held = pool.get(KIB);
        FutureTask<Integer> first = inThreadGet(pool, KIB, LONG);
        awaitWaiting(pool.budget(), 1);
        FutureTask<Integer> second = inThreadGet(pool, KIB, SHORT);
        assertThatThrownBy(second::get).hasCauseInstanceOf(BudgetExhaustedException.class);
        FutureTask<Integer> third = inThreadGet(pool, KIB, LONG);
        awaitWaiting(pool.budget(), 2);
        held.close();
        assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo(KIB);
        assertThat(third.get(10, TimeUnit.SECONDS)).isEqualTo(KIB);
    }

    @Test
    void a_caller_that_is_interrupted_already_gets_what_is_idle_but_does_not_wait() throws Exception {
        ByteBufferPool pool = open(settings(KIB));
        pool.get(KIB).close();
        FutureTask<Boolean> caller = inThread(() -> {
            Thread.currentThread().interrupt();
            try (PooledBuffer idle = pool.get(KIB, LONG)) {
                assertThat(idle.buffer().limit()).isEqualTo(KIB);
                assertThatThrownBy(() -> pool.get(KIB, LONG)).isInstanceOf(InterruptedException.class);
            }
            return true;
        });
        assertThat(caller.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(pool.budget().waiting()).isZero();
    }

    @Test
    void a_close_ends_the_waiting_of_its_callers() throws Exception {
        ByteBufferPool pool = open(settings(KIB));
        try (PooledBuffer held = pool.get(KIB)) {
            FutureTask<Integer> first = inThreadGet(pool, KIB, LONG);
            awaitWaiting(pool.budget(), 1);
            FutureTask<Integer> second = inThreadGet(pool, 64, LONG);
            awaitWaiting(pool.budget(), 2);
            pool.close();
            for (FutureTask<Integer> waiter : List.of(first, second)) {
                assertThatThrownBy(() -> waiter.get(10, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(PoolClosedException.class);
            }
            assertThat(held.buffer().limit()).isEqualTo(KIB);
        }
        assertThat(pool.budget().waiting()).isZero();
    }

    @Test
    void a_closed_pool_says_so_while_others_wait() throws Exception {
        MemoryBudget budget = MemoryBudget.of(KIB);
        ByteBufferPool closed = open(shared("closed", budget));
        ByteBufferPool other = open(shared("other", budget));
        PooledBuffer held = other.get(KIB);
        FutureTask<Integer> waiter = inThreadGet(other, KIB, LONG);
        awaitWaiting(budget, 1);
        closed.close();
        Throwable refusal = catchThrowable(() -> closed.get(64));
        held.close();
        assertThat(waiter.get(10, TimeUnit.SECONDS)).isEqualTo(KIB);
        assertThat(refusal).isInstanceOf(PoolClosedException.class);
    }

    @Test
    void a_pool_that_was_closed_while_others_waited_lends_nothing_after() throws Exception {
        MemoryBudget budget = MemoryBudget.of(KIB);
        ByteBufferPool closed = open(shared("closed", budget));
        ByteBufferPool other = open(shared("other", budget));
        PooledBuffer held = other.get(KIB);
        FutureTask<Integer> waiter = inThreadGet(other, KIB, LONG);
        awaitWaiting(budget, 1);
        closed.close();
        held.close();
        assertThat(waiter.get(10, TimeUnit.SECONDS)).isEqualTo(KIB);
        assertThatThrownBy(() -> closed.get(64).close()).isInstanceOf(PoolClosedException.class);
    }

    @Test
    void what_stays_idle_is_never_more_than_may_be_whatever_is_taken_and_released() {
        int most = 256 * KIB;
        ByteBufferPool pool = open(builder().heap().maxBytes(64 * MIB).maxRetained(most));
        SplittableRandom random = new SplittableRandom(7);
        List<PooledBuffer> lent = new ArrayList<>();
        for (int step = 0; step < 10_000; step++) {
            int dice = random.nextInt(100);
            // Mostly few are lent, and at times many.
            int aim = step / 500 % 2 == 0 ? 40 : 4;
            if (dice == 0) {
                pool.trim();
            } else if (lent.isEmpty() || (lent.size() < aim && dice < 60)) {
                lent.add(pool.get(random.nextInt(1 << (6 + random.nextInt(12)))));
            } else {
                lent.remove(random.nextInt(lent.size())).close();
                assertThat(pool.stats().total().idleBytes())
                        .as("idle after step %s", step)
                        .isLessThanOrEqualTo(most);
            }
        }
        lent.forEach(PooledBuffer::close);
        assertThat(pool.stats().total().idleBytes()).isLessThanOrEqualTo(most);
        assertThat(pool.budget().reserved()).isEqualTo(pool.stats().total().idleBytes());
    }

    @Test
    void what_becomes_idle_while_little_is_held_counts_when_more_is() {
        ByteBufferPool pool = open(builder().heap().maxBytes(MIB).maxRetained(KIB));
        PooledBuffer large = pool.get(KIB);
        // Beyond the bound, lent and idle together: from here on the pool counts.
        pool.get(64).close();
        pool.trim();
        // Within the bound: it does not.
        large.close();
        assertThat(pool.stats().total().idleBytes()).isEqualTo(KIB);
        pool.get(512).close();
        assertThat(pool.stats().total().idleBytes()).isLessThanOrEqualTo(KIB);
    }

    @Test
    void the_default_budget_of_direct_memory_is_below_the_jvms_limit() {
        ByteBufferPool pool = open(builder());
        assertThat(pool.budget().limit()).isPositive().isLessThan(DirectMemory.limit());
        assertThat(DirectMemory.limit()).isLessThanOrEqualTo(jvmsLimit());
        assertThat(open(builder().heap()).budget().limit())
                .isPositive()
                .isLessThan(Runtime.getRuntime().maxMemory());
    }

    /** What the JVM was told at its start. */
    private static long jvmsLimit() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.equals("-XX:MaxDirectMemorySize=1g"))
                .findAny()
                .map(flag -> 1L << 30)
                .orElse(Runtime.getRuntime().maxMemory());
    }

    /**
     * The budget asks a class for its last use under its lock, so who asks elsewhere must not wait for that lock: each would wait
     * for the other, if a buffer was lost just then.
     */
    @Test
    void to_ask_a_class_for_its_last_use_takes_no_lock_of_the_budget() throws Exception {
        ByteBufferPool pool = open(settings(KIB));
        SizeClass one = new SizeClass(pool, KIB, 0, Duration.ZERO);
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        PhantomReference<Object> lost = takeAndDrop(one, queue);
        await().pollInterval(Duration.ofMillis(20)).until(() -> {
            System.gc();
            return queue.poll() == lost;
        });
        List<FutureTask<Long>> asked = new ArrayList<>();
        Object end = pool.budget()
                .await(
                        () -> {
                            FutureTask<Long> asking = inThread(() -> one.buffers.lastUseNanos());
                            asked.add(asking);
                            try {
                                return asking.get(2, TimeUnit.SECONDS);
                            } catch (TimeoutException e) {
                                return "it waits for the lock";
                            } catch (InterruptedException | ExecutionException e) {
                                return e;
                            }
                        },
                        LONG);
        asked.get(0).get();
        assertThat(one.stats().unreachable()).isEqualTo(1);
        assertThat(end).isInstanceOf(Long.class);
    }

    private static PhantomReference<Object> takeAndDrop(SizeClass one, ReferenceQueue<Object> queue) {
        assertThat(one.pool.budget().tryReserve(KIB)).isTrue();
        ByteBuffer memory = one.allocate(KIB, 0).memory;
        return new PhantomReference<>(memory, queue);
    }
}
