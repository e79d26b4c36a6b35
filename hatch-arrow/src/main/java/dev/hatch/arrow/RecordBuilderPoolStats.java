package dev.hatch.arrow;

import java.util.List;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * What a {@link RecordBuilderPool} holds and has done. Read one after another while others go on.
 *
 * @param schemas each of those that have builders
 * @param out builders that are lent
 * @param idle builders that are idle
 * @param idleBytes the memory that those have
 * @param hits how often an idle builder was lent
 * @param misses how often one had to be made
 * @param unreachable builders that were never given back and that nobody has any more
 * @param evicted schemas that gave way to others
 * @param allocatedBytes the memory that builders and batches have
 * @param peakBytes the most that was
 * @param limitBytes the most that may be
 */
public record RecordBuilderPoolStats(
        List<OfSchema> schemas,
        int out,
        int idle,
        long idleBytes,
        long hits,
        long misses,
        long unreachable,
        long evicted,
        long allocatedBytes,
        long peakBytes,
        long limitBytes) {
    /** Makes the list its own. */
    public RecordBuilderPoolStats {
        schemas = List.copyOf(schemas);
    }

    /**
     * Of one schema.
     *
     * @param schema which
     * @param hits how often an idle builder was lent
     * @param created how many were made
     * @param idle how many are idle
     * @param dropped how many were freed
     */
    public record OfSchema(Schema schema, long hits, long created, int idle, long dropped) {}
}
