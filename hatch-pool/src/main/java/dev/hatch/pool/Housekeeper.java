package dev.hatch.pool;

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

    private static final Logger LOG = LoggerFactory.getLogger(ResourcePool.class);

    private final ResourcePool<R, ?> pool;
    private final ResourcePoolBuilder<R, ?> settings;
    private final Supply<R> supply;
    private final Slot<R>[] slots;

    /** The generation that each slot had when it was first seen idle, without the steps that validations made since. */
    private final long[] generations;

    private final long[] idleSinceNanos;
    private long surplusSinceNanos;
    private boolean surplus;

    Housekeeper(ResourcePool<R, ?> pool, ResourcePoolBuilder<R, ?> settings, Supply<R> supply, Slot<R>[] slots) {
        this.pool = pool;
        this.settings = settings;
        this.supply = supply;
        this.slots = slots;
        generations = new long[slots.length];
        idleSinceNanos = new long[slots.length];
    }

    @Override
    public void run() {
        while (!pool.isOver()) {
            LockSupport.parkNanos(TICK_NANOS);
            Thread.interrupted();
            try {
                tick(settings.clock.getAsLong());
            } catch (RuntimeException | Error e) {
                LOG.error("Pool '{}': housekeeping failed; it goes on", settings.name, e);
            }
        }
    }

    void tick(long now) {
        pool.wakeThoseDueSoon(now);
        supply.expire(now);
        if (pool.isClosed()) {
            pool.endIfEmpty();
            return;
        }
        int idle = 0;
        for (int i = 0; i < slots.length; i++) {
            if (look(i, now)) {
                idle++;
            }
        }
        idle = endSurplus(idle, now);
        int creating = pool.creating();
        for (int missing = settings.minIdle - idle - creating; missing > 0 && supply.createOne(); missing--) {}
        pool.relax();
    }

    /** True if the slot is idle and stays so. */
    private boolean look(int i, long now) {
        Slot<R> slot = slots[i];
        long word = slot.word();
        Entry<R> entry = slot.entry;
        int code = Slot.code(word);
        if (entry == null || code == Slot.EMPTY || code == Slot.FILLING || code == Slot.HELD) {
            return code == Slot.HELD;
        }
        if (entry.isExpired(now) && entry.retired == null) {
            entry.retired = DestroyReason.LIFETIME;
        }
        if (code == Slot.LEASED) {
            return false;
        }
        long generation = Slot.generation(word) - entry.validationSteps - (code == Slot.STALE ? 1 : 0);
        if (generations[i] != generation) {
            generations[i] = generation;
            idleSinceNanos[i] = now;
        }
        long idleNanos = now - idleSinceNanos[i];
        long unvalidatedNanos = Math.min(idleNanos, now - entry.validNanos);
        DestroyReason retired = entry.retired;
        if (retired != null) {
            return !evict(slot, word, retired);
        }
        if (isOver(settings.maxIdleNanos, idleNanos) && pool.idle() + pool.stale() > settings.minIdle) {
            return !evict(slot, word, DestroyReason.IDLE_TIME);
        }
        if (isOver(settings.validateEveryNanos, unvalidatedNanos)) {
            supply.validate(slot, word);
        } else if (code == Slot.IDLE && isOver(settings.validateIdleNanos, unvalidatedNanos)) {
            slot.suspect();
        }
        return true;
    }

    private static boolean isOver(long limitNanos, long nanos) {
        return limitNanos > 0 && nanos >= limitNanos;
    }

    private boolean evict(Slot<R> slot, long word, DestroyReason reason) {
        if (!slot.hold(word)) {
            return false;
        }
        supply.giveUp(slot, Slot.next(word, Slot.HELD), reason);
        return true;
    }

    private int endSurplus(int idle, long now) {
        if (idle <= settings.maxIdle) {
            surplus = false;
            return idle;
        }
        if (!surplus) {
            surplus = true;
            surplusSinceNanos = now;
        }
        int left = idle;
        if (now - surplusSinceNanos >= settings.surplusNanos) {
            for (int i = slots.length - 1; i >= 0 && left > settings.maxIdle; i--) {
                long word = slots[i].word();
                int code = Slot.code(word);
                if ((code == Slot.IDLE || code == Slot.STALE) && evict(slots[i], word, DestroyReason.SURPLUS)) {
                    left--;
                }
            }
            surplus = false;
        }
        return left;
    }
}
