package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class WaitQueueTest {
    private final WaitQueue queue = new WaitQueue(1_000);

    /** Counts its unparks in place of them. */
    private static final class CountedWaiter extends Waiter {
        int unparks;

        CountedWaiter() {
            super(0, Long.MAX_VALUE);
        }

        @Override
        void unpark() {
            unparks++;
        }
    }

    private CountedWaiter join() {
        CountedWaiter waiter = new CountedWaiter();
        assertThat(queue.announce()).isTrue();
        queue.join(waiter);
        return waiter;
    }

    private void leave(Waiter waiter) {
        queue.end(waiter, Waiter.End.LEFT);
        queue.leave();
    }

    @Test
    void a_release_has_nothing_to_look_at_unless_somebody_waits_or_the_queue_is_closed() {
        assertThat(queue.needsAttention()).isFalse();
        Waiter waiter = join();
        assertThat(queue.needsAttention()).isTrue();
        leave(waiter);
        assertThat(queue.needsAttention()).isFalse();
        queue.close();
        assertThat(queue.needsAttention()).isTrue();
    }

    @Test
    void as_many_are_admitted_as_may_wait() {
        WaitQueue two = new WaitQueue(2);
        assertThat(two.announce()).isTrue();
        assertThat(two.announce()).isTrue();
        assertThat(two.announce()).isFalse();
        assertThat(two.waiting()).isEqualTo(2);
        two.end(two.waiter(0, 0), Waiter.End.LEFT);
        assertThat(two.announce()).isTrue();
    }

    @Test
    void a_closed_queue_admits_nobody_and_still_counts_who_waits() {
        Waiter waiter = join();
        assertThat(queue.isClosed()).isFalse();
        assertThat(queue.close()).isTrue();
        assertThat(queue.close()).isFalse();
        assertThat(queue.isClosed()).isTrue();
        assertThat(queue.announce()).isFalse();
        assertThat(queue.waiting()).isEqualTo(1);
        leave(waiter);
        assertThat(queue.waiting()).isZero();
        assertThat(queue.isClosed()).isTrue();
    }

    @Test
    void the_head_is_who_came_first_of_those_who_still_wait() {
        assertThat(queue.head()).isNull();
        Waiter first = join();
        Waiter second = join();
        Waiter third = join();
        assertThat(queue.head()).isSameAs(first);
        leave(second);
        assertThat(queue.head()).isSameAs(first);
        leave(first);
        assertThat(queue.head()).isSameAs(third);
        leave(third);
        assertThat(queue.head()).isNull();
    }

    @Test
    void those_who_left_from_the_middle_do_not_pile_up_behind_a_head_that_stays() {
        Waiter head = join();
        for (int i = 0; i < 1_000; i++) {
            leave(join());
        }
        assertThat(queue.waiters()).hasSizeLessThan(100).contains(head);
        assertThat(queue.head()).isSameAs(head);
    }

    @Test
    void who_left_at_the_head_does_not_count_as_one_to_sweep() {
        Waiter stays = join();
        for (int i = 0; i < 64; i++) {
            leave(join());
        }
        assertThat(queue.waiters()).hasSize(65);
        leave(stays);
        assertThat(queue.head()).isNull();
        assertThat(queue.waiters()).isEmpty();
    }

    @Test
    void all_who_wait_are_failed_and_woken_but_those_whose_wait_has_ended() {
        CountedWaiter one = join();
        CountedWaiter gone = join();
        CountedWaiter other = join();
        leave(gone);
        queue.failAll();
        assertThat(one.outcome()).isSameAs(Waiter.End.CLOSED);
        assertThat(other.outcome()).isSameAs(Waiter.End.CLOSED);
        assertThat(gone.outcome()).isSameAs(Waiter.End.LEFT);
        assertThat(one.unparks + other.unparks).isEqualTo(2);
        assertThat(gone.unparks).isZero();
    }

    @Test
    void a_wait_ends_once() {
        Waiter waiter = join();
        assertThat(waiter.outcome()).isNull();
        assertThat(queue.end(waiter, Waiter.End.HELPED_ITSELF)).isTrue();
        assertThat(queue.end(waiter, Waiter.End.LEFT)).isFalse();
        assertThat(waiter.outcome()).isSameAs(Waiter.End.HELPED_ITSELF);
    }

    @Test
    void who_is_awake_is_not_woken_again_before_it_says_that_it_will_sleep() {
        CountedWaiter waiter = join();
        waiter.wake();
        waiter.wake();
        assertThat(waiter.unparks).isEqualTo(1);
        waiter.sleepy();
        waiter.wake();
        assertThat(waiter.unparks).isEqualTo(2);
    }
}
