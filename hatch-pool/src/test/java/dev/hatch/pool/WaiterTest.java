package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WaiterTest {
    @ParameterizedTest
    @CsvSource({"true, WAITING", "false, TIMED_WAITING"})
    void a_parked_waiter_sleeps_until_it_is_woken(boolean isFar, Thread.State state) throws Exception {
        AtomicReference<Waiter> parked = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            Waiter waiter = new Waiter(0, 0);
            parked.set(waiter);
            waiter.park(isFar, TimeUnit.DAYS.toNanos(1));
        });
        thread.start();
        await().until(() -> thread.getState() == state);
        Waiter waiter = parked.get();
        waiter.wakeIfFar();
        if (!isFar) {
            assertThat(thread.getState()).isEqualTo(state);
            waiter.wake();
        }
        thread.join();
    }

    @Test
    void a_waiter_that_is_awake_is_not_unparked_again() {
        Waiter waiter = new Waiter(0, 0) {
            private int unparked;

            @Override
            void unpark() {
                unparked++;
                assertThat(unparked).isLessThanOrEqualTo(2);
            }

            @Override
            public String toString() {
                return "unparked " + unparked + " times";
            }
        };
        waiter.wake();
        waiter.wake();
        assertThat(waiter).hasToString("unparked 1 times");
        waiter.sleepy();
        waiter.wake();
        assertThat(waiter).hasToString("unparked 2 times");
    }
}
