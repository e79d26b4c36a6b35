package dev.hatch.pool;

/** Faults that the checks of the engine must find, each as the smallest change to the real thing. */
final class PlantedFaults {
    private PlantedFaults() {}

    /** Whoever returns does not see that somebody waits. */
    static class LostWakeUp extends WaitQueue {
        LostWakeUp() {
            super(1 << 29);
        }

        @Override
        boolean needsAttention() {
            return false;
        }
    }

    /** A lease that does not know which lease it is: its second close returns what another has. */
    static final class DoubleReturn extends ThingLease {
        private final Slot<Thing> slot;

        DoubleReturn(Claim<Thing> claim) {
            super(claim);
            slot = (Slot<Thing>) claim;
        }

        @Override
        public void close() {
            long word = slot.word();
            if (Slot.code(word) == Slot.LEASED) {
                slot.pool.release(slot, word);
            }
        }
    }

    /** A creation that fails does not give up its place. */
    static final class LostPlace extends Ledger {
        @Override
        <R> boolean creationFailed(Slot<R> slot, long word) {
            failedCreations.increment();
            return true;
        }
    }
}
