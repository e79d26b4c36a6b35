package dev.hatch.pool;

import java.io.Serializable;

/**
 * What an object pool holds and has done. Of the objects that the pool made, {@code created - dropped - lost - idle} are out, where
 * nothing was put in that it did not make.
 *
 * @param hits how often an idle object was lent
 * @param misses how often there was none
 * @param created objects that the factory made
 * @param dropped objects that the pool let go, for whatever reason: the sum of the next three and of {@code failedResets}
 * @param surplus objects that came back when no place was free, or the pool was closed
 * @param faded objects that were idle for too long
 * @param trimmed objects that were let go by {@link ObjectPool#trim} or the close
 * @param failedResets objects whose reset threw
 * @param lost objects that became unreachable without having come back; only {@link Recyclable}s are noticed
 * @param idle objects that are idle now
 * @param idleBytes what those weigh together; 0 without a weigher
 */
public record ObjectPoolStats(
        long hits,
        long misses,
        long created,
        long dropped,
        long surplus,
        long faded,
        long trimmed,
        long failedResets,
        long lost,
        int idle,
        long idleBytes)
        implements Serializable {}
