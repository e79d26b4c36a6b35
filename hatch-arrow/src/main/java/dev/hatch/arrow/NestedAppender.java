package dev.hatch.arrow;

import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.DenseUnionVector;
import org.apache.arrow.vector.complex.UnionVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/**
 * Values that are made of those of other columns. Their vectors would have their own idea of what those columns hold while they are
 * being filled; so the memory is this one's, and the vector gets it when the batch is finished.
 */
abstract class NestedAppender extends Appender {
    /** "Neither all nor none": Arrow's vectors then take the bits as they are. */
    private static final long UNKNOWN_NULLS = -1;

    /** Bytes for each value, in each buffer; 0: bits of validity. */
    private final int[] widths;

    /** Empty ones before anything was appended. */
    private final ArrowBuf[] buffers;

    FieldVector vector;

    /** Whether the last value was begun and may still get more. */
    private boolean isOpen;

    NestedAppender(
            Batch batch, Field field, FieldVector vector, @Nullable Appender parent, String name, int... widths) {
        super(batch, field, parent, name);
        this.vector = vector;
        this.widths = widths;
        buffers = new ArrowBuf[widths.length];
        Arrays.fill(buffers, batch.allocator.getEmpty());
        batch.memory.add(buffers);
    }

    @Override
    final Appender self() {
        return this;
    }

    @Override
    boolean isNested() {
        return true;
    }

    private boolean hasValidity() {
        return widths[0] == 0;
    }

    final long address(int buffer) {
        return buffers[buffer].memoryAddress();
    }

    /** For one more at least. */
    final void makeRoom() {
        batch.requireOpen();
        boolean isFirst = capacity == 0;
        if (isFirst) {
            forgetShared();
        }
        int values = isFirst ? Math.max(1, expected) : Math.multiplyExact(capacity, 2);
        int least = Integer.MAX_VALUE - 1;
        for (int i = 0; i < widths.length; i++) {
            // One more than values: for where the last one ends.
            long bytes = widths[i] == 0 ? (values + 63L) / 64 * 8 : (values + 1L) * widths[i];
            if (buffers[i].capacity() < bytes) {
                buffers[i] = Memory.enlarged(batch.allocator, buffers[i], bytes, widths[i] == 0 ? ONES : 0);
            }
            if (hasValidity() && i == 0) {
                // At once: if there is no memory for the next, what is there is all of use.
                validity = address(0);
            }
            if (isFirst && widths[i] == 0) {
                MemoryUtil.setMemory(address(i), buffers[i].capacity(), ONES);
            }
            long holds = widths[i] == 0 ? buffers[i].capacity() * Byte.SIZE : buffers[i].capacity() / widths[i] - 1;
            least = (int) Math.min(least, holds);
        }
        capacity = least;
        if (isFirst) {
            begun();
        }
    }

    /** A batch begins, and there is memory. */
    void begun() {}

    /** What others still read stays as it is, and others get to free it. */
    private void forgetShared() {
        List<ArrowBuf> vectors = vectorBuffers();
        for (int i = 0; i < buffers.length; i++) {
            ArrowBuf mine = buffers[i];
            boolean vectorHasIt = vectors.get(i).getReferenceManager() == mine.getReferenceManager();
            if (mine.capacity() != 0 && mine.refCnt() > (vectorHasIt ? 2 : 1)) {
                mine.close();
                buffers[i] = batch.allocator.getEmpty();
            }
        }
    }

    private List<ArrowBuf> vectorBuffers() {
        if (vector instanceof UnionVector union) {
            return List.of(union.getTypeBuffer());
        }
        if (vector instanceof DenseUnionVector union) {
            return List.of(union.getTypeBuffer(), union.getOffsetBuffer());
        }
        return buffers.length == 1
                ? List.of(vector.getValidityBuffer())
                : List.of(vector.getValidityBuffer(), vector.getOffsetBuffer());
    }

    @Override
    void bind(FieldVector fresh) {
        vector = fresh;
        List<FieldVector> vectors = fresh.getChildrenFromFields();
        List<Appender> children = vectorChildren();
        for (int i = 0; i < vectors.size(); i++) {
            children.get(i).bind(vectors.get(i));
        }
    }

    @Override
    void release() {
        BatchMemory.release(buffers, batch.allocator);
        for (Appender child : vectorChildren()) {
            child.release();
        }
    }

    @Override
    long bytes() {
        long bytes = Memory.bytes(buffers);
        List<ArrowBuf> vectors = vectorBuffers();
        for (int i = 0; i < buffers.length; i++) {
            boolean same = vectors.get(i).getReferenceManager() == buffers[i].getReferenceManager();
            bytes += same ? 0 : Memory.bytes(vectors.get(i));
        }
        for (Appender child : vectorChildren()) {
            bytes += child.bytes();
        }
        return bytes;
    }

    @Override
    void finish() {
        for (Appender child : vectorChildren()) {
            child.finish();
        }
        if (capacity != 0) {
            vector.loadFieldBuffers(new ArrowFieldNode(count, UNKNOWN_NULLS), List.of(buffers));
        }
    }

    /** The next value, which may get more until it is sealed; its number. */
    final int open() {
        seal();
        int i = count;
        if (i >= capacity) {
            makeRoom();
        }
        isOpen = true;
        count = i + 1;
        return i;
    }

    /** The next value, of which there is no more. */
    final int add() {
        int i = open();
        isOpen = false;
        return i;
    }

    @Override
    final void seal() {
        for (Appender child : children()) {
            child.seal();
        }
        String fault = isOpen ? incomplete() : stray();
        if (fault != null) {
            truncate(isOpen ? count - 1 : count);
            throw refused(fault);
        }
        sealed();
        isOpen = false;
    }

    /** What is wrong with the last value, which was begun; null if nothing is. */
    abstract @Nullable String incomplete();

    /** What is there that belongs to no value, for none was begun; null if nothing is. */
    abstract @Nullable String stray();

    void sealed() {}

    @Override
    void truncate(int values) {
        isOpen = false;
        if (hasValidity()) {
            unmarkNulls(values, count);
        }
        count = Math.min(count, values);
    }

    @Override
    public void appendNull() {
        requireNullable();
        appendEmpty();
    }

    @Override
    final void appendEmpty() {
        int before = count;
        try {
            putEmpty();
        } catch (Throwable e) {
            // Without memory for one of the children.
            truncate(before);
            throw e;
        }
    }

    /** As {@link #appendEmpty}; may leave a part of it behind if it throws. */
    abstract void putEmpty();

    @Override
    void clear() {
        isOpen = false;
        super.clear();
    }
}
