package dev.hatch.arrow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.arrow.memory.AllocationManager;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.ReferenceManager;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.memory.util.MemoryUtil;

/** Memory with guards before and after each allocation: whoever writes out of bounds, not too far, writes there. */
final class GuardedMemory implements AllocationManager.Factory {
    private static final int GUARD = 4_096;
    private static final byte MARK = 0x5A;

    private final Set<Allocation> allocations = ConcurrentHashMap.newKeySet();
    private final ArrowBuf empty = new ArrowBuf(ReferenceManager.NO_OP, null, 0, 0);

    BufferAllocator allocator() {
        return new RootAllocator(
                RootAllocator.configBuilder().allocationManagerFactory(this).build());
    }

    /** Fails if anybody wrote out of bounds of what is allocated now. */
    void check() {
        allocations.forEach(Allocation::check);
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
            assertThat(isWhole(start) && isWhole(start + GUARD + bytes))
                    .as("nothing is written before or after %s bytes", bytes)
                    .isTrue();
        }

        private boolean isWhole(long guard) {
            boolean isWhole = true;
            for (int i = 0; i < GUARD; i++) {
                isWhole &= MemoryUtil.getByte(guard + i) == MARK;
            }
            return isWhole;
        }

        @Override
        protected void release0() {
            check();
            allocations.remove(this);
            MemoryUtil.freeMemory(start);
        }
    }
}
