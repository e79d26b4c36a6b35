package dev.hatch.pool;

import java.time.Duration;

/**
 * What a caller does that has found nothing to claim: announce itself, stand in the queue, look again, park; and what it is told if it
 * gets nothing. docs/design.md, "Waiting", has why no wake-up is lost. Of the callers' threads alone.
 */
final class Waiting<R> {
    /** Who waits longer than this parks without a limit, until the housekeeper wakes it this long before its deadline. */
    private static final long FAR_NANOS = 3 * Housekeeper.TICK_NANOS;

    private final ResourcePool<R, ?> pool;
    private final ResourcePoolBuilder<R, ?> settings;
    private final Places<R> places;
    private final WaitQueue queue;
    private final Ledger ledger;
    private final Supply<R> supply;
    private final Leases<R> leases;
    private final Deadlocks<R> deadlocks;

    Waiting(
            ResourcePool<R, ?> pool,
            ResourcePoolBuilder<R, ?> settings,
            Places<R> places,
            WaitQueue queue,
            Ledger ledger,
            Supply<R> supply,
            Leases<R> leases) {
        this.pool = pool;
        this.settings = settings;
        this.places = places;
        this.queue = queue;
        this.ledger = ledger;
        this.supply = supply;
        this.leases = leases;
        deadlocks = new Deadlocks<>(leases, places, queue);
    }

    /**
     * A slot for the calling thread, which has found none.
     *
     * @throws AcquireException as {@link ResourcePool#acquire(java.time.Duration)} says
     */
    Slot<R> await(long timeoutNanos) throws InterruptedException {
        leases.reclaim();
        WaitEvent event = new WaitEvent();
        event.begin();
        long start = settings.clock.getAsLong();
        Waiter waiter = queue.waiter(start, start + timeoutNanos);
        if (!queue.announce()) {
            if (queue.isClosed()) {
                throw new PoolClosedException(settings.name);
            }
            ledger.refusals.increment();
            supply.replenish(1);
            PoolStats stats = pool.stats();
            throw new AcquireRefusedException(
                    "Pool '" + settings.name + "' refused a caller: " + settings.maxWaiters
                            + " are waiting, which is its maxWaiters; " + counts(stats),
                    stats);
        }
        Slot<R> got = null;
        try {
            queue.join(waiter);
            got = await(waiter);
        } finally {
            if (got == null && !queue.end(waiter, Waiter.End.LEFT) && waiter.outcome() instanceof Slot<?> handed) {
                // It was handed a slot, and cannot take it.
                pool.giveBack(own(handed), handed.word());
            }
            queue.leave();
            if (queue.waiting() > 0 && places.countOpen(Slot.IDLE) > 0) {
                pool.wakeHead();
            }
            if (got == null) {
                waited(waiter, false, event);
            }
        }
        try {
            waited(waiter, true, event);
            return got;
        } catch (Throwable e) {
            pool.giveBack(got, got.word());
            throw e;
        }
    }

    private void waited(Waiter waiter, boolean leased, WaitEvent event) {
        long nanos = waiter.parked || leased ? settings.clock.getAsLong() - waiter.sinceNanos : 0;
        if (waiter.parked) {
            ledger.waits.increment();
            ledger.waitNanos.add(nanos);
        }
        event.end();
        if (event.shouldCommit()) {
            event.pool = settings.name;
            event.outcome = leased ? "LEASED" : String.valueOf(waiter.outcome());
            event.waiting = queue.waiting();
            event.commit();
        }
        if (leased) {
            pool.tell(listener -> listener.acquired(Duration.ofNanos(nanos)));
        }
    }

