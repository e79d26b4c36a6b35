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
    private final Slot<R>[] slots;
    private final WaitQueue queue;
    private final Turns turns;
    private final Ledger ledger;
    final Supply<R> supply;
    private final Housekeeper<R> housekeeper;
    private final @Nullable Thread housekeeping;

    /** Of {@link #close(Duration)}: told of each return after the close. */
    private final Object returned = new Object();

    /** Of {@link #close(Duration)}: no lease has any more time. */
    private volatile boolean drained;

    @SuppressWarnings({"unchecked", "rawtypes"})
    ResourcePool(ResourcePoolBuilder<R, L> settings) {
        this.settings = settings;
        leases = settings.leases;
        lifecycle = settings.lifecycle;
        slots = new Slot[settings.maxSize];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new Slot<>(this);
        }
        queue = settings.queue != null ? settings.queue : new WaitQueue(settings.maxWaiters);
        turns = new Turns(settings.clock);
        ledger = settings.ledger != null ? settings.ledger : new Ledger();
        supply = new Supply<>(this, settings, slots, ledger);
        housekeeper = new Housekeeper<>(this, settings, supply, slots);
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
        Slot<R> slot = claimAny();
        return lend(slot != null ? slot : await(settings.acquireNanos));
    }

    /**
     * Lends a resource, waiting for one at most {@code timeout}; whatever the lifecycle is doing, returns or throws within
     * 50 ms of that.
     *
     * @throws AcquireTimeoutException if there was none in time
     * @throws AcquireRefusedException at once, if {@code maxWaiters} callers are waiting
     * @throws PoolClosedException if the pool is closed or was closed meanwhile
     * @throws InterruptedException if the thread was interrupted before or while it waited; its interrupt status stays set
     */
    public L acquire(Duration timeout) throws InterruptedException {
        Objects.requireNonNull(timeout, "timeout");
        Slot<R> slot = claimAny();
        return lend(slot != null ? slot : await(toNanos(timeout)));
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
        return Optional.of(lend(slot));
    }

    /** The name given to the builder. */
    public String name() {
        return settings.name;
    }

    /** The counts, which balance whenever they are read. */
    public PoolStats stats() {
        return ledger.stats(slots, queue.waiting());
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
                leasedNow(), ledger.setAside(), supply.creations(), count(Slot.HELD), supply.isDestroying());
    }

    // Acquiring

    private L lend(Slot<R> slot) {
        long word = slot.word();
        try {
            return Objects.requireNonNull(leases.lease(slot), "the lease factory returned null");
        } catch (Throwable e) {
            giveBack(slot, word);
            throw e;
        }
    }

    private @Nullable Slot<R> claimAny() {
        if (queue.isClosed()) {
            return null;
        }
        Slot<R>[] all = slots;
        // Fibonacci hashing spreads consecutive ids evenly (Knuth, TAOCP vol. 3, 6.4); its top 32 bits times n give
        // 0..n-1.
        long hash = (Thread.currentThread().getId() * 0x9E3779B97F4A7C15L) >>> 32;
        int start = (int) ((hash * all.length) >>> 32);
        for (int i = start; i < all.length; i++) {
            if (all[i].claim()) {
                return all[i];
            }
        }
        for (int i = 0; i < start; i++) {
            if (all[i].claim()) {
                return all[i];
            }
        }
        return null;
    }

    private Slot<R> await(long timeoutNanos) throws InterruptedException {
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
            return got;
        } finally {
            if (got == null && !queue.end(waiter, Waiter.End.LEFT) && waiter.outcome() instanceof Slot<?> handed) {
                // It was handed a slot, and cannot take it.
                giveBack(own(handed), handed.word());
            }
            queue.leave();
            if (waiter.parked) {
                ledger.waits.increment();
                ledger.waitNanos.add(settings.clock.getAsLong() - start);
            }
            if (queue.waiting() > 0 && count(Slot.IDLE) > 0) {
                wakeHead();
            }
        }
    }

    private Slot<R> await(Waiter waiter) throws InterruptedException {
        while (true) {
            waiter.sleepy();
            Slot<R> slot = claimAny();
            if (slot != null) {
                if (queue.end(waiter, Waiter.End.HELPED_ITSELF)) {
                    return slot;
                }
                giveBack(slot, slot.word());
            }
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
            Object outcome = waiter.outcome();
            if (outcome == null) {
                waiter.parked = true;
                waiter.park(left > FAR_NANOS, left);
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
                                : ". Is a lease not closed, or maxSize too low?"),
                waited,
                stats,
                failure != null ? failure.cause() : null);
    }

    private String counts(PoolStats stats) {
        return "open " + stats.open() + " of " + slots.length + ", leased " + stats.leased() + ", idle " + stats.idle()
                + ", being created " + stats.creating() + ", waiting " + stats.waiting();
    }

    // Returning

    void release(Slot<R> slot, long lease) {
        Entry<R> entry = slot.entry(lease);
        if (entry == null) {
            return;
        }
        if (entry.retired == null && !needsReset(entry)) {
            giveBack(slot, lease);
        } else {
            DestroyReason retired = entry.retired;
            if (retired == DestroyReason.BROKEN) {
                // What broke it may have broken others.
                suspectAll();
            }
            if (retired == null && queue.isClosed()) {
                retired = DestroyReason.CLOSED;
            }
            if (retired == null) {
                supply.reset(slot, lease, entry);
            } else if (slot.hold(lease)) {
                supply.giveUp(entry, slot, Slot.next(lease, Slot.HELD), retired);
            }
        }
    }

    private boolean needsReset(Entry<R> entry) {
        try {
            return lifecycle.needsReset(entry.resource);
        } catch (Throwable e) { // Some languages throw what is not declared.
            entry.retired = DestroyReason.RESET_FAILED;
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
        long mine = lease;
        Waiter head = queue.head();
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
        return queue.isClosed() && count(Slot.EMPTY) == slots.length && !supply.isBusy();
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
        return count(Slot.IDLE) + count(Slot.STALE);
    }

    int waiting() {
        return queue.waiting();
    }

    /** Whether {@link #close(Duration)} has to wait for one. */
    private boolean isInUse() {
        return count(Slot.LEASED) + count(Slot.HELD) + count(Slot.FILLING) > 0;
    }

    private int count(int code) {
        int count = 0;
        for (Slot<R> slot : slots) {
            if (Slot.code(slot.word()) == code) {
                count++;
            }
        }
        return count;
    }

    /** Something was found broken: what is idle is validated before it is lent. */
    void suspectAll() {
        for (Slot<R> slot : slots) {
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
        for (Slot<R> slot : slots) {
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
        return count(Slot.IDLE) + count(Slot.STALE) + count(Slot.EMPTY) == slots.length;
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
        for (Slot<R> slot : slots) {
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
        if (!drained) {
            return;
        }
        for (Slot<R> slot : slots) {
            Entry<R> entry = slot.entry;
            if (Slot.code(slot.word()) == Slot.LEASED && entry != null) {
                supply.cancel(entry);
            }
        }
    }

    /** After anything that {@link #close(Duration)} may wait for. */
    void tellReturned() {
        if (!queue.isClosed()) {
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
        for (Slot<R> slot : slots) {
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
