package dev.hatch.pool;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait, first come first. A waiter announces itself in {@code attention}, then stands in the queue, then looks
 * for a free slot; a releaser frees its slot, then reads {@code attention}. Both are volatile, so one sees the other.
 *
 * <p>Who has left stays in the queue until it is at the head, or until the dead outnumber the living by {@value #FEW}.
 */
class WaitQueue {
    private static final int CLOSED = 1 << 30;
    private static final int SUSPENDED = 1 << 31;
    private static final int WAITING = CLOSED - 1;
    private static final int FEW = 64;

    private final int maxWaiters;
    private final ConcurrentLinkedQueue<Waiter> queue = new ConcurrentLinkedQueue<>();

    /** How many wait whose wait has not ended, and whether the pool is closed or suspended: the one thing that a release has to look at. */
    private final AtomicInteger attention = new AtomicInteger();

    /** About how many in the queue have left. It only decides when to sweep. */
    private final AtomicInteger dead = new AtomicInteger();

    WaitQueue(int maxWaiters) {
        this.maxWaiters = maxWaiters;
    }

    /** Whether a release has to do more than to free its slot. */
    boolean needsAttention() {
        return attention.get() != 0;
    }

    boolean isClosed() {
        return (attention.get() & CLOSED) != 0;
    }

    boolean isSuspended() {
        return (attention.get() & SUSPENDED) != 0;
    }

    /** From now on whoever frees a slot pays attention, and hands none over. */
    void suspend() {
        attention.getAndUpdate(now -> now | SUSPENDED);
    }

    void resume() {
        attention.getAndUpdate(now -> now & ~SUSPENDED);
    }

    int waiting() {
        return attention.get() & WAITING;
    }

    /** Announces one more waiter; false if the queue is full or closed. */
    boolean announce() {
        int now = attention.get();
        while ((now & CLOSED) == 0 && (now & WAITING) < maxWaiters) {
            if (attention.compareAndSet(now, now + 1)) {
                return true;
            }
            now = attention.get();
        }
        return false;
    }

    /** For the current thread. Tests make one that parks in another way. */
    Waiter waiter(long sinceNanos, long deadlineNanos) {
        return new Waiter(sinceNanos, deadlineNanos);
    }

    /** After {@link #announce}. */
    void join(Waiter waiter) {
        queue.add(waiter);
    }

    /** Ends a wait, so that the waiter is not counted any more; false if somebody else decided how it ends. */
    boolean end(Waiter waiter, Object how) {
        if (!waiter.end(how)) {
            return false;
        }
        attention.decrementAndGet();
        return true;
    }

    /** By a waiter whose wait has ended. */
    void leave() {
        if (dead.incrementAndGet() > waiting() + FEW) {
            dead.set(0);
            queue.removeIf(waiter -> waiter.outcome() != null);
        }
    }

    /** The one who has waited longest. */
    @Nullable Waiter head() {
        Waiter head = queue.peek();
        while (head != null && head.outcome() != null) {
            if (queue.remove(head)) {
                dead.decrementAndGet();
            }
            head = queue.peek();
        }
        return head;
    }

    /** Admits nobody from now on; false if that was so already. */
    boolean close() {
        return (attention.getAndUpdate(now -> now | CLOSED) & CLOSED) == 0;
    }

    Iterable<Waiter> waiters() {
        return queue;
    }

    /** Ends the wait of all who stand in the queue now. */
    void failAll() {
        for (Waiter waiter : queue) {
            if (end(waiter, Waiter.End.CLOSED)) {
                waiter.wake();
            }
        }
    }
}
