package dev.hatch.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Ends the lending, for a while or for good, and waits for what is out: suspend, resume, drain and close. A bit in the queue's
 * {@code attention} sends every return past {@link #tellReturned} meanwhile.
 */
final class Gate<R> {
    private final ResourcePool<R, ?> pool;
    private final ResourcePoolBuilder<R, ?> settings;
    private final Places<R> places;
    private final WaitQueue queue;
    private final Ledger ledger;
    private final Supply<R> supply;

    /** Told of each return after the close, or while the pool is suspended. */
    private final Object returned = new Object();

    /** Why what is leased has no more time: null while it has. Written under places; CLOSED stays. */
    private volatile @Nullable DestroyReason over;

    /** How often the pool was resumed. Written under places. */
    private volatile int resumes;

    Gate(
            ResourcePool<R, ?> pool,
            ResourcePoolBuilder<R, ?> settings,
            Places<R> places,
            WaitQueue queue,
            Ledger ledger,
            Supply<R> supply) {
        this.pool = pool;
        this.settings = settings;
        this.places = places;
        this.queue = queue;
        this.ledger = ledger;
        this.supply = supply;
    }

    /** How often it was resumed before. */
    int suspend() {
        synchronized (places) {
            queue.suspend();
            places.suspend(true);
            pool.reopened();
            return resumes;
        }
    }

    void resume() {
        synchronized (places) {
            resumes++;
            setOver(null);
            places.suspend(false);
            pool.reopened();
            // Whoever drains has nothing more to wait for.
            tellReturned();
            queue.resume();
        }
        supply.replenish(0);
        pool.wakeHead();
    }

    private void setOver(@Nullable DestroyReason reason) {
        synchronized (places) {
            if (over != DestroyReason.CLOSED) {
                over = reason;
            }
        }
    }

    List<String> drain(long nanos) {
        int before = suspend();
        // A caller that has found one of them just before does not get it now.
        pool.suspectAll();
        boolean interrupted = !awaitReturns(
                () -> resumes == before && places.isAny(Slot.LEASED, Slot.HELD), System.nanoTime(), nanos);
        List<String> left = List.of();
        synchronized (places) {
            if (resumes == before) {
                left = leasedNow();
                setOver(left.isEmpty() ? null : DestroyReason.DRAINED);
            }
        }
        cancelLate();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return left;
    }

    CloseReport close(long nanos) {
        long start = System.nanoTime();
        queue.close();
        queue.failAll();
        supply.close();
        for (Slot<R> slot : places.all()) {
            destroyIfIdle(slot);
        }
        boolean interrupted = !awaitReturns(() -> places.isAny(Slot.LEASED, Slot.HELD, Slot.FILLING), start, nanos);
        setOver(DestroyReason.CLOSED);
        cancelLate();
        interrupted |=
                !awaitReturns(supply::isDestroying, System.nanoTime(), interrupted ? 0 : settings.destroyLimitNanos);
        pool.wakeHousekeeper();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return new CloseReport(
                leasedNow(), ledger.setAside(), supply.creations(), places.countAll(Slot.HELD), supply.isDestroying());
    }

    void destroyIfIdle(Slot<R> slot) {
        long word = slot.word();
        while (Slot.code(word) == Slot.IDLE || Slot.code(word) == Slot.STALE) {
            if (slot.hold(word)) {
                supply.giveUp(slot, Slot.next(word, Slot.HELD), DestroyReason.CLOSED);
                return;
            }
            word = slot.word();
        }
    }

    /** Once a drain or a close has waited: has holders stop. */
    void cancelLate() {
        DestroyReason reason = over;
        if (reason == null) {
            return;
        }
        for (Slot<R> slot : places.all()) {
            long word = slot.word();
            Entry<R> entry = slot.entry(word);
            if (Slot.code(word) == Slot.LEASED && entry != null) {
                // A cancel may come late: then it meets nobody else.
                entry.retire(reason);
                supply.cancel(entry);
            }
        }
    }

    /** After anything that {@link #close} or {@link #drain} may wait for. */
    void tellReturned() {
        if (!queue.isClosed() && !queue.isSuspended()) {
            return;
        }
        synchronized (returned) {
            returned.notifyAll();
        }
    }

    /** False if interrupted. */
    private boolean awaitReturns(BooleanSupplier busy, long start, long nanos) {
        synchronized (returned) {
            while (busy.getAsBoolean()) {
                long left = nanos - (System.nanoTime() - start);
                if (left <= 0) {
                    return true;
                }
                try {
                    TimeUnit.NANOSECONDS.timedWait(returned, left);
                } catch (InterruptedException e) {
                    return false;
                }
            }
            return true;
        }
    }

    private List<String> leasedNow() {
        List<String> descriptions = new ArrayList<>();
        for (Slot<R> slot : places.all()) {
            long word = slot.word();
            Entry<R> entry = slot.entry;
            if (Slot.code(word) == Slot.LEASED && entry != null) {
                descriptions.add(entry.description);
            }
        }
        return descriptions;
    }
}
