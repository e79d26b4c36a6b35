package dev.hatch.pool;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * The counts. Those of resources change together with the slot's state, under the ledger's monitor, so that
 * {@link ResourcePool#stats} always balances; no foreign code runs under it. Those of callers are adders of the slow path.
 */
class Ledger {
    final LongAdder waits = new LongAdder();
    final LongAdder waitNanos = new LongAdder();
    final LongAdder timeouts = new LongAdder();
    final LongAdder refusals = new LongAdder();
    final LongAdder failedCreations = new LongAdder();
    final LongAdder deadlocks = new LongAdder();

    private final Map<DestroyReason, Long> destroyed = new EnumMap<>(DestroyReason.class);
    private long created;
    private long setAside;

    Ledger() {
        for (DestroyReason reason : DestroyReason.values()) {
            destroyed.put(reason, 0L);
        }
    }

    /** FILLING → LEASED. If the slot was taken away meanwhile, the resource is counted as created and given up at once. */
    synchronized <R> boolean filled(Slot<R> slot, long word) {
        created++;
        if (slot.filled(word)) {
            return true;
        }
        count(DestroyReason.LATE);
        return false;
    }

    /** FILLING → EMPTY; false if the slot was taken away meanwhile, and the failure counted then. */
    <R> boolean creationFailed(Slot<R> slot, long word) {
        if (!slot.vacate(word)) {
            return false;
        }
        failedCreations.increment();
        return true;
    }

    /** HELD → EMPTY, to destroy the resource; false if it was set aside meanwhile: then it is given up only now. */
    synchronized <R> boolean vacate(Slot<R> slot, long word, DestroyReason reason) {
        if (slot.word() == word) {
            slot.entry = null;
            slot.vacate(word); // Cannot fail: only setAside could have been in the way, and it is under this monitor.
            count(reason);
            return true;
        }
        setAside--;
        count(DestroyReason.LATE);
        return false;
    }

    /** HELD or FILLING → EMPTY, because the owner's call has passed its limit; false if the owner was quicker. */
    synchronized <R> boolean setAside(Slot<R> slot, long word) {
        if (!slot.vacate(word)) {
            return false;
        }
        // The next owner writes it only after filled(), which wants this monitor.
        slot.entry = null;
        if (Slot.code(word) == Slot.HELD) {
            setAside++;
        } else {
            failedCreations.increment();
        }
        return true;
    }

    synchronized long setAside() {
        return setAside;
    }

    private void count(DestroyReason reason) {
        destroyed.merge(reason, 1L, Long::sum);
    }

    synchronized <R> PoolStats stats(Places<R> places, int waiting) {
        int idle = 0;
        int leased = 0;
        int creating = 0;
        // Read under the monitor: whatever was counted as created is in one of these.
        for (Slot<R> slot : places.all()) {
            switch (Slot.code(slot.word())) {
                case Slot.LEASED -> leased++;
                case Slot.FILLING -> creating++;
                case Slot.EMPTY -> {}
                default -> idle++;
            }
        }
        return new PoolStats(
                created,
                idle,
                leased,
                destroyed,
                setAside,
                creating,
                waiting,
                waits.sum(),
                Duration.ofNanos(waitNanos.sum()),
                timeouts.sum(),
                refusals.sum(),
                failedCreations.sum(),
                deadlocks.sum(),
                places.size(),
                places.isSuspended());
    }
}
