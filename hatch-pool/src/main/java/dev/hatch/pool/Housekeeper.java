package dev.hatch.pool;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a pool does by the clock, once a second and on one thread, so that neither claim nor release needs to read it: it
 * sees how long a slot has been idle by the generation of its word. All fields belong to that thread.
 */
final class Housekeeper<R> implements Runnable {
    static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How soon a lease that nobody has any more is given up, if somebody waits. */
    private static final long RECLAIM_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final Logger LOG = LoggerFactory.getLogger(ResourcePool.class);

    private final ResourcePool<R, ?> pool;
    private final ResourcePoolBuilder<R, ?> settings;
    private final Supply<R> supply;
    private final Places<R> places;
    private final Leases<R> leases;
    private final Waiting<R> waiting;
    private final Gate<R> gate;

    /** The word by which each slot is known to have been idle since; made suspect or validated meanwhile, it still is. */
    private long[] words = new long[0];

    private long[] idleSinceNanos = new long[0];
    private long surplusSinceNanos;

    /** The least surplus since then; 0: there is none. */
    private int surplus;

    /** How many more this tick may have validated, so that callers find something idle meanwhile. */
    private int mayValidate;

    /** How many more this tick may let go for being idle too long. */
    private int mayEvict;

    Housekeeper(
            ResourcePool<R, ?> pool,
            ResourcePoolBuilder<R, ?> settings,
            Supply<R> supply,
            Places<R> places,
            Leases<R> leases,
            Waiting<R> waiting,
            Gate<R> gate) {
        this.pool = pool;
        this.settings = settings;
        this.supply = supply;
        this.places = places;
        this.leases = leases;
        this.waiting = waiting;
        this.gate = gate;
    }

    @Override
    public void run() {
        long ticked = settings.clock.getAsLong();
        while (!pool.isOver()) {
            try {
                long now = settings.clock.getAsLong();
                long toTick = ticked + TICK_NANOS - now;
                if (toTick <= 0) {
                    ticked = now;
                    tick(now);
                } else {
                    // Asked before: what ends between the two is seen by the second.
                    long pause = Math.min(toTick, supply.nanosToNext());
                    supply.replenish(0);
                    leases.reclaim();
                    boolean mayReclaim = settings.tracking != LeaseTracking.OFF && pool.waiting() > 0;
                    LockSupport.parkNanos(mayReclaim ? Math.min(pause, RECLAIM_NANOS) : pause);
                    Thread.interrupted();
                }
            } catch (Throwable e) {
                failed(e);
            }
        }
        supply.end();
    }

    private void failed(Throwable failure) {
        try {
            LOG.error("Pool '{}': housekeeping failed; it goes on", settings.name, failure);
        } catch (Throwable e) {
            // The log failed, too, and far deadlines depend on this thread.
        }
        LockSupport.parkNanos(TICK_NANOS);
    }

    void tick(long now) {
        waiting.wakeThoseDueSoon(now);
        supply.expire(now);
        supply.startPostponed();
        if (pool.isClosed()) {
            gate.cancelLate();
            return;
        }
        leases.reclaim();
        leases.look(now);
        gate.cancelLate();
        pool.retireLeftOut();
        Slot<R>[] slots = places.all();
        if (words.length < slots.length) {
            int seen = words.length;
            words = Arrays.copyOf(words, slots.length);
            idleSinceNanos = Arrays.copyOf(idleSinceNanos, slots.length);
            Arrays.fill(words, seen, slots.length, -1);
        }
        int validating = supply.validations();
        int idle = pool.idle() + validating;
        mayValidate = Math.max(validating == 0 ? 1 : 0, idle / 2 - validating);
        mayEvict = idle - settings.minIdle;
        int left = validating;
        for (int i = 0; i < slots.length; i++) {
            if (look(i, slots[i], now)) {
                left++;
            }
        }
        endSurplus(left, now);
        supply.replenish(0);
    }

    /** True if the slot was idle and stays so, or is to be validated from now on. */
    private boolean look(int i, Slot<R> slot, long now) {
        long word = slot.word();
        Entry<R> entry = slot.entry;
        int code = Slot.code(word);
        if (code == Slot.HELD) {
            return false;
        }
        if (entry == null || code == Slot.EMPTY || code == Slot.FILLING) {
            words[i] = -1;
            return false;
        }
        if (entry.isExpired(now)) {
            entry.retire(DestroyReason.LIFETIME);
        }
        if (code == Slot.LEASED) {
            words[i] = -1;
            return false;
        }
        if (words[i] != word && Slot.next(words[i], Slot.STALE) != word) {
            idleSinceNanos[i] = now;
        }
        words[i] = word;
        long idleNanos = now - idleSinceNanos[i];
        DestroyReason retired = entry.retired();
        if (retired != null) {
            boolean evicted = supply.evict(slot, word, retired);
            mayEvict -= evicted ? 1 : 0;
            return !evicted;
        }
        if (mayEvict > 0
                && isOver(settings.maxIdleNanos, idleNanos)
                && supply.evict(slot, word, DestroyReason.IDLE_TIME)) {
            mayEvict--;
            return false;
        }
        long unvalidatedNanos = Math.min(idleNanos, now - entry.validNanos);
        if (isOver(settings.validateEveryNanos, unvalidatedNanos)) {
            if (mayValidate > 0 && supply.validate(slot, word)) {
                mayValidate--;
                words[i] = Slot.wordAfterHold(word);
            }
        } else if (isOver(settings.validateIdleNanos, unvalidatedNanos)) {
            slot.suspect();
        }
        return true;
    }

    private static boolean isOver(long limitNanos, long nanos) {
        return limitNanos > 0 && nanos >= limitNanos;
    }

    /** Closes as many as have been too many all the time, as far as a look a second shows. */
    private void endSurplus(int idle, long now) {
        int tooMany = Math.max(0, idle - settings.maxIdle);
        if (surplus == 0 || tooMany == 0) {
            surplusSinceNanos = now;
            surplus = tooMany;
        }
        surplus = Math.min(surplus, tooMany);
        if (now - surplusSinceNanos >= settings.surplusNanos) {
            Slot<R>[] slots = places.open();
            for (int i = slots.length - 1; i >= 0 && surplus > 0; i--) {
                long word = slots[i].word();
                int code = Slot.code(word);
                if ((code == Slot.IDLE || code == Slot.STALE) && supply.evict(slots[i], word, DestroyReason.SURPLUS)) {
                    surplus--;
                }
            }
            surplus = 0;
        }
    }
}
