package dev.hatch.pool;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
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
    private final Waiting<R> waiting;
    final Gate<R> gate;
    private final Housekeeper<R> housekeeper;
    private final @Nullable Thread housekeeping;

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
        waiting = new Waiting<>(this, settings, places, queue, ledger, supply, out);
        gate = new Gate<>(this, settings, places, queue, ledger, supply);
        housekeeper = new Housekeeper<>(this, settings, supply, places, out, waiting, gate);
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
        Slot<R> own = claimAtHome();
        if (own != null) {
            return Optional.of(lend(own));
        }
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
        return gate.close(toNanos(drain));
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
        places.resize(maxSize);
        reopened();
        retireLeftOut();
        supply.replenish(0);
        wakeHead();
    }

    /**
     * Lends nothing from now on: callers wait, at most for their timeout, until {@link #resume}. What is leased may be used and
     * returned. Nothing is created meanwhile. A caller that was about to take something when this was called may still get it.
     */
    public void suspend() {
        int unused = gate.suspend();
    }

    /** Lends again. Does nothing if the pool is not suspended. */
    public void resume() {
        gate.resume();
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
        return gate.drain(toNanos(deadline));
    }

    // Acquiring

    L acquireAway() throws InterruptedException {
        return acquireAway(settings.acquireNanos);
    }

    L acquireAway(long timeoutNanos) throws InterruptedException {
        Slot<R> slot = claimAny();
        return slot != null ? lendSeen(slot, false) : lendSeen(waiting.await(timeoutNanos), true);
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

    /** Null if there is none, or the pool is closed. */
    @Nullable Slot<R> claimAny() {
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
            gate.destroyIfIdle(slot);
            gate.tellReturned();
        } else if (queue.isSuspended()) {
            gate.tellReturned();
        } else {
            wakeHead();
        }
    }

    void wakeHead() {
        Waiter head = queue.head();
        if (head != null) {
            head.wake();
        }
    }

    // For those who do the rest

    /** After the open places have changed. */
    void reopened() {
        synchronized (places) {
            front = places.open();
        }
    }

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

    /** By the housekeeper and whoever made the pool smaller: what is beyond its size is not to be kept. */
    void retireLeftOut() {
        Slot<R>[] all = places.all();
        for (int i = places.size(); i < all.length; i++) {
            retire(all[i], DestroyReason.RESIZED);
        }
    }

    /** Of a slot that is being filled its worker sees to that, who counts refreshes; or the housekeeper, if it was left out. */
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

    /** Something was found broken: what is idle is validated before it is lent. */
    void suspectAll() {
        for (Slot<R> slot : places.all()) {
            slot.suspect();
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

    private static long toNanos(Duration duration) {
        if (duration.isNegative()) {
            return 0;
        }
        return duration.compareTo(ResourcePoolBuilder.LONGEST) > 0
                ? ResourcePoolBuilder.LONGEST.toNanos()
                : duration.toNanos();
    }
}
