package dev.hatch.pool;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds out that nobody can ever be served: every slot that is open is leased by a thread that stands in the queue of the same pool.
 *
 * <p>Only a caller that has a lease here and is about to park looks. That is enough, for of those in a deadlock the last to begin
 * to wait has one, and sees the others. What it sees was all so at one moment: it reads the slots, then who waits, then the slots
 * again, and a word never comes back. It believes it when it sees the same {@value #SURE_MILLIS} ms later, so that a lease
 * which was handed to a thread that has only to begin to use it is not taken for the waiting thread's. Under this, so that of
 * several one is told: its wait has then ended, and the others see no deadlock any more.
 */
final class Deadlocks<R> {
    static final long SURE_MILLIS = 30;
    static final long SURE_NANOS = TimeUnit.MILLISECONDS.toNanos(SURE_MILLIS);

    /** Whoever would wait no longer than this anyway is not told earlier. */
    static final long LONG_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Leases<R> leases;
    private final Places<R> places;
    private final WaitQueue queue;

    Deadlocks(Leases<R> leases, Places<R> places, WaitQueue queue) {
        this.leases = leases;
        this.places = places;
        this.queue = queue;
    }

    /**
     * All leases, with waiting threads.
     *
     * @param words of the slots
     * @param threads who has them
     * @param nanos when
     */
    record Sight(List<Long> words, List<Long> threads, long nanos) {
        boolean isStill(@Nullable Sight later) {
            return later != null && words.equals(later.words) && threads.equals(later.threads);
        }
    }

    /** Whether the thread has a lease. */
    boolean isHolder(long thread) {
        for (Slot<R> slot : places.all()) {
            long word = slot.word();
            if (Slot.code(word) == Slot.LEASED && slot.holder(word) == thread) {
                return true;
            }
        }
        return false;
    }

    /** By a waiter that has a lease, before it parks: ends its wait, as deadlocked, if that is sure; null if not. */
    @Nullable String look(Waiter waiter, long now) {
        Sight sight = sight(now);
        Sight suspicion = waiter.suspicion;
        if (suspicion == null || !suspicion.isStill(sight)) {
            waiter.suspicion = sight;
            return null;
        }
        return now - suspicion.nanos() < SURE_NANOS ? null : end(waiter, suspicion, now);
    }

    private synchronized @Nullable String end(Waiter waiter, Sight suspicion, long now) {
        if (!suspicion.isStill(sight(now)) || !queue.end(waiter, Waiter.End.DEADLOCKED)) {
            return null;
        }
        return text(waiter, suspicion, waiting());
    }

    private Map<Long, Waiter> waiting() {
        Map<Long, Waiter> waiting = new HashMap<>();
        for (Waiter waiter : queue.waiters()) {
            if (waiter.outcome() == null) {
                waiting.put(waiter.thread.getId(), waiter);
            }
        }
        return waiting;
    }

    private @Nullable Sight sight(long now) {
        Slot<R>[] slots = places.open();
        List<Long> words = new ArrayList<>();
        List<Long> threads = new ArrayList<>();
        for (Slot<R> slot : slots) {
            long word = slot.word();
            if (Slot.code(word) != Slot.LEASED) {
                return null;
            }
            words.add(word);
            threads.add(slot.holder(word));
        }
        Map<Long, Waiter> waiting = waiting();
        for (long thread : threads) {
            Waiter waiter = waiting.get(thread);
            if (waiter == null || waiter.outcome() != null || waiter.claiming) {
                return null;
            }
        }
        for (int i = 0; i < slots.length; i++) {
            if (slots[i].word() != words.get(i)) {
                return null;
            }
        }
        return words.isEmpty() ? null : new Sight(words, threads, now);
    }

    private String text(Waiter waiter, Sight sight, Map<Long, Waiter> waiting) {
        Slot<R>[] slots = places.open();
        StringBuilder own = new StringBuilder();
        StringBuilder others = new StringBuilder();
        long self = waiter.thread.getId();
        for (int i = 0; i < Math.min(slots.length, sight.words.size()); i++) {
            LeaseInfo lease = leases.info(slots[i], sight.words.get(i));
            Waiter holder = waiting.get(sight.threads.get(i));
            if (lease == null) {
                continue;
            }
            if (sight.threads.get(i) == self) {
                own.append("\nIt has ").append(lease.resource());
                own.append(
                        lease.acquired().isEmpty()
                                ? ", acquired where is not known, for it is not tracked"
                                : ", acquired" + Stacks.text(lease.acquired().toArray(new StackTraceElement[0])));
            } else if (holder != null && others.isEmpty()) {
                others.append("\nThread '").append(holder.thread.getName()).append("' has ");
                others.append(lease.resource()).append(" and waits");
                others.append(Stacks.text(Stacks.ofCaller(holder.thread.getStackTrace())));
            }
        }
        return "\nThis thread waits" + Stacks.text(Stacks.ofCaller(new Throwable().getStackTrace())) + own + others;
    }
}
