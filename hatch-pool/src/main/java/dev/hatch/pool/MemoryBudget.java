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
    private final AtomicLong age = new AtomicLong();
    private final List<Member> members = new CopyOnWriteArrayList<>();

    private final ReentrantLock lock = new ReentrantLock(true);

    /** Guarded by the lock: a condition for each caller that waits, the first one at the head. */
    private final Queue<Condition> queue = new ArrayDeque<>();

    /** The queue's size. Written under the lock. */
    private volatile int waiting;

    private MemoryBudget(long limit) {
        this.limit = limit;
    }

    /** A pool that holds memory of a budget. Its methods are called under the budget's lock, and must not wait for anything. */
    public interface Member {
        /** The {@link MemoryBudget#age()} at which the memory that it would give way with was last used; null if none is idle. */
        @Nullable Long leastRecentUse();

        /**
         * Somebody waits from now on, or nobody. While somebody does, the member lends nothing but through {@link #await}, and calls
         * {@link #wake} after something of it became idle.
         */
        void waiting(boolean somebody);

        /**
         * Lets idle memory go, the least recently used, and releases it here.
         *
         * @param bytes how many are wanted; fewer may be let go, or a few more
         */
        void giveWay(long bytes);
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

    /** Goes up with each reservation: what members say their memory's last use by. */
    public long age() {
        return age.get();
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
        members.remove(member);
    }

    /**
     * Reserves at once or not at all. While others wait it is refused, but to the caller whose turn it is.
     *
     * @param bytes 0 or more
     * @return whether they are reserved, to be released some day
     */
    public boolean tryReserve(long bytes) {
        if (waiting > 0 && !lock.isHeldByCurrentThread()) {
            return false;
        }
        age.incrementAndGet();
        return fits(bytes) || tryReserveFromIdle(bytes);
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
        lock.lock();
        try {
            while (!fits(bytes)) {
                Member first = null;
                long oldest = Long.MAX_VALUE;
                for (Member member : members) {
                    Long use = member.leastRecentUse();
                    if (use != null && use < oldest) {
                        first = member;
                        oldest = use;
                    }
                }
                if (first == null) {
                    return false;
                }
                first.giveWay(bytes - (limit - reserved.get()));
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Reserves, and waits for that in order.
     *
     * @return whether they were reserved in time
     */
    public boolean tryReserve(long bytes, Duration timeout) throws InterruptedException {
        return tryReserve(bytes) || (bytes <= limit && await(() -> tryReserve(bytes) ? this : null, timeout) != null);
    }

    /** Gives back what was reserved. Who waits may have his turn by it. */
    public void release(long bytes) {
        if (bytes < 0 || reserved.addAndGet(-bytes) < 0) {
            throw new IllegalStateException(bytes + " bytes were released that were not reserved");
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
        long left = timeout.toNanos();
        lock.lockInterruptibly();
        Condition own = lock.newCondition();
        queue.add(own);
        count();
        try {
            while (true) {
                T got = queue.peek() == own ? attempt.get() : null;
                if (got != null || left <= 0) {
                    return got;
                }
                left = own.awaitNanos(left);
            }
        } finally {
            queue.remove(own);
            count();
            wakeHead();
            lock.unlock();
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
