package dev.hatch.pool.buffer;

import java.io.Serializable;

/**
 * What a {@link ByteBufferPool} holds and has done in one of its size classes, or in several.
 *
 * @param capacity of its buffers, in bytes; 0 where there are several
 * @param bytesOut the capacity of the buffers that are lent
 * @param bytesAsked what their users asked for: {@code bytesOut - bytesAsked} is the inner fragmentation
 * @param idleBytes the capacity of those that are idle
 * @param peakBytes the most that there were, lent and idle, since the pool was opened
 * @param hits how often an idle buffer was lent
 * @param misses how often there was none
 * @param waits how many callers had to wait for memory
 * @param unreachable buffers that were never released and have become unreachable
 */
public record SizeClassStats(
        int capacity,
        long bytesOut,
        long bytesAsked,
        long idleBytes,
        long peakBytes,
        long hits,
        long misses,
        long waits,
        long unreachable)
        implements Serializable {
    SizeClassStats plus(SizeClassStats other) {
        return new SizeClassStats(
                0,
                bytesOut + other.bytesOut,
                bytesAsked + other.bytesAsked,
                idleBytes + other.idleBytes,
                peakBytes,
                hits + other.hits,
                misses + other.misses,
                waits + other.waits,
                unreachable + other.unreachable);
    }

    SizeClassStats withPeak(long bytes) {
        return new SizeClassStats(capacity, bytesOut, bytesAsked, idleBytes, bytes, hits, misses, waits, unreachable);
    }
}
