package dev.hatch.pool;

import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes, validates, resets, cancels and destroys resources for a {@link ResourcePool}: those calls to the lifecycle are here, none
 * under a lock, all but the reset on daemon threads of its own, as many as are needed, so that one hung call stands in
 * nobody's way. Each call takes its step on the slot first, is forgotten, and tells
 * the listener after.
 *
 * <p>One rule, {@link #replenish}, decides what is made: as much must be on its way as callers wait for and as is missing
 * to the minimum. A call that has lost patience is not believed to be on its way any more. After a failure there is a pause,
 * then one creation at a time until one succeeds. Whatever changes any of that applies the rule again: a caller that begins
 * to wait, the end of a call, and the end of a pause or of patience, which the housekeeper learns from {@link #nanosToNext}.
 */
final class Supply<R> {
    private static final Logger LOG = LoggerFactory.getLogger(ResourcePool.class);

    /** Creations that are believed to be on their way, at most: no server should meet a storm. */
    static final int MOST_CREATIONS = 8;

    /** How long a creation or validation is believed to be on its way to a waiter. */
    static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** The longest pause after the first failure; it doubles with each further one in a row, up to the bound. */
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(8);

    static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long WORKER_IDLE_SECONDS = 10;

    private final ResourcePool<R, ?> pool;
    private final ResourcePoolBuilder<R, ?> settings;
    private final ResourceLifecycle<R> lifecycle;
    private final Places<R> places;
    private final Ledger ledger;
    private final Executor workers;
    private final Set<Call> calls = ConcurrentHashMap.newKeySet();

    /** Destructions for which there was no thread; the housekeeper tries again. */
    private final Queue<Runnable> postponed = new ConcurrentLinkedQueue<>();

    /** Of which the holder is being made to stop. */
    private final Set<Entry<R>> cancelling = ConcurrentHashMap.newKeySet();

    /** Destructions that were begun or are about to, and have not ended. */
    private final AtomicInteger destroying = new AtomicInteger();

    /** Failed creations in a row, those that failed during a pause left out. Written under this. */
    private volatile int failures;

    /** The end of the pause, while there are failures. Written under this, before {@link #failures}. */
    private volatile long pauseEndNanos;

    private volatile @Nullable Failure lastFailure;

    /** How often all that there was has been retired. */
    private final AtomicInteger refreshes = new AtomicInteger();

    Supply(ResourcePool<R, ?> pool, ResourcePoolBuilder<R, ?> settings, Places<R> places, Ledger ledger) {
        this.pool = pool;
        this.settings = settings;
        this.lifecycle = settings.lifecycle;
        this.places = places;
        this.ledger = ledger;
        workers = settings.workers != null ? settings.workers : threads(settings.name);
    }

    private static Executor threads(String poolName) {
        AtomicLong number = new AtomicLong();
        return new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, WORKER_IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    String name = "hatch-" + poolName + "-worker-" + number.incrementAndGet();
                    Thread thread = new Thread(null, task, name, 0, false);
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /**
     * Sees to it that as much is idle or on its way as callers wait for, {@code more}, and the minimum: what is stale through
     * its validation, then what is new.
     */
    void replenish(int more) {
        if ((pool.waiting() + more > 0 || settings.minIdle > 0) && hasVacancy() && !pool.isClosed()) {
            replenishVacancies(more);
        }
    }

    private boolean hasVacancy() {
        for (Slot<R> slot : places.open()) {
            int code = Slot.code(slot.word());
            if (code == Slot.EMPTY || code == Slot.STALE) {
                return true;
            }
        }
        return false;
    }

    /** Under a lock, or those who arrive together would each have made what all of them want. Calls nothing foreign. */
    private synchronized void replenishVacancies(int more) {
        Slot<R>[] slots = places.open();
        int idle = 0;
        int stale = 0;
        for (Slot<R> slot : slots) {
            int code = Slot.code(slot.word());
            idle += code == Slot.IDLE ? 1 : 0;
            stale += code == Slot.STALE ? 1 : 0;
        }
        long now = settings.clock.getAsLong();
        int creations = 0;
        int onTheWay = 0;
        int late = 0;
        int overdue = 0;
        for (Call call : calls) {
            if (isOnItsWay(call, now)) {
                onTheWay++;
                creations += call.kind == Call.Kind.CREATION ? 1 : 0;
            } else if (isSupply(call)) {
                late++;
            } else {
                overdue += call.isOverdue() ? 1 : 0;
            }
        }
        int forWaiters = pool.waiting() + more - idle - onTheWay;
        for (int i = 0; i < slots.length && forWaiters > 0 && stale > 0; i++) {
            long word = slots[i].word();
            if (Slot.code(word) == Slot.STALE && validate(slots[i], word)) {
                forWaiters--;
                stale--;
            }
        }
        // Nobody is in a hurry for the minimum: what is late will do.
        int missing = Math.max(forWaiters, forWaiters + settings.minIdle - stale - late);
        // A driver that hears no interrupt keeps the thread of each call that is overdue: that has an end, too.
        boolean refuses = isPausing(now) || overdue >= slots.length + MOST_CREATIONS;
        int most = refuses ? 0 : failures > 0 ? 1 : MOST_CREATIONS;
        for (int i = 0; i < slots.length && missing > 0 && creations < most; i++) {
            long word = slots[i].word();
            if (Slot.code(word) == Slot.EMPTY && create(slots[i], word)) {
                missing--;
                creations++;
            }
        }
        if (pool.waiting() > 0 && (onTheWay > 0 || isPausing(now)) && !pool.isHousekeeper(Thread.currentThread())) {
            // It may have looked before anybody waited, and has to look again when the patience or the pause ends.
            pool.wakeHousekeeper();
        }
    }

    /** How many are being created, those included that have passed their limit, and not those whose resource is lent already. */
    int creations() {
        int count = 0;
        for (Call call : calls) {
            count += call.kind == Call.Kind.CREATION && (call.isOverdue() || call.ownsSlot()) ? 1 : 0;
        }
        return count;
    }

    /** For tests: how many calls have not taken their last step. */
    int calls() {
        return calls.size();
    }

    /** How many of what is idle are being validated. */
    int validations() {
        int count = 0;
        for (Call call : calls) {
            count += call.kind == Call.Kind.VALIDATION && !call.isOverdue() ? 1 : 0;
        }
        return count;
    }

    /** In how many ns {@link #replenish} may have something to do although nothing else happens. */
    long nanosToNext() {
        if (pool.waiting() == 0 && pool.idle() >= settings.minIdle) {
            return Long.MAX_VALUE;
        }
        long now = settings.clock.getAsLong();
        long next = isPausing(now) ? pauseEndNanos - now : Long.MAX_VALUE;
        for (Call call : calls) {
            if (isOnItsWay(call, now)) {
                next = Math.min(next, call.begunNanos + PATIENCE_NANOS - now);
            }
        }
        return next;
    }

    private boolean isPausing(long now) {
        return failures > 0 && pauseEndNanos - now > 0;
    }

    private static boolean isOnItsWay(Call call, long now) {
        return isSupply(call) && now - call.begunNanos < PATIENCE_NANOS;
    }

    private static boolean isSupply(Call call) {
        return (call.kind == Call.Kind.CREATION || call.kind == Call.Kind.VALIDATION) && !call.isOverdue();
    }

    /** After a place was lost or may be filled again. */
    private void settle() {
        pool.gate.tellReturned();
        if (!pool.isClosed()) {
            replenish(0);
        }
    }

    /** Has a worker do what may take its time; if there is no thread for it, it is left out. */
    void work(Runnable task) {
        start(task, noThread -> {});
    }

    private void start(Runnable task, Consumer<Throwable> otherwise) {
        try {
            workers.execute(task);
        } catch (Throwable e) {
            // No thread to be had.
            otherwise.accept(e);
        }
    }

    private Call call(Call.Kind kind, long limitNanos, @Nullable Slot<R> slot, long word) {
        Call call = new Call(kind, settings.clock.getAsLong(), limitNanos, slot, word);
        calls.add(call);
        return call;
    }

    /** By a worker, when the lifecycle has returned. What interrupted it was meant for this call, not for the next. */
    private static void end(Call call) {
        call.end();
        Thread.interrupted();
    }

    /** When the call has taken its last step: until then it counts as on its way, or others would make the same. */
    private void forget(Call call) {
        calls.remove(call);
        settle();
    }

    // Creating

    /** EMPTY → FILLING, and on; false if somebody else was quicker. */
    private boolean create(Slot<R> slot, long word) {
        long filling = Slot.next(word, Slot.FILLING);
        Call call = call(Call.Kind.CREATION, settings.createLimitNanos, slot, filling);
        Runnable task = () -> create(call, slot);
        Consumer<Throwable> otherwise = failure -> {
            ledger.creationFailed(slot, filling);
            calls.remove(call);
            pause(failure);
            pool.gate.tellReturned();
        };
        if (!slot.fill(word)) {
            calls.remove(call);
            return false;
        }
        start(task, otherwise);
        pool.wakeHousekeeper();
        return true;
    }

    private void create(Call call, Slot<R> slot) {
        Entry<R> entry = null;
        Throwable failure = null;
        int refreshed = refreshes.get();
        long begun = settings.clock.getAsLong();
        CreateEvent event = new CreateEvent();
        event.begin();
        call.begin();
        try {
            if (pool.isClosed()) {
                throw new PoolClosedException(settings.name);
            }
            R resource = Objects.requireNonNull(lifecycle.create(), "create() returned null");
            entry = new Entry<>(resource, describe(resource), settings.clock.getAsLong(), expiry());
        } catch (Throwable e) {
            failure = e;
        }
        event.end();
        end(call);
        Duration took = Duration.ofNanos(settings.clock.getAsLong() - begun);
        boolean inTime = false;
        try {
            inTime = entry != null
                    ? created(entry, slot, call.word, refreshed)
                    : creationFailed(slot, call.word, failure);
        } finally {
            forget(call);
        }
        // Told last: a listener that hangs holds up nobody.
        event.record(settings.name, entry, failure);
        if (inTime && entry != null) {
            String description = entry.description;
            pool.tell(listener -> listener.created(description, took));
        } else if (inTime && failure != null && !pool.isClosed()) {
            Throwable told = failure;
            pool.tell(listener -> listener.creationFailed(told));
        }
    }

    /** By whoever is about to retire all that there is. */
    void refreshing() {
        refreshes.incrementAndGet();
    }

    private boolean created(Entry<R> entry, Slot<R> slot, long filling, int refreshed) {
        recover();
        if (ledger.filled(slot, filling)) {
            slot.entry = entry;
            // Whoever retires all has counted first, then looked here: if he did not see the entry, this sees the
            // count.
            VarHandle.fullFence();
            if (refreshes.get() != refreshed) {
                entry.retire(DestroyReason.REFRESHED);
            }
            giveBack(slot, Slot.next(filling, Slot.LEASED), entry);
            return true;
        }
        destroying.incrementAndGet();
        destroyCounted(entry, DestroyReason.LATE);
        return false;
    }

    /** LEASED → IDLE, or to the next, or → HELD and destroyed if it was retired meanwhile. */
    private void giveBack(Slot<R> slot, long lease, Entry<R> entry) {
        DestroyReason retired = entry.retired();
        if (retired == null) {
            pool.giveBack(slot, lease);
        } else {
            evict(slot, lease, entry, retired);
        }
    }

    private boolean creationFailed(Slot<R> slot, long filling, @Nullable Throwable failure) {
        if (failure == null || !ledger.creationFailed(slot, filling)) {
            return false;
        }
        pause(failure);
        return true;
    }

    private @Nullable Long expiry() {
        if (settings.maxLifetimeNanos == 0) {
            return null;
        }
        long earlier = ThreadLocalRandom.current().nextLong(settings.maxLifetimeNanos / 10 + 1);
        return settings.clock.getAsLong() + settings.maxLifetimeNanos - earlier;
    }

    /** By a worker, or without one: what the failure says is asked for now, for it may be foreign code as well. */
    private void pause(Throwable failure) {
        pause(new Failure(failure, textOf(failure), settings.clock.getAsLong()));
    }

    private static String textOf(Throwable failure) {
        try {
            String message = failure.getMessage();
            return message != null ? message : failure.toString();
        } catch (Throwable e) {
            return failure.getClass().getName();
        }
    }

    private synchronized void pause(Failure failure) {
        long now = failure.nanos();
        lastFailure = failure;
        if (!isPausing(now)) {
            long longest = Math.min(FIRST_PAUSE_NANOS << Math.min(failures, 8), LONGEST_PAUSE_NANOS);
            pauseEndNanos = now + ThreadLocalRandom.current().nextLong(longest + 1);
            failures = Math.min(failures + 1, 1_000);
            pool.wakeHousekeeper();
        }
    }

    private synchronized void recover() {
        failures = 0;
    }

    /** Why creations fail; null if they do not, and none has since {@code sinceNanos}. */
    @Nullable Failure failureSince(long sinceNanos) {
        Failure failure = lastFailure;
        return failure != null && (failures > 0 || failure.nanos() - sinceNanos >= 0) ? failure : null;
    }

    /** A failed creation: why, what that says, and when. */
    record Failure(Throwable cause, String text, long nanos) {}

    // Validating and resetting

    /** IDLE or STALE → HELD, to be validated and given back or destroyed; false if somebody else was quicker. */
    boolean validate(Slot<R> slot, long word) {
        Entry<R> entry = slot.entry(word);
        if (entry == null) {
            return false;
        }
        long held = Slot.next(word, Slot.HELD);
        Call call = call(Call.Kind.VALIDATION, settings.validateLimitNanos, slot, held);
        Runnable task = () -> validate(call, slot, entry);
        Consumer<Throwable> otherwise = failure -> {
            if (!slot.unholdStale(held)) {
                giveUp(entry, slot, held, DestroyReason.INVALID);
            }
            calls.remove(call);
            if (pool.isClosed()) {
                pool.gate.destroyIfIdle(slot);
                pool.gate.tellReturned();
            }
        };
        if (!slot.hold(word)) {
            calls.remove(call);
            return false;
        }
        start(task, otherwise);
        pool.wakeHousekeeper();
        return true;
    }

    private void validate(Call call, Slot<R> slot, Entry<R> entry) {
        Throwable failure = null;
        ValidateEvent event = new ValidateEvent();
        event.begin();
        call.begin();
        try {
            if (!lifecycle.validate(entry.resource)) {
                failure = new IllegalStateException("validate() returned false");
            }
        } catch (Throwable e) {
            failure = e;
        }
        event.end();
        end(call);
        try {
            validated(entry, slot, call.word, failure);
        } finally {
            forget(call);
        }
        event.record(settings.name, entry, failure);
        if (failure != null) {
            Throwable told = failure;
            pool.tell(listener -> listener.validationFailed(entry.description, told));
        }
    }

    private void validated(Entry<R> entry, Slot<R> slot, long held, @Nullable Throwable failure) {
        if (failure == null) {
            entry.validNanos = settings.clock.getAsLong();
            if (slot.unhold(held)) {
                giveBack(slot, Slot.next(held, Slot.LEASED), entry);
                return;
            }
        } else {
            pool.suspectAll();
        }
        giveUp(entry, slot, held, DestroyReason.INVALID);
    }

    /** LEASED → HELD, then → LEASED to be given back, or → EMPTY: by the returning thread. */
    void reset(Slot<R> slot, long lease, Entry<R> entry) {
        long held = Slot.next(lease, Slot.HELD);
        Call call = call(Call.Kind.RESET, settings.resetLimitNanos, slot, held);
        if (!slot.hold(lease)) {
            calls.remove(call);
            return;
        }
        Throwable failure = null;
        ResetEvent event = new ResetEvent();
        event.begin();
        try {
            lifecycle.reset(entry.resource);
        } catch (Throwable e) {
            failure = e;
        }
        event.end();
        call.end();
        calls.remove(call);
        event.record(settings.name, entry, failure);
        if (failure == null && slot.unhold(held)) {
            giveBack(slot, Slot.next(held, Slot.LEASED), entry);
            return;
        }
        giveUp(entry, slot, held, DestroyReason.RESET_FAILED);
        if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            LOG.warn("Pool '{}': a reset failed; its resource is destroyed", settings.name, failure);
        }
    }

    // Destroying

    /** HELD → EMPTY: the resource is destroyed, and its place filled anew if it is wanted. */
    void giveUp(Slot<R> slot, long held, DestroyReason reason) {
        giveUp(Objects.requireNonNull(slot.entry), slot, held, reason);
    }

    /** IDLE, STALE or LEASED → HELD → EMPTY; false if somebody else was quicker. */
    boolean evict(Slot<R> slot, long word, DestroyReason reason) {
        Entry<R> entry = slot.entry(word);
        return entry != null && evict(slot, word, entry, reason);
    }

    boolean evict(Slot<R> slot, long word, Entry<R> entry, DestroyReason reason) {
        if (!slot.hold(word)) {
            return false;
        }
        giveUp(entry, slot, Slot.next(word, Slot.HELD), reason);
        return true;
    }

    void giveUp(Entry<R> entry, Slot<R> slot, long held, DestroyReason reason) {
        destroying.incrementAndGet();
        boolean inTime = ledger.vacate(slot, held, reason);
        destroyCounted(entry, inTime ? reason : DestroyReason.LATE);
        settle();
    }

    private void destroyCounted(Entry<R> entry, DestroyReason reason) {
        startDestruction(() -> {
            Call call = call(Call.Kind.DESTRUCTION, settings.destroyLimitNanos, null, 0);
            Throwable failure = null;
            call.begin();
            try {
                lifecycle.destroy(entry.resource);
            } catch (Throwable e) {
                failure = e;
            } finally {
                end(call);
                calls.remove(call);
                destroying.decrementAndGet();
                pool.gate.tellReturned();
            }
            if (failure != null) {
                LOG.warn("Pool '{}': a resource could not be destroyed cleanly", settings.name, failure);
            }
            pool.tell(listener -> listener.destroyed(entry.description, reason));
        });
    }

    /** Never on the calling thread, which may be a user's. */
    private void startDestruction(Runnable task) {
        start(task, failure -> postponed.add(task));
    }

    /** By the housekeeper: begins the destructions for which there was no thread. */
    void startPostponed() {
        for (int i = postponed.size(); i > 0; i--) {
            Runnable task = postponed.poll();
            if (task != null) {
                startDestruction(task);
            }
        }
    }

    boolean isDestroying() {
        return destroying.get() > 0;
    }

    /** Whether a call is under way whose resource has still to be destroyed. */
    boolean isBusy() {
        return isDestroying() || !calls.isEmpty();
    }

    // By the clock, and at the end

    /** By the housekeeper: takes their slots from calls that have passed their limits, and interrupts their workers. */
    void expire(long now) {
        for (Call call : calls) {
            if (now - call.deadlineNanos >= 0 && !call.isOverdue()) {
                Slot<?> slot = call.slot;
                // The slot first: a call that has still to take it is looked at again, one that has moved it on is as
                // good as over.
                boolean taken = slot == null || ledger.setAside(slot, call.word);
                if (taken && call.expire()) {
                    passedLimit(call);
                }
            }
        }
    }

    private void passedLimit(Call call) {
        Exception failure = new TimeoutException("a creation passed its time limit");
        if (call.kind == Call.Kind.CREATION) {
            pause(failure);
        } else if (call.kind == Call.Kind.VALIDATION) {
            pool.suspectAll();
        }
        Runnable task = () -> {
            call.interrupt();
            tellOverdue(call.kind, failure);
        };
        start(task, noThread -> {});
        settle();
    }

    private void tellOverdue(Call.Kind kind, Exception failure) {
        LOG.warn("Pool '{}': a {} passed its time limit", settings.name, kind);
        if (kind == Call.Kind.CREATION) {
            pool.tell(listener -> listener.creationFailed(failure));
        }
        pool.tell(listener -> listener.setAside(kind.name()));
    }

    /** Has the holder of a resource stop, unless that is being done. Never on the calling thread: it may hang. */
    void cancel(Entry<R> entry) {
        if (!cancelling.add(entry)) {
            return;
        }
        Runnable task = () -> {
            try {
                lifecycle.cancel(entry.resource);
            } catch (Throwable e) {
                LOG.warn("Pool '{}': what is still leased could not be cancelled", settings.name, e);
            } finally {
                cancelling.remove(entry);
            }
        };
        start(task, noThread -> cancelling.remove(entry));
    }

    /** Has creations and validations interrupted; what they bring is destroyed. */
    void close() {
        if (!calls.isEmpty()) {
            start(this::interruptAll, noThread -> {});
        }
    }

    private void interruptAll() {
        for (Call call : calls) {
            if (call.kind == Call.Kind.CREATION || call.kind == Call.Kind.VALIDATION) {
                call.interrupt();
            }
        }
    }

    /** When the pool is over: ends the threads that would idle for a while. */
    void end() {
        if (workers instanceof ExecutorService threads) {
            threads.shutdown();
        }
    }

    /** By the worker that has created it. */
    String describe(R resource) {
        try {
            return String.valueOf((Object) lifecycle.describe(resource));
        } catch (Throwable e) {
            return "a resource whose describe() failed";
        }
    }
}
