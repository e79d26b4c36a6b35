package dev.hatch.arrow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.arrow.memory.AllocationManager;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.ReferenceManager;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * Memory with guards before and after each allocation: whoever writes out of an allocation's bounds, and not too far, writes there. Two
 * buffers that Arrow cut out of one allocation have none between them. What is freed is watched for a while, too.
 */
final class GuardedMemory implements AllocationManager.Factory, AutoCloseable {
    private static final int GUARD = 4_096;
    private static final byte MARK = 0x5A;
    private static final int KEPT = 64;

    private final Set<Allocation> allocations = ConcurrentHashMap.newKeySet();
    private final Queue<Allocation> freed = new ConcurrentLinkedQueue<>();
    private final ArrowBuf empty = new ArrowBuf(ReferenceManager.NO_OP, null, 0, 0);

    BufferAllocator allocator() {
        return new RootAllocator(
                RootAllocator.configBuilder().allocationManagerFactory(this).build());
    }

    /** Fails if anybody wrote out of bounds of what is allocated now. */
    void check() {
        allocations.forEach(Allocation::check);
        freed.forEach(Allocation::checkFreed);
    }

    @Override
    public void close() {
        check();
        freed.forEach(one -> MemoryUtil.freeMemory(one.start));
    }

    @Override
    public AllocationManager create(BufferAllocator owner, long bytes) {
        return new Allocation(owner, bytes);
    }

    @Override
    public ArrowBuf empty() {
        return empty;
    }

    private final class Allocation extends AllocationManager {
        private final long bytes;
        private final long start;

        Allocation(BufferAllocator owner, long bytes) {
            super(owner);
            this.bytes = bytes;
            start = MemoryUtil.allocateMemory(bytes + 2 * GUARD);
            MemoryUtil.setMemory(start, bytes + 2 * GUARD, MARK);
            allocations.add(this);
        }

        @Override
        public long getSize() {
            return bytes;
        }

        @Override
        protected long memoryAddress() {
            return start + GUARD;
        }

        void check() {
            assertThat(isWhole(start, GUARD) && isWhole(start + GUARD + bytes, GUARD))
                    .as("nothing is written before or after %s bytes", bytes)
                    .isTrue();
        }

        private boolean isWhole(long from, long length) {
            boolean isWhole = true;
            for (long i = 0; i < length; i++) {
                isWhole &= MemoryUtil.getByte(from + i) == MARK;
            }
            return isWhole;
        }

        void checkFreed() {
            assertThat(isWhole(start, bytes + 2 * GUARD))
                    .as("nothing is written into %s freed bytes", bytes)
                    .isTrue();
        }

        @Override
        protected void release0() {
            check();
            allocations.remove(this);
            MemoryUtil.setMemory(start, bytes + 2 * GUARD, MARK);
            freed.add(this);
            if (freed.size() > KEPT) {
                Allocation oldest = freed.remove();
                oldest.checkFreed();
                MemoryUtil.freeMemory(oldest.start);
            }
        }
    }
}
