package dev.hatch.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.hatch.pool.Pools.WatchedWaiter;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.L_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;
import org.openjdk.jcstress.infra.results.Z_Result;

/** Cases with a bug, each a sound case with two steps in the wrong order: to know that it would be seen. */
public final class PlantedStress {
    private PlantedStress() {}

    /** {@link SlotStress.FreeAgainstClaim} with a releaser that writes a field after it has freed the slot. */
    @JCStressTest
    @Outcome(
            id = {"-1, -1", "7, 42"},
            expect = ACCEPTABLE,
            desc = "as if it were sound")
    @Outcome(expect = FORBIDDEN, desc = "fields older than the state")
    @State
    public static class FreeBeforeWrite {
        private final Slot<String> slot = Slots.leased();

        @Actor
        public void releaser() {
            slot.barged = 7;
            slot.free(slot.word());
            slot.entry = new Entry<>(Slots.SECOND, "second", 42, null);
        }

        @Actor
        public void claimer(II_Result r) {
            r.r1 = -1;
            r.r2 = -1;
            if (slot.claim(7)) {
                r.r1 = slot.barged;
                r.r2 = (int) slot.entry.validNanos;
            }
        }
    }

    /** {@link SlotStress.UseAgainstClose} with a lease that reads the state first and its resource then. */
    @JCStressTest
    @Outcome(
            id = {Slots.FIRST, "null"},
            expect = ACCEPTABLE,
            desc = "as if it were sound")
    @Outcome(expect = FORBIDDEN, desc = "the resource of another lease")
    @State
    public static class StateBeforeEntry {
        private final Slot<String> slot = Slots.leased();
        private final long lease = slot.word();

        @Actor
        public void user(L_Result r) {
            Entry<String> entry = slot.word() == lease ? slot.entry : null;
            r.r1 = entry == null ? "null" : entry.resource;
        }

        @Actor
        public void others() {
            slot.hold(lease);
            long held = slot.word();
            slot.entry = null;
            slot.vacate(held);
            Slots.refill(slot, Slots.SECOND);
        }
    }

    /** {@link WaitStress.AnnounceAgainstFree} with a releaser that reads the attention before it frees. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true", "true, true"},
            expect = ACCEPTABLE,
            desc = "as if it were sound")
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = "it waits beside a free slot, and nobody knows")
    @State
    public static class AttentionBeforeFree {
        private final Slot<String> slot = Slots.leased();
        private final WaitQueue queue = new WaitQueue(1);

        @Actor
        public void releaser(ZZ_Result r) {
            r.r1 = queue.needsAttention();
            slot.free(slot.word());
        }

        @Actor
        public void waiter(ZZ_Result r) {
            queue.announce();
            r.r2 = slot.claim(7);
        }
    }

    /** {@link WaitStress.ParkAgainstFree} with a waiter that looks before it says that it is about to sleep. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true", "true, true"},
            expect = ACCEPTABLE,
            desc = "as if it were sound")
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = "a lost wake-up")
    @State
    public static class LookBeforeSleepy {
        private final Slot<String> slot = Slots.leased();
        private final WatchedWaiter waiter = WatchedWaiter.awake();

        @Actor
        public void waiter(ZZ_Result r) {
            r.r1 = slot.claim(7);
            waiter.sleepy();
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

    /** {@link ShelfStress.ReturnAgainstReplacement} with an object that says that it is dropped after its place has gone to another. */
    @JCStressTest
    @Outcome(id = "true", expect = ACCEPTABLE, desc = "as if it were sound")
    @Outcome(id = "false", expect = FORBIDDEN, desc = "a second return that nobody is told of")
    @State
    public static class SaidAfterReplacement {
        private final Shelf<ShelfStress.Tile> shelf = new Shelf<>(0, 1);
        private final ShelfStress.Tile first = ShelfStress.settle(shelf);

        public SaidAfterReplacement() {
            shelf.putBack(first, 0);
        }

        @Actor
        public void user(Z_Result r) {
            r.r1 = shelf.putBack(first, 0) == Shelf.Return.TWICE;
        }

        @Actor
        public void upkeep() {
            shelf.take(-1);
            first.shelf = shelf;
            ShelfStress.settle(shelf);
            first.shelf = null;
        }
    }
}
