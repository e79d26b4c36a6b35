package dev.hatch.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.hatch.pool.Pools.StringLease;
import dev.hatch.pool.Pools.WatchedQueue;
import dev.hatch.pool.Pools.WatchedWaiter;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** That no wake-up is lost and no hand-over goes astray: docs/design.md, "Waiting". */
public final class WaitStress {
    private WaitStress() {}

    /** "Announcing against freeing": the waiter finds the slot, or the releaser sees the waiter. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true", "true, true"},
            expect = ACCEPTABLE,
            desc = "one saw the other")
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = "it waits beside a free slot, and nobody knows")
    @State
    public static class AnnounceAgainstFree {
        private final Slot<String> slot = Slots.leased();
        private final WaitQueue queue = new WaitQueue(1);

        @Actor
        public void releaser(ZZ_Result r) {
            slot.free(slot.word());
            r.r1 = queue.needsAttention();
        }

        @Actor
        public void waiter(ZZ_Result r) {
            queue.announce();
            r.r2 = slot.claim(7);
        }
    }

    /** "Parking against waking", when a slot is freed: the waiter, which was woken before, finds it or is unparked. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true", "true, true"},
            expect = ACCEPTABLE,
            desc = "found or unparked")
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = "a lost wake-up")
    @State
    public static class ParkAgainstFree {
        private final Slot<String> slot = Slots.leased();
        private final WatchedWaiter waiter = WatchedWaiter.awake();

        @Actor
        public void waiter(ZZ_Result r) {
            waiter.sleepy();
            r.r1 = slot.claim(7);
        }

        @Actor
        public void releaser() {
            slot.free(slot.word());
            waiter.wake();
        }

        @Arbiter
        public void after(ZZ_Result r) {
            r.r2 = waiter.unparked;
        }
    }

    /** "Parking against waking", when a slot is handed over: the waiter, which was woken before, sees it or is unparked. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true", "true, true"},
            expect = ACCEPTABLE,
            desc = "seen or unparked")
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = "a lost wake-up")
    @State
    public static class ParkAgainstHandOver {
        private final Slot<String> slot = Slots.leased();
        private final WatchedWaiter waiter = WatchedWaiter.awake();

        @Actor
        public void waiter(ZZ_Result r) {
            waiter.sleepy();
            r.r1 = waiter.outcome() != null;
        }

        @Actor
        public void releaser() {
            slot.handOver(slot.word());
            waiter.end(slot);
            waiter.wake();
        }

        @Arbiter
        public void after(ZZ_Result r) {
            r.r2 = waiter.unparked;
        }
    }

    /** Both of these together, by the pool's own methods: a caller that waits gets what another returns. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "it got it")
    @Outcome(expect = FORBIDDEN, desc = "it got nothing, or slept though there was something")
    @State
    public static class AcquireAgainstReturn {
        private final WatchedQueue queue = new WatchedQueue();
        private final ResourcePool<String, StringLease> pool = Pools.open(new Pools.Counting(), queue);
        private final StringLease lease = pool.tryAcquire().orElseThrow();

        @Actor
        public void caller(ZZ_Result r) {
            r.r1 = Pools.acquire(pool).isOpen();
        }

        @Actor
        public void releaser() {
            lease.close();
        }

        @Arbiter
        public void after(ZZ_Result r) {
            r.r2 = queue.wasForgotten();
        }
    }

    /** "Leaving", and invariant 2: a head that leaves while a slot is handed to it has it or not, and if not, anybody may. */
    @JCStressTest
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "it has left, the slot is free")
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "it has the slot")
    @Outcome(id = "true, false", expect = FORBIDDEN, desc = "the slot is lost")
    @Outcome(id = "false, true", expect = FORBIDDEN, desc = "the slot has two owners")
    @State
    public static class LeaveAgainstHandOver {
        private final WatchedQueue queue = new WatchedQueue();
        private final ResourcePool<String, StringLease> pool = Pools.open(new Pools.Counting(), queue);
        private final StringLease lease = pool.tryAcquire().orElseThrow();
        private final Waiter head = queue.waiter(-2 * Turns.LONG_NANOS, Long.MAX_VALUE);

        public LeaveAgainstHandOver() {
            queue.announce();
            queue.join(head);
        }

        @Actor
        public void releaser() {
            lease.close();
        }

        @Actor
        public void head(ZZ_Result r) {
            r.r1 = queue.end(head, Waiter.End.LEFT);
            queue.leave();
        }

        @Arbiter
        public void after(ZZ_Result r) {
            r.r2 = pool.tryAcquire().isPresent();
        }
    }
}
