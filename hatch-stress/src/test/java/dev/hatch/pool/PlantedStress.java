package dev.hatch.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Cases with a bug, so that it is known that jcstress sees one here. Each is the sound case of the same name, spoilt. */
public final class PlantedStress {
    private PlantedStress() {}

    /** The releaser writes a field after it has freed the slot. */
    @JCStressTest
    @Outcome(
            id = {"-1, -1", "7, 42"},
            expect = ACCEPTABLE,
            desc = "as if it were sound")
    @Outcome(expect = FORBIDDEN, desc = "the bug")
    @State
    public static class FreeAgainstClaim {
        private final Slot<String> slot = Slots.leased();

        @Actor
        public void releaser() {
            slot.barged = 7;
            slot.free(slot.word());
            slot.entry = new Entry<>(Slots.SECOND, 42, null);
        }

        @Actor
        public void claimer(II_Result r) {
            r.r1 = -1;
            r.r2 = -1;
            if (slot.claim()) {
                r.r1 = slot.barged;
                r.r2 = (int) slot.entry.validNanos;
            }
        }
    }
}
