package dev.hatch.pool;

import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes, validates, resets and destroys resources for a {@link ResourcePool}: all calls to the lifecycle are here, none
 * under a lock, all but the reset on daemon threads of its own, as many as are needed, so that one hung call stands in
 * nobody's way.
 */
final class Supply<R> {
    private static final Logger LOG = LoggerFactory.getLogger(ResourcePool.class);

    /** The longest pause after the first failure; it doubles with each further one in a row, up to the bound. */
    private static final long FIRST_PAUSE_MILLIS = 8;

    private static final long LONGEST_PAUSE_MILLIS = 250;
    private static final long WORKER_IDLE_SECONDS = 10;

    private final ResourcePool<R, ?> pool;
    private final ResourcePoolBuilder<R, ?> settings;
    private final ResourceLifecycle<R> lifecycle;
    private final Slot<R>[] slots;
    private final Ledger ledger;
    private final ExecutorService workers;
    private final Set<Call> calls = ConcurrentHashMap.newKeySet();

    /** Creations that pause and will try again within 250 ms, by which newcomers need not try for themselves. */
    private final AtomicInteger pausing = new AtomicInteger();

    /** In a row. */
    private final AtomicInteger failures = new AtomicInteger();

    /** Destructions that were begun or are about to, and have not ended. */
    private final AtomicInteger destroying = new AtomicInteger();

    private volatile @Nullable Throwable lastFailure;
    private volatile long lastFailureNanos;

