package dev.hatch.pool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lends scarce resources: at most so many, to one holder each, fairly, within a deadline.
 *
 * <p>Thread-safe without locks: a claim is one compare-and-set on a {@link Slot}, a return another. Only those who find
 * nothing to claim stand in the {@link WaitQueue}; {@link Turns} decides who is next; {@link Supply} talks to the
 * lifecycle and {@link Housekeeper} looks at the clock.
 *
 * @param <R> the resource
 * @param <L> the lease
 */
public final class ResourcePool<R, L extends Lease<R>> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ResourcePool.class);

    /** Who waits longer than this parks without a limit, until the housekeeper wakes it this long before its deadline. */
    private static final long FAR_NANOS = 3 * Housekeeper.TICK_NANOS;

    private final ResourcePoolBuilder<R, L> settings;
    private final LeaseFactory<R, L> leases;
    private final ResourceLifecycle<R> lifecycle;
    private final Places<R> places;

    /**
     * The open places, as claims at home look for them. Not volatile, for it may be late; the arrays and slots were published by
     * places before. Written under places.
     */
    private Slot<R>[] front;

    private final WaitQueue queue;
    private final Turns turns;
    private final Ledger ledger;
    final Supply<R> supply;
    private final Leases<R> out;
    private final Deadlocks<R> deadlocks;
    private final Housekeeper<R> housekeeper;
    private final @Nullable Thread housekeeping;

    /** Of {@link #close(Duration)} and {@link #drain}: told of each return after the close, or while the pool is suspended. */
    private final Object returned = new Object();

    /** Of {@link #close(Duration)}: no lease has any more time. */
    private volatile boolean drained;

    /** Of {@link #drain}: the same, until the pool is resumed. Written under places. */
    private volatile boolean cancelling;

    /** How often the pool was resumed. Written under places. */
    private volatile int resumes;

    ResourcePool(ResourcePoolBuilder<R, L> settings) {
        this.settings = settings;
        leases = settings.leases;
        lifecycle = settings.lifecycle;
        places = new Places<>(this, settings.maxSize);
        front = places.open();
        queue = settings.queue != null ? settings.queue : new WaitQueue(settings.maxWaiters);
        turns = new Turns(settings.clock);
        ledger = settings.ledger != null ? settings.ledger : new Ledger();
        supply = new Supply<>(this, settings, places, ledger);
        out = new Leases<>(this, settings, places, supply);
        places.prepare(out::note);
        deadlocks = new Deadlocks<>(this, places, queue);
        housekeeper = new Housekeeper<>(this, settings, supply, places, out);
        if (settings.housekeeping) {
            housekeeping = new Thread(null, housekeeper, "hatch-" + settings.name + "-housekeeper", 0, false);
            housekeeping.setDaemon(true);
            housekeeping.start();
        } else {
            housekeeping = null;
        }
    }

    /** Begins the settings of a pool. */
    public static <R, L extends Lease<R>> ResourcePoolBuilder<R, L> builder(
            ResourceLifecycle<R> lifecycle, LeaseFactory<R, L> leases) {
        return new ResourcePoolBuilder<>(lifecycle, leases);
    }

    /** As {@link #acquire(Duration)}, waiting at most the builder's {@code acquireTimeout}. */
    public L acquire() throws InterruptedException {
        Slot<R> slot = claimAtHome();
        return slot != null ? lend(slot) : OutOfLine.acquire(this);
    }

    /**
     * Lends a resource, waiting for one at most {@code timeout}; whatever the lifecycle is doing, returns or throws within
     * 50 ms of that.
     *
     * @throws AcquireTimeoutException if there was none in time
     * @throws AcquireRefusedException at once, if {@code maxWaiters} callers are waiting
     * @throws AcquireDeadlockException if all are leased by threads that wait here, as the caller does
     * @throws PoolClosedException if the pool is closed or was closed meanwhile
     * @throws InterruptedException if the thread was interrupted before or while it waited; its interrupt status stays set
     */
    public L acquire(Duration timeout) throws InterruptedException {
        Objects.requireNonNull(timeout, "timeout");
        Slot<R> slot = claimAtHome();
        return slot != null ? lend(slot) : OutOfLine.acquire(this, toNanos(timeout));
    }

    /**
     * Lends a resource if one can be had at once. One that has to be validated first cannot; it is validated for the next
     * caller.
     *
     * @throws PoolClosedException if the pool is closed
     */
    public Optional<L> tryAcquire() {
        Slot<R> slot = claimAny();
        if (slot == null) {
            if (queue.isClosed()) {
                throw new PoolClosedException(settings.name);
            }
            supply.replenish(1);
            return Optional.empty();
        }
        return Optional.of(lendSeen(slot, false));
    }

    /** The name given to the builder. */
    public String name() {
        return settings.name;
    }

    /** The counts, which balance whenever they are read. */
    public PoolStats stats() {
        return ledger.stats(places, queue.waiting());
    }

    /** The leases that are out, the longest first. Each is as it was when it was looked at. */
    public List<LeaseInfo> leases() {
        return out.list();
    }

    /** As {@link #close(Duration)} with no time to drain; what is still out is logged as a warning. */
    @Override
    public void close() {
        CloseReport report = close(Duration.ZERO);
        if (!report.isClean()) {
            LOG.warn("Pool '{}' was closed with {}", settings.name, report);
        }
    }

    /**
     * Refuses new callers, fails those who wait, waits for leases at most {@code drain}, then destroys all that is not
     * leased; waits for that, too, at most the time limit of a destruction. What is leased still is {@linkplain
     * ResourceLifecycle#cancel cancelled}, and destroyed when it is returned. A second close does the waiting again. An interrupt ends the waiting and stays set.
     */
    public CloseReport close(Duration drain) {
        long start = System.nanoTime();
        long nanos = toNanos(drain);
        queue.close();
        queue.failAll();
        supply.close();
        destroyIdle();
        boolean interrupted = !awaitReturns(this::isInUse, start, nanos);
        drained = true;
        cancelLate();
        interrupted |=
                !awaitReturns(supply::isDestroying, System.nanoTime(), interrupted ? 0 : settings.destroyLimitNanos);
        wakeHousekeeper();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return new CloseReport(
                leasedNow(), ledger.setAside(), supply.creations(), places.countAll(Slot.HELD), supply.isDestroying());
    }

    // While it runs

    /**
     * Sets another bound. If it is larger, those who wait are served at once. If it is smaller, what is too much is destroyed: what is idle
     * now, what is leased when it is returned.
     *
     * @throws IllegalArgumentException if it is less than 1 or than the builder's {@code minIdle}
     */
    public void resize(int maxSize) {
        ResourcePoolBuilder.atLeast("maxSize", Math.max(1, settings.minIdle), maxSize);
        synchronized (places) {
            places.resize(maxSize);
            front = places.open();
        }
        retireLeftOut();
        supply.replenish(0);
        wakeHead();
    }

    /**
     * Lends nothing from now on: callers wait, at most for their timeout, until {@link #resume}. What is leased may be used and
     * returned. Nothing is created meanwhile. A caller that was about to take something when this was called may still get it.
     */
    public void suspend() {
        suspendNow();
    }

    /** How often it was resumed before. */
    private int suspendNow() {
        synchronized (places) {
            queue.suspend();
            places.suspend(true);
            front = places.open();
            return resumes;
        }
    }

    /** Lends again. Does nothing if the pool is not suspended. */
    public void resume() {
        synchronized (places) {
            resumes++;
            cancelling = false;
            places.suspend(false);
            front = places.open();
            // Whoever drains has nothing more to wait for.
            tellReturned();
            queue.resume();
        }
        supply.replenish(0);
        wakeHead();
    }

    /**
     * Destroys all resources that there are: what is idle now, what is leased when it is returned. Those who wait get new ones. What is
     * just being given back may be lent once more, within a second.
     */
    public void refresh() {
        supply.refreshing();
        for (Slot<R> slot : places.all()) {
            retire(slot, DestroyReason.REFRESHED);
        }
    }

    /**
     * {@linkplain #suspend Suspends} the pool, waits for leases at most {@code deadline}, then has what is still leased
     * {@linkplain ResourceLifecycle#cancel cancelled}, once a second until it is returned, when it is destroyed. Ends when the pool is
     * {@linkplain #resume resumed}. An interrupt is the deadline, and stays set. What is idle is validated before it is lent again.
     *
     * @return the descriptions of what was still leased at the deadline, and is being cancelled
     */
    public List<String> drain(Duration deadline) {
        int before = suspendNow();
        // A caller that has found one of them just before does not get it now.
        suspectAll();
        boolean interrupted = !awaitReturns(() -> resumes == before && isLent(), System.nanoTime(), toNanos(deadline));
        List<String> left = List.of();
        synchronized (places) {
            if (resumes == before) {
                left = leasedNow();
                cancelling = !left.isEmpty();
            }
        }
        cancelLate();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return left;
    }

    // Acquiring

    L acquireAway() throws InterruptedException {
        return acquireAway(settings.acquireNanos);
    }

    L acquireAway(long timeoutNanos) throws InterruptedException {
        Slot<R> slot = claimAny();
        return slot != null ? lendSeen(slot, false) : lendSeen(await(timeoutNanos), true);
    }

    private L lendSeen(Slot<R> slot, boolean waited) {
        long word = slot.word();
        long thread = Thread.currentThread().getId();
        L lease = lend(slot);
        try {
            // It may have been handed over, so that its word does not say who has it.
            slot.usedBy(word, thread);
            out.began(slot, word, lease, thread, waited);
            return lease;
        } catch (Throwable e) {
            giveBack(slot, word);
            throw e;
        }
    }

    private L lend(Slot<R> slot) {
        long word = slot.word();
        try {
            return Objects.requireNonNull(leases.lease(slot), "the lease factory returned null");
        } catch (Throwable e) {
            giveBack(slot, word);
            throw e;
        }
    }

    /** Fibonacci hashing spreads consecutive ids evenly (Knuth, TAOCP vol. 3, 6.4); its top 32 bits times n give 0..n-1. */
    private static int placeOf(long thread, int places) {
        long hash = (thread * 0x9E3779B97F4A7C15L) >>> 32;
        return (int) ((hash * places) >>> 32);
    }

    private @Nullable Slot<R> claimAtHome() {
        if (queue.isClosed()) {
            return null;
        }
        Slot<R>[] slots = front;
        long thread = Thread.currentThread().getId();
        int own = placeOf(thread, slots.length);
        return own < slots.length && slots[own].claimAtHome(thread) ? slots[own] : null;
    }

    private @Nullable Slot<R> claimAny() {
        if (queue.isClosed()) {
            return null;
        }
        Slot<R>[] open = places.open();
        long thread = Thread.currentThread().getId();
        int own = placeOf(thread, open.length);
        for (int i = own; i < open.length; i++) {
            if (open[i].claim(thread)) {
                return open[i];
            }
        }
        for (int i = 0; i < own; i++) {
            if (open[i].claim(thread)) {
                return open[i];
            }
        }
        return null;
    }

    private Slot<R> await(long timeoutNanos) throws InterruptedException {
        out.reclaim();
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
            PoolStats stats = stats();
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
                giveBack(own(handed), handed.word());
            }
            queue.leave();
            if (queue.waiting() > 0 && places.countOpen(Slot.IDLE) > 0) {
                wakeHead();
            }
            if (got == null) {
                waited(waiter, false, event);
            }
        }
        try {
            waited(waiter, true, event);
            return got;
        } catch (Throwable e) {
            giveBack(got, got.word());
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
            tell(listener -> listener.acquired(Duration.ofNanos(nanos)));
        }
    }

    private Slot<R> await(Waiter waiter) throws InterruptedException {
        while (true) {
            waiter.sleepy();
            waiter.claiming = true;
            Slot<R> slot = claimAny();
            if (slot != null) {
                if (queue.end(waiter, Waiter.End.HELPED_ITSELF)) {
                    return slot;
                }
                giveBack(slot, slot.word());
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
        PoolStats stats = stats();
        tell(listener -> listener.timedOut(stats));
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
        PoolStats stats = stats();
        AcquireDeadlockException failure = new AcquireDeadlockException(
                "Pool '" + settings.name + "' is in a deadlock: " + counts(stats)
                        + ", and every lease is held by a thread that waits here for another. Close one before the next is acquired,"
                        + " or make the pool larger than what is held at once by threads that wait; or was a lease lost without having been closed?"
                        + stacks,
                stats);
        tell(listener -> listener.deadlocked(failure));
        return failure;
    }

    private String counts(PoolStats stats) {
        return "open " + stats.open() + " of " + stats.maxSize() + ", leased " + stats.leased() + ", idle "
                + stats.idle() + ", being created " + stats.creating() + ", waiting " + stats.waiting();
    }

    // Returning

    void release(Slot<R> slot, long lease) {
        Entry<R> entry = slot.entry(lease);
        if (entry == null) {
            return;
        }
        boolean attended = entry.isAttended();
        if (attended || needsReset(entry)) {
            OutOfLine.release(slot, lease, entry, !attended);
        } else if (queue.needsAttention()) {
            giveBackAttended(slot, lease);
        } else if (slot.freeAtHome(lease) && queue.needsAttention()) {
            freed(slot);
        }
    }

    /** @param dirty whether it is known to need a reset */
    void releaseAttended(Slot<R> slot, long lease, Entry<R> entry, boolean dirty) {
        Runnable told = null;
        try {
            told = out.ending(slot, lease, entry);
        } finally {
            releaseAway(slot, lease, entry, dirty);
        }
        if (told != null) {
            told.run();
        }
    }

    private void releaseAway(Slot<R> slot, long lease, Entry<R> entry, boolean dirty) {
        boolean needsReset = dirty || (entry.retired() == null && needsReset(entry));
        DestroyReason retired = entry.retired();
        if (retired == DestroyReason.BROKEN) {
            // What broke it may have broken others.
            suspectAll();
        }
        if (retired == null && needsReset && queue.isClosed()) {
            retired = DestroyReason.CLOSED;
        }
        if (retired != null) {
            supply.evict(slot, lease, entry, retired);
        } else if (needsReset) {
            supply.reset(slot, lease, entry);
        } else {
            giveBack(slot, lease);
        }
    }

    private boolean needsReset(Entry<R> entry) {
        try {
            return lifecycle.needsReset(entry.resource);
        } catch (Throwable e) { // Some languages throw what is not declared.
            entry.retire(DestroyReason.RESET_FAILED);
            return true;
        }
    }

    /** Frees a slot that the calling thread owns as LEASED, or hands it to the head of the queue. */
    void giveBack(Slot<R> slot, long lease) {
        if (queue.needsAttention()) {
            giveBackAttended(slot, lease);
        } else if (slot.free(lease) && queue.needsAttention()) {
            freed(slot);
        }
    }

    private void giveBackAttended(Slot<R> slot, long lease) {
        if (queue.isClosed() && supply.evict(slot, lease, DestroyReason.CLOSED)) {
            // Never idle in between, where a close that waits would take it for done.
            return;
        }
        long mine = lease;
        Waiter head = queue.isSuspended() ? null : queue.head();
        if (head != null && turns.isHeads(slot, head)) {
            if (!slot.handOver(mine)) {
                return;
            }
            mine = Slot.next(mine, Slot.LEASED);
            turns.handedOver(slot);
            for (; head != null; head = queue.head()) {
                if (queue.end(head, slot)) {
                    head.wake();
                    return;
                }
            }
        }
        if (slot.free(mine)) {
            freed(slot);
        }
    }

    /** After a slot was freed: somebody may have begun to wait, or to close the pool, before he could see it. */
    private void freed(Slot<R> slot) {
        if (queue.isClosed()) {
            destroyIfIdle(slot);
            tellReturned();
        } else if (queue.isSuspended()) {
            tellReturned();
        } else {
            wakeHead();
        }
    }

    private void wakeHead() {
        Waiter head = queue.head();
        if (head != null) {
            head.wake();
        }
    }

    // For Supply and Housekeeper

    boolean isClosed() {
        return queue.isClosed();
    }

    /** Whether the pool is closed and all that it ever had is destroyed. */
    boolean isOver() {
        return queue.isClosed() && places.countAll(Slot.EMPTY) == places.all().length && !supply.isBusy();
    }

    void wakeHousekeeper() {
        if (housekeeping != null) {
            LockSupport.unpark(housekeeping);
        }
    }

    boolean isHousekeeper(Thread thread) {
        return thread.equals(housekeeping);
    }

    /** How many could be lent at once, or after their validation. */
    int idle() {
        return places.idle();
    }

    int waiting() {
        return queue.waiting();
    }

    /** Whether {@link #close(Duration)} has to wait for one. */
    private boolean isInUse() {
        return places.isAny(Slot.LEASED, Slot.HELD, Slot.FILLING);
    }

    /** Whether {@link #drain} has to wait for one. */
    private boolean isLent() {
        return places.isAny(Slot.LEASED, Slot.HELD);
    }

    /** By the housekeeper and whoever made the pool smaller: what is beyond its size is not to be kept. */
    void retireLeftOut() {
        Slot<R>[] all = places.all();
        for (int i = places.size(); i < all.length; i++) {
            retire(all[i], DestroyReason.RESIZED);
        }
    }

    /** Of a slot that is being filled, its worker sees to that. */
    private void retire(Slot<R> slot, DestroyReason reason) {
        for (long word = slot.word(); ; word = slot.word()) {
            int code = Slot.code(word);
            if (code == Slot.EMPTY
                    || code == Slot.FILLING
                    || ((code == Slot.IDLE || code == Slot.STALE) && supply.evict(slot, word, reason))) {
                return;
            }
            Entry<R> entry = slot.entry(word);
            if (entry != null) {
                entry.retire(reason);
            }
            if (slot.word() == word) {
                return;
            }
        }
    }

    @Nullable LeaseInfo info(Slot<R> slot, long word) {
        return out.info(slot, word);
    }

    /** Something was found broken: what is idle is validated before it is lent. */
    void suspectAll() {
        for (Slot<R> slot : places.all()) {
            slot.suspect();
        }
    }

    void wakeThoseDueSoon(long now) {
        if (queue.waiting() > 0) {
            for (Waiter waiter : queue.waiters()) {
                if (waiter.deadlineNanos - now <= FAR_NANOS) {
                    waiter.wakeIfFar();
                }
            }
        }
    }

    /** For tests: a resource that no creation brought. */
    void add(R resource) {
        for (Slot<R> slot : places.open()) {
            long word = slot.word();
            if (slot.fill(word) && ledger.filled(slot, Slot.next(word, Slot.FILLING))) {
                slot.entry = new Entry<>(resource, supply.describe(resource), settings.clock.getAsLong(), null);
                giveBack(slot, slot.word());
                return;
            }
        }
        throw new IllegalStateException("the pool is full");
    }

    /** For tests: whether no call to the lifecycle is under way. */
    boolean isQuiet() {
        return !supply.isBusy();
    }

    /** For tests: whether nobody owns a slot. */
    boolean hasAllPlaces() {
        return places.countAll(Slot.IDLE) + places.countAll(Slot.STALE) + places.countAll(Slot.EMPTY)
                == places.all().length;
    }

    /** For tests: what the housekeeper does once a second. */
    void tick() {
        housekeeper.tick(settings.clock.getAsLong());
    }

    void tell(Consumer<PoolListener> event) {
        try {
            event.accept(settings.listener);
        } catch (Throwable e) {
            LOG.warn("Pool '{}': its listener failed", settings.name, e);
        }
    }

    // Closing

    private void destroyIdle() {
        for (Slot<R> slot : places.all()) {
            destroyIfIdle(slot);
        }
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

    /** After the drain: has holders stop. */
    void cancelLate() {
        if (!drained && !cancelling) {
            return;
        }
        for (Slot<R> slot : places.all()) {
            long word = slot.word();
            Entry<R> entry = slot.entry(word);
            if (Slot.code(word) == Slot.LEASED && entry != null) {
                // A cancel may come late: then it meets nobody else.
                entry.retire(drained ? DestroyReason.CLOSED : DestroyReason.DRAINED);
                supply.cancel(entry);
            }
        }
    }

    /** After anything that {@link #close(Duration)} may wait for. */
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

    private static long toNanos(Duration duration) {
        if (duration.isNegative()) {
            return 0;
        }
        return duration.compareTo(ResourcePoolBuilder.LONGEST) > 0
                ? ResourcePoolBuilder.LONGEST.toNanos()
                : duration.toNanos();
    }
}
