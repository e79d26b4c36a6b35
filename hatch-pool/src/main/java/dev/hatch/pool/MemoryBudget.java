package dev.hatch.pool;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A bound on bytes that several pools share, so that a service has one limit. What a pool holds, lent or idle, it has reserved
 * here. Where bytes are wanted and the bound is reached, idle memory gives way, whichever pool has it, the least recently used
 * first; where none is left the caller is refused or waits, in order.
 *
 * <p>Thread-safe: a reservation that fits is one compare-and-set; all else is under one fair lock.
 */
public final class MemoryBudget {
    private final long limit;
    private final AtomicLong reserved = new AtomicLong();
    private final List<Member> members = new CopyOnWriteArrayList<>();

    private final ReentrantLock lock = new ReentrantLock(true);

    /** Guarded by the lock: a condition for each caller that waits, the first one at the head. */
    private final Queue<Condition> queue = new ArrayDeque<>();

    /** The queue's size. Written under the lock. */
    private volatile int waiting;

    private MemoryBudget(long limit) {
        this.limit = limit;
    }

    /**
     * A pool that holds memory of a budget. Its methods are called under the budget's lock: they must not throw, and not wait for
     * anything.
     */
    public interface Member {
        /** How many bytes are idle now. */
        long idleBytes();

        /** When the memory that it would give way with was last used, as {@link System#nanoTime}; null if none is idle. */
        @Nullable Long leastRecentUse();

        /**
         * Lets idle memory go, the least recently used, and releases it here.
         *
         * @param bytes how many are wanted; fewer may be let go, or a few more
         */
        void giveWay(long bytes);

        /**
         * Somebody waits from now on, or nobody. While somebody does, the member lends nothing but through {@link #await}, and calls
         * {@link #wake} after something of it became idle.
         */
        void waiting(boolean somebody);
    }

    /**
     * A budget that nobody uses yet.
     *
     * @param bytes the bound, at least 1
     */
    public static MemoryBudget of(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("a budget must be of 1 byte or more, not " + bytes);
        }
        return new MemoryBudget(bytes);
    }

    /** The bound in bytes. */
    public long limit() {
        return limit;
    }

    /** How many bytes are reserved now. */
    public long reserved() {
        return reserved.get();
    }

    /** How many callers wait now. */
    public int waiting() {
        return waiting;
    }

    /** From now on that member is asked to give way, and told whether somebody waits. */
    public void join(Member member) {
        lock.lock();
        try {
            members.add(member);
            member.waiting(waiting > 0);
        } finally {
            lock.unlock();
        }
    }

    /** From now on it is not; what it has reserved stays so. */
    public void leave(Member member) {
        lock.lock();
        try {
            members.remove(member);
            member.waiting(false);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Reserves at once or not at all. While others wait it is refused, but to the caller whose turn it is.
     *
     * @param bytes 0 or more
     * @return whether they are reserved, to be released some day
     */
    public boolean tryReserve(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("what is reserved must be 0 bytes or more, not " + bytes);
        }
        return mayReserve() && (fits(bytes) || tryReserveFromIdle(bytes));
    }

    private boolean mayReserve() {
        return waiting == 0 || lock.isHeldByCurrentThread();
    }

    private boolean fits(long bytes) {
        while (true) {
            long now = reserved.get();
            if (bytes > limit - now) {
                return false;
            }
            if (reserved.compareAndSet(now, now + bytes)) {
                return true;
            }
        }
    }

    private boolean tryReserveFromIdle(long bytes) {
        if (bytes > limit) {
            return false;
        }
        boolean isTurn = lock.isHeldByCurrentThread();
        lock.lock();
        try {
            // Those who came to wait meanwhile are first.
            return (isTurn || waiting == 0) && reserveFromIdle(bytes);
        } finally {
            lock.unlock();
        }
    }

    private boolean reserveFromIdle(long bytes) {
        // Each may find once that others were quicker.
        for (int looks = 2 * members.size(); !fits(bytes); ) {
            long idle = 0;
            for (Member member : members) {
                idle += member.idleBytes();
            }
            long wanted = bytes - (limit - reserved.get());
            Member first = idle < wanted ? null : leastRecentlyUsed();
            if (first == null) {
                return false;
            }
            long before = reserved.get();
            first.giveWay(wanted);
            if (reserved.get() >= before && --looks < 0) {
                return false;
            }
        }
        return true;
    }

    private @Nullable Member leastRecentlyUsed() {
        Member first = null;
        long firstUse = 0;
        for (Member member : members) {
            Long use = member.leastRecentUse();
            if (use != null && (first == null || use - firstUse < 0)) {
                first = member;
                firstUse = use;
            }
        }
        return first;
    }

    /**
     * Reserves, and waits for that in order. For more than the limit nobody waits.
     *
     * @return whether they were reserved in time
     */
    public boolean tryReserve(long bytes, Duration timeout) throws InterruptedException {
        return tryReserve(bytes) || (bytes <= limit && await(() -> tryReserve(bytes) ? this : null, timeout) != null);
    }

    /**
     * Gives back what was reserved. Who waits may have his turn by it.
     *
     * @throws IllegalArgumentException if that is more than is reserved
     */
    public void release(long bytes) {
        while (true) {
            long now = reserved.get();
            if (bytes < 0 || bytes > now) {
                throw new IllegalArgumentException(
                        bytes + " bytes cannot be released of " + now + " that are reserved");
            }
            if (reserved.compareAndSet(now, now - bytes)) {
                break;
            }
        }
        wake();
    }

    /** Says that something became idle, which may be what somebody waits for. Costs nothing while nobody waits. */
    public void wake() {
        if (waiting > 0) {
            lock.lock();
            try {
                wakeHead();
            } finally {
                lock.unlock();
            }
        }
    }

    private void wakeHead() {
        Condition head = queue.peek();
        if (head != null) {
            head.signal();
        }
    }

    /**
     * Waits in order for an attempt to succeed: in the caller's turn it is made once, and again after each {@link #release} and
     * {@link #wake}.
     *
     * @param attempt gives null if it has to be made again; called under the lock
     * @return what the attempt gave, or null if it gave nothing in time
     */
    public <T> @Nullable T await(Supplier<@Nullable T> attempt, Duration timeout) throws InterruptedException {
        long start = System.nanoTime();
        long nanos = nanos(timeout);
        lock.lockInterruptibly();
        try {
            Condition own = lock.newCondition();
            queue.add(own);
            try {
                count();
                for (long left = nanos; ; left = nanos - (System.nanoTime() - start)) {
                    T got = queue.peek() == own ? attempt.get() : null;
                    if (got != null || left <= 0) {
                        return got;
                    }
                    own.awaitNanos(left);
                }
            } finally {
                queue.remove(own);
                count();
                wakeHead();
            }
        } finally {
            lock.unlock();
        }
    }

    private static long nanos(Duration timeout) {
        try {
            return timeout.toNanos();
        } catch (ArithmeticException e) {
            // Longer than 292 years.
            return timeout.isNegative() ? 0 : Long.MAX_VALUE;
        }
    }

    /** Before a waiter looks: so either he sees what became idle, or who made it idle sees that he waits. */
    private void count() {
        boolean before = waiting > 0;
        waiting = queue.size();
        if (before != waiting > 0) {
            members.forEach(member -> member.waiting(waiting > 0));
        }
    }

    @Override
    public String toString() {
        return "MemoryBudget[" + reserved() + " of " + limit + " bytes reserved, " + waiting + " waiting]";
    }
}
