package dev.hatch.arrow;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.ReferenceManager;
import org.apache.arrow.memory.util.MemoryUtil;
import org.jspecify.annotations.Nullable;

/** What more than one kind of column does with Arrow's memory. */
final class Memory {
    private Memory() {}

    /** Whether anybody but one vector has references to two of its buffers, which may be parts of one allocation. */
    static boolean isShared(ArrowBuf one, ArrowBuf other) {
        boolean together = one.getReferenceManager() == other.getReferenceManager();
        return together ? one.refCnt() > 2 : isShared(one) || isShared(other);
    }

    /** Whether anybody but one vector has a reference to a buffer. */
    static boolean isShared(ArrowBuf buffer) {
        return buffer.capacity() != 0 && buffer.refCnt() > 1;
    }

    /** The bytes that buffers have of their allocator; those that are parts of one allocation count once. */
    static long bytes(ArrowBuf... buffers) {
        long bytes = 0;
        @Nullable ReferenceManager last = null;
        for (ArrowBuf buffer : buffers) {
            ReferenceManager own = buffer.getReferenceManager();
            bytes += own == last ? 0 : own.getSize();
            last = own;
        }
        return bytes;
    }

    /** A larger one with the same beginning and {@code rest} after it, in place of one that is released. */
    static ArrowBuf enlarged(BufferAllocator allocator, ArrowBuf old, long bytes, byte rest) {
        ArrowBuf fresh = allocator.buffer(bytes);
        long before = old.capacity();
        MemoryUtil.copyMemory(old.memoryAddress(), fresh.memoryAddress(), before);
        MemoryUtil.setMemory(fresh.memoryAddress() + before, fresh.capacity() - before, rest);
        old.close();
        return fresh;
    }
}
