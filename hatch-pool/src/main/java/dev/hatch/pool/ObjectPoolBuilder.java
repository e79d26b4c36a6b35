package dev.hatch.pool;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The settings of an {@link ObjectPool}. Each setter checks its value and quotes it if it is not allowed. Not thread-safe. A pool
 * that was built keeps its settings, whatever is set after.
 *
 * @param <T> the objects
 */
public final class ObjectPoolBuilder<T> implements Cloneable {
    /** The default bound. */
    public static final int DEFAULT_MAX_IDLE = 1_024;

    /** The highest bound. */
    public static final int LARGEST_MAX_IDLE = 1 << 20;

    final Supplier<? extends T> factory;
    String name = "objects";
    int maxIdle = DEFAULT_MAX_IDLE;

    @Nullable Consumer<? super T> reset;

    Consumer<? super T> destroy = ObjectPoolBuilder::close;

    @Nullable ToLongFunction<? super T> weigher;

    long fadeNanos = Duration.ofSeconds(8).toNanos();

    /** False in tests, which do the upkeep themselves. */
    boolean upkeep = true;

    ObjectPoolBuilder(Supplier<? extends T> factory) {
        this.factory = Objects.requireNonNull(factory, "factory");
    }

    private static void close(Object dropped) {
        if (dropped instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                if (e instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
                throw new IllegalStateException("closing a dropped object failed: " + e, e);
            }
        }
    }

    /** Names the pool in messages; default {@code objects}. */
    public ObjectPoolBuilder<T> name(String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("name is blank: '" + value + "'");
        }
        name = value;
        return this;
    }

    /**
     * How many objects may be idle; what comes back beyond that is dropped. From 0, which keeps nothing, to {@value #LARGEST_MAX_IDLE};
     * default {@value #DEFAULT_MAX_IDLE}. A {@link Recyclable} needs its place while it is out, too.
     */
    public ObjectPoolBuilder<T> maxIdle(int value) {
        if (value < 0 || value > LARGEST_MAX_IDLE) {
            throw new IllegalArgumentException("maxIdle must be from 0 to " + LARGEST_MAX_IDLE + ", not " + value);
        }
        maxIdle = value;
        return this;
    }

    /**
     * What is done to an object that comes back, by the thread that puts it, before anybody else can have it. If it throws, the
     * object is dropped and the put returns as ever; only an {@code Error} goes on to the caller. Default: nothing.
     */
    public ObjectPoolBuilder<T> reset(Consumer<? super T> value) {
        reset = Objects.requireNonNull(value, "reset");
        return this;
    }

    /**
     * What is done to an object that is dropped, by the thread that puts it, trims or closes, or by one of the pool's. What it
     * throws is logged. Default: an {@link AutoCloseable} is closed.
     */
    public ObjectPoolBuilder<T> destroy(Consumer<? super T> value) {
        destroy = Objects.requireNonNull(value, "destroy");
        return this;
    }

    /**
     * How many bytes an object holds, for the statistics. It is asked of idle objects, which other threads may begin to use
     * meanwhile. Default: none, and no bytes are told.
     */
    public ObjectPoolBuilder<T> weigher(ToLongFunction<? super T> value) {
        weigher = Objects.requireNonNull(value, "weigher");
        return this;
    }

    /**
     * An object is dropped before it has been idle for as long as this, at the soonest after half of it; at least 1 ms, default 8 s,
     * zero: never.
     */
    public ObjectPoolBuilder<T> fadeAfter(Duration value) {
        fadeNanos = fadeNanos(value);
        return this;
    }

    private static long fadeNanos(Duration value) {
        if (value.isZero()) {
            return 0;
        }
        if (value.toMillis() < 1 || value.compareTo(ResourcePoolBuilder.LONGEST) > 0) {
            throw new IllegalArgumentException("fadeAfter must be zero, or from 1 ms to 36,500 days, not " + value);
        }
        return value.toNanos();
    }

    /** Opens the pool. It makes nothing before something is wanted. */
    public ObjectPool<T> build() {
        return new ObjectPool<>(clone());
    }

    @Override
    @SuppressWarnings("unchecked")
    protected ObjectPoolBuilder<T> clone() {
        try {
            return (ObjectPoolBuilder<T>) super.clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }
}
