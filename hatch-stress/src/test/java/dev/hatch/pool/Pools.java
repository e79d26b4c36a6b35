package dev.hatch.pool;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Pools of one resource without a housekeeper, in which time stands still. */
final class Pools {
    private Pools() {}

    static final class StringLease extends Lease<String> {
        StringLease(Claim<String> claim) {
            super(claim);
        }
    }

    /** Counts what it destroys. Nothing needs to be created: {@link #open} adds the one resource. */
    static final class Counting implements ResourceLifecycle<String> {
        final AtomicInteger destroyed = new AtomicInteger();

        @Override
        public String create() {
            throw new AssertionError("nothing should be created");
        }

        @Override
        public void destroy(String resource) {
            destroyed.incrementAndGet();
        }
    }

    /** Makes waiters that say how they parked. */
    static final class WatchedQueue extends WaitQueue {
        volatile WatchedWaiter last;

        WatchedQueue() {
            super(1 << 29);
        }

        @Override
        Waiter waiter(long sinceNanos, long deadlineNanos) {
            last = new WatchedWaiter(sinceNanos, deadlineNanos);
            return last;
        }

        /** Whether the last waiter slept on and was not woken. To be asked when all who could have woken it are done. */
        boolean wasForgotten() {
            WatchedWaiter waiter = last;
            return waiter != null && waiter.overslept && !waiter.unparked;
        }
    }

    /** Sleeps until it is unparked, but not for ever, so that a lost wake-up hangs no run. */
    static final class WatchedWaiter extends Waiter {
        private static final long LONGEST_NANOS = 1_000_000_000;

        volatile boolean overslept;
        volatile boolean unparked;

        WatchedWaiter(long sinceNanos, long deadlineNanos) {
            super(sinceNanos, deadlineNanos);
        }

        /** Of the current thread, woken before and believed to be awake still. */
        static WatchedWaiter awake() {
            WatchedWaiter waiter = new WatchedWaiter(0, Long.MAX_VALUE);
            waiter.wake();
            waiter.unparked = false;
            return waiter;
        }

        @Override
        void park(boolean isFar, long nanos) {
            long start = System.nanoTime();
            while (!unparked && System.nanoTime() - start < LONGEST_NANOS) {
                super.park(false, LONGEST_NANOS);
            }
            overslept = !unparked;
        }

        @Override
        void unpark() {
            unparked = true;
            super.unpark();
        }
    }

    /** As {@link ResourcePool#acquire(Duration)}, waiting for ever. Actors may throw nothing checked. */
    static StringLease acquire(ResourcePool<String, StringLease> pool) {
        try {
            return pool.acquire(Duration.ofDays(1));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static ResourcePool<String, StringLease> open(ResourceLifecycle<String> lifecycle, WaitQueue queue) {
        // A limit that is over at once: close() does not wait for a destruction.
        ResourcePoolBuilder<String, StringLease> settings =
                ResourcePool.builder(lifecycle, StringLease::new).maxSize(1).destroyLimit(Duration.ofNanos(1));
        settings.clock = () -> 0;
        settings.housekeeping = false;
        // Millions of pools: threads that idle for a while would fill the machine.
        settings.workers = Runnable::run;
        settings.queue = queue;
        ResourcePool<String, StringLease> pool = settings.build();
        pool.add(Slots.FIRST);
        return pool;
    }
}
