package dev.hatch.pool.buffer;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;

/**
 * What a {@link ByteBufferPool} holds and has done. The classes are read one after another while others go on.
 *
 * @param total of all buffers, those that are larger than any class included
 * @param classes those of which a buffer was ever taken, the smallest first
 * @param unpooled of the buffers that are larger than any class, and not kept
 * @param waiting callers that wait for memory now, of all pools that share the budget
 * @param waitTime how long callers have waited together
 * @param timeouts callers that waited and got nothing
 * @param refusals callers that did not wait and got nothing
 */
public record ByteBufferPoolStats(
        SizeClassStats total,
        List<SizeClassStats> classes,
        SizeClassStats unpooled,
        int waiting,
        Duration waitTime,
        long timeouts,
        long refusals)
        implements Serializable {
    public ByteBufferPoolStats {
        classes = List.copyOf(classes);
    }
}
