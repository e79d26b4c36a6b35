package dev.hatch.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.L_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** The state word: who owns a slot, and what its owner sees. The invariants are those of docs/design.md, "The engine". */
public final class SlotStress {
    private SlotStress() {}

    /** Invariant 2: a slot has one owner, so of two callers that claim it one gets it. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true"},
            expect = ACCEPTABLE,
            desc = "one gets it")
    @Outcome(expect = FORBIDDEN, desc = "both, or none")
    @State
    public static class TwoClaims {
        private final Slot<String> slot = Slots.idle();

        @Actor
        public void one(ZZ_Result r) {
            r.r1 = slot.claim(7);
        }

        @Actor
        public void other(ZZ_Result r) {
            r.r2 = slot.claim(7);
        }
    }

    /** The same, if it is the home of one; and the slot says who it is. */
    @JCStressTest
    @Outcome(
            id = {"7, -1, 7", "-1, 9, 9"},
            expect = ACCEPTABLE,
            desc = "one gets it")
    @Outcome(expect = FORBIDDEN, desc = "both, or none, or it says another")
    @State
    public static class ClaimAtHomeAgainstClaim {
        private final Slot<String> slot = Slots.idle();

        {
            slot.home = 7;
        }

        @Actor
        public void atHome(III_Result r) {
            r.r1 = slot.claimAtHome(7) ? 7 : -1;
        }

        @Actor
        public void other(III_Result r) {
            r.r2 = slot.claim(9) ? 9 : -1;
        }

        @Arbiter
        public void after(III_Result r) {
            r.r3 = (int) slot.holder(slot.word());
        }
    }

    /** "Who has a lease": whoever has claimed at home is known, though the housekeeper makes it nobody's home meanwhile. */
    @JCStressTest
    @Outcome(
            id = {"true, 7", "false, 7"},
            expect = ACCEPTABLE,
            desc = "before or after")
    @Outcome(expect = FORBIDDEN, desc = "it is not known who has it")
    @State
    public static class ClaimAtHomeAgainstLeave {
        private final Slot<String> slot = Slots.idle();

        {
            slot.home = 7;
        }

        @Actor
        public void atHome(ZI_Result r) {
            r.r1 = slot.claimAtHome(7);
        }

        @Actor
        public void housekeeper() {
            slot.leaveHome();
        }

        @Arbiter
        public void after(ZI_Result r) {
            if (!r.r1) {
                slot.claim(7);
            }
            r.r2 = (int) slot.holder(slot.word());
        }
    }

    /** Invariant 2: the pool holds an idle slot to validate or to destroy its resource, or a caller claims it, not both. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true"},
            expect = ACCEPTABLE,
            desc = "one gets it")
    @Outcome(expect = FORBIDDEN, desc = "both, or none")
    @State
    public static class HoldAgainstClaim {
        private final Slot<String> slot = Slots.idle();
        private final long idle = slot.word();

        @Actor
        public void housekeeper(ZZ_Result r) {
            r.r1 = slot.hold(idle);
        }

        @Actor
        public void caller(ZZ_Result r) {
            r.r2 = slot.claim(7);
        }
    }

    /** Invariant 2: freeing publishes the plain fields, claiming reads them. */
    @JCStressTest
    @Outcome(id = "-1, -1", expect = ACCEPTABLE, desc = "not free yet")
    @Outcome(id = "7, 42", expect = ACCEPTABLE, desc = "what the releaser wrote")
    @Outcome(expect = FORBIDDEN, desc = "fields older than the state")
    @State
    public static class FreeAgainstClaim {
        private final Slot<String> slot = Slots.leased();

        @Actor
        public void releaser() {
            slot.barged = 7;
            slot.entry = new Entry<>(Slots.SECOND, "second", 42, null);
            slot.free(slot.word());
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

    /**
     * Invariant 1, and the fence in {@link Slot#resource}: a lease reads its own resource or nothing, while another thread
     * closes it, destroys its resource, fills the slot anew and lends that.
     */
    @JCStressTest
    @Outcome(id = Slots.FIRST, expect = ACCEPTABLE, desc = "before the close")
    @Outcome(id = "null", expect = ACCEPTABLE, desc = "after the close")
    @Outcome(expect = FORBIDDEN, desc = "the resource of another lease")
    @State
    public static class UseAgainstClose {
        private final Slot<String> slot = Slots.leased();
        private final long lease = slot.word();

        @Actor
        public void user(L_Result r) {
            r.r1 = String.valueOf(slot.resource(lease));
        }

        @Actor
        public void others() {
            slot.hold(lease);
            long held = slot.word();
            slot.entry = null;
            slot.vacate(held);
            Slots.refill(slot, Slots.SECOND);
            slot.free(slot.word());
            slot.claim(7);
        }
    }
}
