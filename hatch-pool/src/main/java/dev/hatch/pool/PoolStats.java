package dev.hatch.pool;

import java.io.Serializable;
import java.time.Duration;
import java.util.Map;

/**
 * What a pool holds and has done: {@code created = idle + leased + destroyed + setAside} at every instant. The slots are read one
 * after another, so one that is lent or returned meanwhile counts as it was when it was read.
 *
 * @param created resources made since the pool was opened
 * @param idle resources that are not leased, those included that are being validated or reset
 * @param leased resources that are leased
 * @param destroyedBy resources that the pool gave up, by reason; each counts from when its destruction begins
 * @param setAside resources whose validation or reset passed its time limit and has not returned since
 * @param creating creations under way, those left out that have passed their limit
 * @param waiting callers that wait now
 * @param waits how many callers have had to wait and have stopped waiting
 * @param waitTime how long those waited together
 * @param timeouts callers that got nothing in time
 * @param refusals callers that were refused because {@code maxWaiters} were waiting
 * @param failedCreations creations that threw or passed their time limit
 * @param deadlocks callers that were told that nobody could ever be served
 * @param maxSize the bound on resources, as it is now
 * @param suspended whether the pool lends nothing until it is resumed
 */
public record PoolStats(
        long created,
        int idle,
        int leased,
        Map<DestroyReason, Long> destroyedBy,
        long setAside,
        int creating,
        int waiting,
        long waits,
        Duration waitTime,
        long timeouts,
        long refusals,
        long failedCreations,
        long deadlocks,
        int maxSize,
        boolean suspended)
        implements Serializable {
    public PoolStats {
        destroyedBy = Map.copyOf(destroyedBy);
    }

    /** How many resources the pool has given up, for whatever reason. */
    public long destroyed() {
        return destroyedBy.values().stream().mapToLong(Long::longValue).sum();
    }

    /** How many resources the pool has. */
    public int open() {
        return idle + leased;
    }
}