    private Slot<R> await(Waiter waiter) throws InterruptedException {
        while (true) {
            waiter.sleepy();
            waiter.claiming = true;
            Slot<R> slot = pool.claimAny();
            if (slot != null) {
                if (queue.end(waiter, Waiter.End.HELPED_ITSELF)) {
                    return slot;
                }
                pool.giveBack(slot, slot.word());
            }
            waiter.claiming = false;
            long left = waiter.deadlineNanos - settings.clock.getAsLong();
            if (left > 0 || !waiter.parked) {
                // What this waiter counted on may have gone to somebody else. What is freed from here on wakes the
                // head.
                supply.replenish(0);
            }
            if (queue.isClosed()) {
                // Closed after the announcement, maybe before the waiter could be seen in the queue.
                queue.end(waiter, Waiter.End.CLOSED);
            }
            boolean interrupted = Thread.currentThread().isInterrupted();
            if (interrupted || left <= 0) {
                queue.end(waiter, Waiter.End.LEFT);
            }
            if (!waiter.parked && settings.detectsDeadlocks && left >= Deadlocks.LONG_NANOS) {
                waiter.nested = deadlocks.isHolder(waiter.thread.getId());
            }
            String deadlock = waiter.nested ? deadlocks.look(waiter, settings.clock.getAsLong()) : null;
            if (deadlock != null) {
                throw deadlocked(deadlock);
            }
            Object outcome = waiter.outcome();
            if (outcome == null) {
                waiter.parked = true;
                if (waiter.nested) {
                    waiter.park(false, Math.min(left, Deadlocks.SURE_NANOS));
                } else {
                    waiter.park(left > FAR_NANOS, left);
                }
            } else if (outcome == Waiter.End.CLOSED) {
                throw new PoolClosedException(settings.name);
            } else if (interrupted) {
                throw new InterruptedException("interrupted while waiting for pool '" + settings.name + "'");
            } else if (outcome instanceof Slot<?> handed) {
                return own(handed);
            } else {
                throw timedOut(waiter);
            }
        }
    }

    /** Only slots of this pool are handed to its waiters. */
    @SuppressWarnings("unchecked")
    private Slot<R> own(Slot<?> slot) {
        return (Slot<R>) slot;
    }

    private AcquireTimeoutException timedOut(Waiter waiter) {
        ledger.timeouts.increment();
        Duration waited = Duration.ofNanos(settings.clock.getAsLong() - waiter.sinceNanos);
        Supply.Failure failure = supply.failureSince(waiter.sinceNanos);
        PoolStats stats = pool.stats();
        pool.tell(listener -> listener.timedOut(stats));
        return new AcquireTimeoutException(
                "Pool '" + settings.name + "' had nothing within " + waited.toMillis() + " ms: "
                        + counts(stats)
                        + (failure != null
                                ? ". The last creation failed: " + failure.text()
                                : stats.suspended()
                                        ? ". It is suspended"
                                        : ". Is a lease not closed, or maxSize too low?"),
                waited,
                stats,
                failure != null ? failure.cause() : null);
    }

    private AcquireDeadlockException deadlocked(String stacks) {
        ledger.deadlocks.increment();
        PoolStats stats = pool.stats();
        AcquireDeadlockException failure = new AcquireDeadlockException(
                "Pool '" + settings.name + "' is in a deadlock: " + counts(stats)
                        + ", and every lease is held by a thread that waits here for another. Close one before the next is acquired,"
                        + " or make the pool larger than what is held at once by threads that wait; or was a lease lost without having been closed?"
                        + stacks,
                stats);
        pool.tell(listener -> listener.deadlocked(failure));
        return failure;
    }

    private String counts(PoolStats stats) {
        return "open " + stats.open() + " of " + stats.maxSize() + ", leased " + stats.leased() + ", idle "
                + stats.idle() + ", being created " + stats.creating() + ", waiting " + stats.waiting();
    }

    /** By the housekeeper: who parks without a limit and is due soon has to park with one. */
    void wakeThoseDueSoon(long now) {
        if (queue.waiting() > 0) {
            for (Waiter waiter : queue.waiters()) {
                if (waiter.deadlineNanos - now <= FAR_NANOS) {
                    waiter.wakeIfFar();
                }
            }
        }
    }
}
