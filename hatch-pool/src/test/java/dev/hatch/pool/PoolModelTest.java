package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Lets Lincheck try the interleavings of claims, waits and returns. Every operation returns the same, so what is checked is
 * that none hangs, which a lost wake-up or a lost place would make it, and that none throws, as it does when two hold one
 * resource.
 */
final class PoolModelTest {
    /** The pool as it is: one resource, so that two of three threads wait. */
    public static class Sound {
        private final ResourcePool<Thing, ThingLease> pool = open(new ModelQueue());

        @Operation
        public boolean use() throws InterruptedException {
            ThingLease lease = pool.acquire(Duration.ofDays(1));
            hold(lease);
            lease.close();
            return true;
        }

        @Operation
        public boolean useIfFree() throws InterruptedException {
            try (ThingLease lease = pool.acquire(Duration.ZERO)) {
                hold(lease);
            } catch (AcquireTimeoutException e) {
                // Somebody else has it.
            }
            return true;
        }

        @Operation
        public boolean closeTwice() throws InterruptedException {
            ThingLease lease = pool.acquire(Duration.ofDays(1));
            hold(lease);
            lease.close();
            lease.close();
            return true;
        }
    }

    /** Whoever returns does not see that somebody waits. */
    public static class LostWakeUp {
        private final ResourcePool<Thing, ThingLease> pool = open(new ModelQueue() {
            @Override
            boolean needsAttention() {
                return false;
            }
        });

        @Operation
        public boolean use() throws InterruptedException {
            ThingLease lease = pool.acquire(Duration.ofDays(1));
            lease.close();
            return true;
        }
    }

    /** A waiter that was woken once counts as awake for ever, also when somebody else was quicker and it sleeps again. */
    public static class AwakeForEver {
        private final ResourcePool<Thing, ThingLease> pool = open(new ModelQueue() {
            @Override
            Waiter waiter(long sinceNanos, long deadlineNanos) {
                return new ModelWaiter(sinceNanos, deadlineNanos) {
                    @Override
                    void sleepy() {}
                };
            }
        });

        @Operation
        public boolean use() throws InterruptedException {
            ThingLease lease = pool.acquire(Duration.ofDays(1));
            lease.close();
            return true;
        }
    }

    /**
     * Lincheck lets every park return for no reason, which would hide a lost wake-up. It knows monitors better: whoever
     * waits on one and is never notified is a deadlock.
     */
    private static class ModelQueue extends WaitQueue {
        ModelQueue() {
            super(1 << 29);
        }

        @Override
        Waiter waiter(long sinceNanos, long deadlineNanos) {
            return new ModelWaiter(sinceNanos, deadlineNanos);
        }
    }

    private static class ModelWaiter extends Waiter {
        private boolean permit;

        ModelWaiter(long sinceNanos, long deadlineNanos) {
            super(sinceNanos, deadlineNanos);
        }

        @Override
        void park(boolean isFar, long nanos) {
            try {
                synchronized (this) {
                    while (!permit) {
                        wait();
                    }
                    permit = false;
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        void unpark() {
            synchronized (this) {
                permit = true;
                notifyAll();
            }
        }
    }

    private static void hold(ThingLease lease) {
        Thing thing = lease.thing();
        if (thing.holders.incrementAndGet() != 1) {
            throw new IllegalStateException("two hold " + thing);
        }
        thing.holders.decrementAndGet();
    }

    private static ResourcePool<Thing, ThingLease> open(WaitQueue queue) {
        ResourcePoolBuilder<Thing, ThingLease> settings =
                ResourcePool.builder(new FakeLifecycle(), ThingLease::new).maxSize(1);
        settings.clock = () -> 0;
        settings.housekeeping = false;
        settings.queue = queue;
        ResourcePool<Thing, ThingLease> pool = settings.build();
        pool.add(new Thing(1));
        return pool;
    }

    private static void check(Class<?> model, int scenarios, int invocations) {
        new ModelCheckingOptions()
                .threads(3)
                .actorsPerThread(2)
                .actorsBefore(0)
                .actorsAfter(0)
                .iterations(scenarios)
                .invocationsPerIteration(invocations)
                .check(model);
    }

    @Test
    void no_interleaving_hangs_or_shares_a_resource() {
        check(Sound.class, 8, 300);
    }

    @Test
    @Tag("full")
    void no_interleaving_hangs_or_shares_a_resource_in_a_long_run() {
        check(Sound.class, 100, 10_000);
    }

    @Test
    void a_lost_wake_up_is_found() {
        assertThatThrownBy(() -> check(LostWakeUp.class, 10, 500)).isInstanceOf(AssertionError.class);
    }

    @Test
    void a_waiter_that_is_believed_awake_is_found() {
        assertThatThrownBy(() -> check(AwakeForEver.class, 10, 1_000)).isInstanceOf(AssertionError.class);
    }
}
