package dev.hatch.pool.buffer;

import dev.hatch.pool.MemoryBudget;
import dev.hatch.pool.ObjectPool;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a {@link ByteBufferPool}. Each setter checks its value and quotes it if it is not allowed. Not thread-safe. A pool
 * that was built keeps its settings, whatever is set after.
 */
public final class ByteBufferPoolBuilder implements Cloneable {
    /** The capacity of the smallest class, in bytes. */
    public static final int SMALLEST = 64;

    /** The default capacity of the largest class, in bytes: 16 MiB. */
    public static final int DEFAULT_LARGEST = 16 << 20;

    private static final int LARGEST = 1 << 30;

    String name = "buffers";
    boolean direct = true;
    int largest = DEFAULT_LARGEST;
    long maxRetained;

    @Nullable MemoryBudget budget;

    Duration fadeAfter = Duration.ofSeconds(8);
    Tracking tracking = Tracking.SAMPLED;
    boolean clearOnRelease;

    ByteBufferPoolBuilder() {}

    /** Names the pool in messages; default {@code buffers}. */
    public ByteBufferPoolBuilder name(String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("name is blank: '" + value + "'");
        }
        name = value;
        return this;
    }

    /** Buffers on the heap rather than direct ones. */
    public ByteBufferPoolBuilder heap() {
        direct = false;
        return this;
    }

    /**
     * The capacity of the largest class in bytes, a power of two from {@value #SMALLEST} to 2<sup>30</sup>; default
     * {@value #DEFAULT_LARGEST}. What is larger is allocated and freed for each use.
     */
    public ByteBufferPoolBuilder largestPooled(int value) {
        if (value < SMALLEST || value > LARGEST || Integer.bitCount(value) != 1) {
            throw new IllegalArgumentException(
                    "largestPooled must be a power of two from " + SMALLEST + " to " + LARGEST + ", not " + value);
        }
        largest = value;
        return this;
    }

    /**
     * The most bytes that the pool's buffers take, lent and idle together: idle ones give way to what is wanted. The default is three
     * quarters of what the JVM allows: of direct memory, or for {@link #heap} of the heap's half. Instead of {@link #budget}.
     */
    public ByteBufferPoolBuilder maxBytes(long value) {
        return budget(MemoryBudget.of(value));
    }

    /** The bound that this pool shares with others. Instead of {@link #maxBytes}. */
    public ByteBufferPoolBuilder budget(MemoryBudget value) {
        budget = Objects.requireNonNull(value, "budget");
        return this;
    }

    /**
     * The most bytes that stay idle, over all classes; the least recently used class gives way first. Default: half of the budget. Of each
     * class 32,768 buffers are kept at most.
     */
    public ByteBufferPoolBuilder maxRetained(long value) {
        if (value < 1) {
            throw new IllegalArgumentException("maxRetained must be 1 byte or more, not " + value);
        }
        maxRetained = value;
        return this;
    }

    /**
     * A buffer is freed before it has been idle for as long as this, at the soonest after half of it; at least 1 ms, default 8 s, zero:
     * never.
     */
    public ByteBufferPoolBuilder fadeAfter(Duration value) {
        // The pools of the classes have the same setting, with the same bounds.
        ObjectPool.builder(Object::new).fadeAfter(value);
        fadeAfter = value;
        return this;
    }

    /** For which buffers to know where they were taken; default {@link Tracking#SAMPLED}. */
    public ByteBufferPoolBuilder tracking(Tracking value) {
        tracking = Objects.requireNonNull(value, "tracking");
        return this;
    }

    /** Overwrites each buffer with zeros when it is released, for secrets; not those that are never released. */
    public ByteBufferPoolBuilder clearOnRelease() {
        clearOnRelease = true;
        return this;
    }

    /** Opens the pool. It allocates nothing before something is wanted. */
    public ByteBufferPool build() {
        return new ByteBufferPool(clone());
    }

    @Override
    protected ByteBufferPoolBuilder clone() {
        try {
            return (ByteBufferPoolBuilder) super.clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }
}