    Supply(ResourcePool<R, ?> pool, ResourcePoolBuilder<R, ?> settings, Slot<R>[] slots, Ledger ledger) {
        this.pool = pool;
        this.settings = settings;
        this.lifecycle = settings.lifecycle;
        this.slots = slots;
        this.ledger = ledger;
        AtomicLong number = new AtomicLong();
        workers = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, WORKER_IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "hatch-" + settings.name + "-worker-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** Gets one more resource on its way to the queue: a stale one through its validation, else a new one. */
    void demand() {
        if (!validateOne() && pausing.get() == 0) {
            createOne();
        }
    }

    /** Whether {@link #demand} can do anything. */
    boolean canSupply() {
        for (Slot<R> slot : slots) {
            int code = Slot.code(slot.word());
            if (code == Slot.STALE || (code == Slot.EMPTY && pausing.get() == 0)) {
                return true;
            }
        }
        return false;
    }

    /** Begins to create one resource, if a place is empty. */
    boolean createOne() {
        for (Slot<R> slot : slots) {
            long word = slot.word();
            if (slot.fill(word)) {
                long filling = Slot.next(word, Slot.FILLING);
                start(() -> create(slot, filling), failure -> {
                    failed(failure);
                    slot.vacate(filling);
                });
                return true;
            }
        }
        return false;
    }

    private boolean validateOne() {
        for (Slot<R> slot : slots) {
            long word = slot.word();
            if (Slot.code(word) == Slot.STALE && validate(slot, word)) {
                return true;
            }
        }
        return false;
    }

    /** Validates an idle or stale resource, then gives it back or destroys it; false if somebody else was quicker. */
    boolean validate(Slot<R> slot, long word) {
        if (!slot.hold(word)) {
            return false;
        }
        long held = Slot.next(word, Slot.HELD);
        start(() -> validateHeld(slot, word, held), failure -> giveUp(slot, held, DestroyReason.INVALID));
        return true;
    }

    private interface OnFailure {
        void failed(Throwable failure);
    }

    private void start(Runnable task, OnFailure otherwise) {
        try {
            workers.execute(task);
        } catch (RuntimeException | Error e) {
            // No thread to be had, or the pool was closed.
            otherwise.failed(e);
        }
    }

    private Call begin(Call.Kind kind, @Nullable Slot<R> slot, long word, long limitNanos, boolean isWorker) {
        Call call = new Call(
                kind, settings.clock.getAsLong() + limitNanos, slot, word, isWorker ? Thread.currentThread() : null);
        calls.add(call);
        return call;
    }

    private void end(Call call) {
        calls.remove(call);
        if (call.end()) {
            // If the call was overdue: the next task of this worker is not.
            Thread.interrupted();
        }
    }

    private void create(Slot<R> slot, long word) {
        for (long filling = word; ; ) {
            Throwable failure;
            Call call = begin(Call.Kind.CREATION, slot, filling, settings.createLimitNanos, true);
            try {
                R resource = Objects.requireNonNull(lifecycle.create(), "create() returned null");
                end(call);
                created(slot, filling, resource);
                return;
            } catch (Throwable e) {
                end(call);
                failure = e;
            }
            if (slot.word() != filling) {
                // It had passed its limit, so that it has failed already.
                return;
            }
            ledger.failedCreations.increment();
            failed(failure);
            if (!pool.isWanted() || !pause()) {
                slot.vacate(filling);
                pool.relax();
                return;
            }
        }
    }

    /** False if another creation pauses already, or the pause was interrupted: this one gives up its place. */
    private boolean pause() {
        if (!pausing.compareAndSet(0, 1)) {
            return false;
        }
        try {
            int doubled = Math.min(failures.get() - 1, 5);
            long longest = Math.min(FIRST_PAUSE_MILLIS << Math.max(doubled, 0), LONGEST_PAUSE_MILLIS);
            TimeUnit.MICROSECONDS.sleep(ThreadLocalRandom.current().nextLong(1_000 * longest) + 1);
            return pool.isWanted();
        } catch (InterruptedException e) {
            return false;
        } finally {
            pausing.set(0);
        }
    }

    private void failed(Throwable failure) {
        failures.updateAndGet(now -> Math.min(now + 1, Integer.MAX_VALUE - 1));
        lastFailure = failure;
        lastFailureNanos = settings.clock.getAsLong();
        pool.tell(listener -> listener.creationFailed(failure));
    }

    /** Why the last creation failed, if that was not before {@code sinceNanos}. */
    @Nullable Throwable failureSince(long sinceNanos) {
        Throwable failure = lastFailure;
        return failure != null && lastFailureNanos - sinceNanos >= 0 ? failure : null;
    }

    private void created(Slot<R> slot, long filling, R resource) {
        boolean wasFailing = failures.getAndSet(0) > 0;
        pool.tell(listener -> listener.created(describe(resource)));
        long now = settings.clock.getAsLong();
        Long expires = null;
        if (settings.maxLifetimeNanos > 0) {
            long earlier = settings.maxLifetimeNanos / 10;
            expires = now
                    + settings.maxLifetimeNanos
                    - (earlier == 0 ? 0 : ThreadLocalRandom.current().nextLong(earlier));
        }
        if (!ledger.filled(slot, filling)) {
            destroy(resource, DestroyReason.LATE);
            return;
        }
        slot.entry = new Entry<>(resource, now, expires);
        pool.giveBack(slot, Slot.next(filling, Slot.LEASED));
        if (wasFailing) {
            pool.relax();
        }
    }

    private void validateHeld(Slot<R> slot, long idle, long held) {
        Entry<R> entry = Objects.requireNonNull(slot.entry);
        Throwable failure = null;
        Call call = begin(Call.Kind.VALIDATION, slot, held, settings.validateLimitNanos, true);
        try {
            if (!lifecycle.validate(entry.resource)) {
                failure = new IllegalStateException("validate() returned false");
            }
        } catch (Throwable e) {
            failure = e;
        } finally {
            end(call);
        }
        if (failure == null && slot.unhold(held)) {
            entry.validNanos = settings.clock.getAsLong();
            // To HELD, LEASED and IDLE again; and to STALE before.
            entry.validationSteps += Slot.code(idle) == Slot.STALE ? 4 : 3;
            pool.giveBack(slot, Slot.next(held, Slot.LEASED));
            return;
        }
        if (failure != null) {
            Throwable reason = failure;
            pool.suspectAll();
            pool.tell(listener -> listener.validationFailed(describe(entry.resource), reason));
        }
        giveUp(entry, slot, held, DestroyReason.INVALID);
    }

    /** By the returning thread, which holds the slot; false if the resource was given up. */
    boolean reset(Slot<R> slot, long held) {
        Entry<R> entry = Objects.requireNonNull(slot.entry);
        Call call = begin(Call.Kind.RESET, slot, held, settings.resetLimitNanos, false);
        boolean good = false;
        try {
            lifecycle.reset(entry.resource);
            good = true;
        } catch (Throwable e) {
            LOG.warn("Pool '{}': a reset failed; {} is destroyed", settings.name, describe(entry.resource), e);
        } finally {
            end(call);
        }
        if (good && slot.unhold(held)) {
            return true;
        }
        giveUp(entry, slot, held, DestroyReason.RESET_FAILED);
        return false;
    }

    /** HELD → EMPTY: the resource is destroyed, and its place filled anew if somebody waits. */
    void giveUp(Slot<R> slot, long held, DestroyReason reason) {
        giveUp(Objects.requireNonNull(slot.entry), slot, held, reason);
    }

    private void giveUp(Entry<R> entry, Slot<R> slot, long held, DestroyReason reason) {
        destroying.incrementAndGet();
        boolean inTime = ledger.vacate(slot, held, reason);
        destroyCounted(entry.resource, inTime ? reason : DestroyReason.LATE);
        pool.relax();
    }

    private void destroy(R resource, DestroyReason reason) {
        destroying.incrementAndGet();
        destroyCounted(resource, reason);
    }

    private void destroyCounted(R resource, DestroyReason reason) {
        pool.tell(listener -> listener.destroyed(describe(resource), reason));
        // Without a thread, here: better late than leaked.
        start(() -> destroyNow(resource, true), failure -> destroyNow(resource, false));
    }

    private void destroyNow(R resource, boolean isWorker) {
        Call call = begin(Call.Kind.DESTRUCTION, null, 0, settings.destroyLimitNanos, isWorker);
        try {
            lifecycle.destroy(resource);
        } catch (Throwable e) {
            LOG.warn("Pool '{}': {} could not be destroyed cleanly", settings.name, describe(resource), e);
        } finally {
            end(call);
            destroying.decrementAndGet();
        }
    }

    /** Sets aside what has passed its limit, and interrupts its worker. */
    void expire(long now) {
        for (Call call : calls) {
            if (now - call.deadlineNanos >= 0 && call.expire()) {
                Slot<?> slot = call.slot;
                if (slot == null || ledger.setAside(slot, call.word)) {
                    LOG.warn("Pool '{}': a {} passed its time limit", settings.name, call.kind);
                    if (call.kind == Call.Kind.CREATION) {
                        failed(new IllegalStateException("a creation passed its time limit"));
                    }
                    pool.tell(listener -> listener.setAside(call.kind.name()));
                    if (call.kind == Call.Kind.VALIDATION) {
                        pool.suspectAll();
                    }
                    pool.relax();
                }
            }
        }
    }

    boolean isDestroying() {
        return destroying.get() > 0;
    }

    /** Ends pauses and hung creations; what they bring is destroyed. */
    void close() {
        for (Call call : calls) {
            if (call.kind == Call.Kind.CREATION || call.kind == Call.Kind.VALIDATION) {
                call.interrupt();
            }
        }
    }

    void shutdown() {
        workers.shutdown();
    }

    String describe(R resource) {
        try {
            return lifecycle.describe(resource);
        } catch (RuntimeException | Error e) {
            return "a resource whose describe() failed";
        }
    }
}
