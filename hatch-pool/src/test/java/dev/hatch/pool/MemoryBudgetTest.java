package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final MemoryBudget budget = MemoryBudget.of(100);

    /** Has some idle bytes, all of one age. */
    private final class Idler implements MemoryBudget.Member {
        private final long usedNanos;
        private long idle;
        private volatile boolean waiting;

        Idler(long usedNanos, long idle) {
            this.usedNanos = usedNanos;
            this.idle = idle;
            assertThat(budget.tryReserve(idle)).isTrue();
            budget.join(this);
        }

        @Override
        public long idleBytes() {
            return idle;
        }

        @Override
        public @Nullable Long leastRecentUse() {
            return idle == 0 ? null : usedNanos;
        }

        @Override
        public void giveWay(long bytes) {
            long given = Math.min(bytes, idle);
            idle -= given;
            budget.release(given);
        }

        @Override
        public void waiting(boolean somebody) {
            waiting = somebody;
        }
    }

    @Test
    void what_fits_is_reserved_and_what_does_not_is_not() {
        assertThat(budget.tryReserve(60)).isTrue();
        assertThat(budget.tryReserve(41)).isFalse();
        assertThat(budget.tryReserve(40)).isTrue();
        assertThat(budget.tryReserve(0)).isTrue();
        assertThat(budget.reserved()).isEqualTo(100);
        budget.release(100);
        assertThat(budget).hasToString("MemoryBudget[0 of 100 bytes reserved, 0 waiting]");
    }

    @Test
    void numbers_that_make_no_sense_are_refused_and_change_nothing() {
        assertThatThrownBy(() -> MemoryBudget.of(0)).hasMessageContaining("not 0");
        assertThatThrownBy(() -> budget.tryReserve(-1)).hasMessageContaining("not -1");
        assertThatThrownBy(() -> budget.release(1)).hasMessage("1 bytes cannot be released of 0 that are reserved");
        assertThatThrownBy(() -> budget.release(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(budget.reserved()).isZero();
    }

    @Test
    void idle_memory_gives_way_the_least_recently_used_first() {
        // Instants of a clock that is about to overflow.
        Idler young = new Idler(Long.MIN_VALUE + 5, 30);
        Idler old = new Idler(Long.MAX_VALUE - 5, 40);
        assertThat(budget.tryReserve(20)).isTrue();

        assertThat(budget.tryReserve(20)).isTrue();
        assertThat(old.idle).isEqualTo(30);
        assertThat(budget.tryReserve(40)).isTrue();
        assertThat(old.idle).isZero();
        assertThat(young.idle).isEqualTo(20);
    }

    @Test
    void nothing_gives_way_to_what_will_not_fit_all_the_same() {
        Idler idler = new Idler(0, 40);
        assertThat(budget.tryReserve(60)).isTrue();

        assertThat(budget.tryReserve(41)).isFalse();
        assertThat(idler.idle).isEqualTo(40);
    }

    @Test
    void who_has_left_does_not_give_way() {
        Idler idler = new Idler(0, 100);
        budget.leave(idler);

        assertThat(budget.tryReserve(1)).isFalse();
    }

    @Test
    void who_leaves_while_somebody_waits_is_told_that_nobody_does() throws Exception {
        Idler idler = new Idler(0, 0);
        budget.tryReserve(100);
        Thread waiter = new Thread(() -> reserve(10));
        waiter.start();
        await().until(() -> budget.waiting() == 1);
        assertThat(idler.waiting).isTrue();

        budget.leave(idler);
        assertThat(idler.waiting).isFalse();
        budget.release(100);
        waiter.join();
    }

    @Test
    void a_member_that_gives_nothing_ends_the_attempt() {
        budget.tryReserve(100);
        budget.join(new MemoryBudget.Member() {
            @Override
            public long idleBytes() {
                return 100;
            }

            @Override
            public Long leastRecentUse() {
                return 0L;
            }

            @Override
            public void giveWay(long bytes) {
                // Others were quicker, it says.
            }

            @Override
            public void waiting(boolean somebody) {
                // Whatever.
            }
        });
        assertThat(budget.tryReserve(1)).isFalse();
    }

    @Test
    void those_who_wait_are_served_in_order_and_nobody_before_them() throws Exception {
        Idler idler = new Idler(0, 0);
        assertThat(budget.tryReserve(100)).isTrue();
        List<Integer> served = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int number = i;
            // The first wants most.
            Thread thread = new Thread(() -> {
                if (reserve(50 - 10 * number)) {
                    served.add(number);
                }
            });
            thread.start();
            threads.add(thread);
            await().until(() -> budget.waiting() == number + 1);
        }
        assertThat(idler.waiting).isTrue();
        budget.release(40);
        assertThat(budget.tryReserve(1)).as("past those who wait").isFalse();
        budget.release(10);
        await().until(() -> budget.waiting() == 4);
        budget.release(50);
        await().until(() -> budget.waiting() == 3);
        budget.release(50);
        for (Thread thread : threads.subList(0, 3)) {
            thread.join();
        }
        budget.release(40);
        threads.get(3).join();
        threads.get(4).join();
        assertThat(served).hasSize(5).startsWith(0, 1);
        assertThat(idler.waiting).isFalse();
    }

    private boolean reserve(long bytes) {
        try {
            return budget.tryReserve(bytes, LONG);
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Test
    void who_gives_up_or_is_interrupted_lets_the_next_have_his_turn() throws Exception {
        budget.tryReserve(100);
        CountDownLatch interrupted = new CountDownLatch(1);
        Thread first = new Thread(() -> {
            if (!reserve(100)) {
                interrupted.countDown();
            }
        });
        first.start();
        await().until(() -> budget.waiting() == 1);
        AtomicReference<@Nullable Boolean> got = new AtomicReference<>();
        Thread second = new Thread(() -> got.set(reserve(10)));
        second.start();
        await().until(() -> budget.waiting() == 2);
        budget.release(10);
        first.interrupt();
        interrupted.await();
        second.join();

        assertThat(got.get()).isTrue();
        assertThat(budget.tryReserve(1, Duration.ofMillis(1))).isFalse();
        assertThat(budget.tryReserve(101, LONG))
                .as("for more than the limit nobody waits")
                .isFalse();
        assertThat(budget.waiting()).isZero();
    }

    @Test
    void a_time_beyond_what_a_long_can_say_is_for_ever() throws Exception {
        budget.tryReserve(100);
        AtomicReference<@Nullable Boolean> got = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                got.set(budget.tryReserve(10, Duration.ofSeconds(Long.MAX_VALUE)));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        thread.start();
        await().until(() -> budget.waiting() == 1);
        budget.release(10);
        thread.join();
        assertThat(got.get()).isTrue();
    }

    @Test
    void an_attempt_that_throws_leaves_the_queue() {
        assertThatThrownBy(() -> budget.await(
                        () -> {
                            throw new IllegalStateException("broken");
                        },
                        LONG))
                .hasMessage("broken");
        assertThat(budget.waiting()).isZero();
        assertThat(budget.tryReserve(100)).isTrue();
    }
}
