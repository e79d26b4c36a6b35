package dev.hatch.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;
import org.openjdk.jcstress.infra.results.Z_Result;

/**
 * The housekeeper, who gives up a call past its limit, against the worker, who ends it just then: invariant 4 of
 * docs/design.md, "The engine", that one of them settles the slot, and invariant 3, that the counts balance.
 */
public final class LedgerStress {
    private LedgerStress() {}

    /** A slot with its accounts. */
    public static class Accounts {
        final Ledger ledger = new Ledger();
        final Places<String> places = new Places<>(null, 1);
        final Slot<String> slot = places.all()[0];
        final long filling = Slot.next(slot.word(), Slot.FILLING);

        Accounts() {
            slot.fill(slot.word());
        }

        final void fill() {
            ledger.filled(slot, filling);
            slot.entry = new Entry<>(Slots.FIRST, "first", 0, null);
        }

        final boolean balance() {
            PoolStats stats = ledger.stats(places, 0);
            return stats.created() == stats.idle() + stats.leased() + stats.destroyed() + stats.setAside()
                    && stats.creating() == 0;
        }
    }

    /** A creation comes through, or its place is given up and what it brings is destroyed. */
    @JCStressTest
    @Outcome(
            id = {"true, false, true", "false, true, true"},
            expect = ACCEPTABLE,
            desc = "one of them settles it")
    @Outcome(expect = FORBIDDEN, desc = "both, none, or a wrong count")
    @State
    public static class SetAsideAgainstFilled extends Accounts {
        @Actor
        public void housekeeper(ZZZ_Result r) {
            r.r1 = ledger.setAside(slot, filling);
        }

        @Actor
        public void worker(ZZZ_Result r) {
            r.r2 = ledger.filled(slot, filling);
        }

        @Arbiter
        public void after(ZZZ_Result r) {
            r.r3 = balance();
        }
    }

    /** A validation comes through, or its resource is set aside and destroyed when it does. */
    @JCStressTest
    @Outcome(
            id = {"true, false, true", "false, true, true"},
            expect = ACCEPTABLE,
            desc = "one of them settles it")
    @Outcome(expect = FORBIDDEN, desc = "both, none, or a wrong count")
    @State
    public static class SetAsideAgainstUnhold extends Accounts {
        private final long held;

        public SetAsideAgainstUnhold() {
            fill();
            slot.hold(slot.word());
            held = slot.word();
        }

        @Actor
        public void housekeeper(ZZZ_Result r) {
            r.r1 = ledger.setAside(slot, held);
        }

        @Actor
        public void worker(ZZZ_Result r) {
            r.r2 = slot.unhold(held);
            if (r.r2) {
                slot.free(Slot.next(held, Slot.LEASED));
            } else {
                ledger.vacate(slot, held, DestroyReason.INVALID);
            }
        }

        @Arbiter
        public void after(ZZZ_Result r) {
            r.r3 = balance();
        }
    }

    /** A resource that failed is given up in time, or set aside and then given up: it counts once either way. */
    @JCStressTest
    @Outcome(
            id = {"true, false, true", "false, true, true"},
            expect = ACCEPTABLE,
            desc = "one of them settles it")
    @Outcome(expect = FORBIDDEN, desc = "both, none, or a wrong count")
    @State
    public static class SetAsideAgainstVacate extends Accounts {
        private final long held;

        public SetAsideAgainstVacate() {
            fill();
            slot.hold(slot.word());
            held = slot.word();
        }

        @Actor
        public void housekeeper(ZZZ_Result r) {
            r.r1 = ledger.setAside(slot, held);
        }

        @Actor
        public void worker(ZZZ_Result r) {
            r.r2 = ledger.vacate(slot, held, DestroyReason.INVALID);
        }

        @Arbiter
        public void after(ZZZ_Result r) {
            r.r3 = balance();
        }
    }

    /** Invariant 3, "at every instant": whoever asks in the middle sees counts that balance. */
    @JCStressTest
    @Outcome(id = "true", expect = ACCEPTABLE, desc = "they balance")
    @Outcome(expect = FORBIDDEN, desc = "they do not")
    @State
    public static class StatsAgainstVacate extends Accounts {
        private final long held;

        public StatsAgainstVacate() {
            fill();
            slot.hold(slot.word());
            held = slot.word();
        }

        @Actor
        public void worker() {
            ledger.vacate(slot, held, DestroyReason.INVALID);
        }

        @Actor
        public void reader(Z_Result r) {
            r.r1 = balance();
        }
    }
}
