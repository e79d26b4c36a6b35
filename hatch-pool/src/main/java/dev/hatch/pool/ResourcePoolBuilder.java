package dev.hatch.pool;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a {@link ResourcePool}. Each setter checks its value and quotes it if it is not allowed. Not thread-safe. A pool
 * that was built keeps its settings, whatever is set after.
 *
 * @param <R> the resource
 * @param <L> the lease
 */
public final class ResourcePoolBuilder<R, L extends Lease<R>> implements Cloneable {
    /** The default bound. */
    public static final int DEFAULT_MAX_SIZE = 25;

    /** So that all times in ns stay far from overflow. */
    static final Duration LONGEST = Duration.ofDays(36_500);

    final ResourceLifecycle<R> lifecycle;
    final LeaseFactory<R, L> leases;
    String name = "pool";
    int maxSize = DEFAULT_MAX_SIZE;
    int minIdle;
    int maxIdle = Integer.MAX_VALUE;
    int maxWaiters = 1 << 29;
    long acquireNanos = Duration.ofSeconds(30).toNanos();
    long maxLifetimeNanos = Duration.ofMinutes(30).toNanos();
    long maxIdleNanos = Duration.ofMinutes(10).toNanos();
    long surplusNanos = Duration.ofSeconds(10).toNanos();
    long validateEveryNanos = Duration.ofMinutes(1).toNanos();
    long validateIdleNanos = Duration.ofSeconds(30).toNanos();
    long createLimitNanos = Duration.ofSeconds(30).toNanos();
    long validateLimitNanos = Duration.ofSeconds(5).toNanos();
    long resetLimitNanos = Duration.ofSeconds(5).toNanos();
    long destroyLimitNanos = Duration.ofSeconds(10).toNanos();
    LeaseTracking tracking = LeaseTracking.SAMPLED;
    long heldLongNanos;
    boolean detectsDeadlocks = true;
    PoolListener listener = new PoolListener() {};

    /** Replaced by tests. */
    LongSupplier clock = System::nanoTime;

    /** Replaced by tests, which plant faults in it. */
    @Nullable WaitQueue queue;

    /** Replaced by tests, which plant faults in it. */
    @Nullable Ledger ledger;

    /** Replaced by tests, which run the lifecycle's calls in their own threads; null: threads of the pool's own. */
    @Nullable Executor workers;

    /** False in tests, which turn the clock and call the housekeeper themselves. */
    boolean housekeeping = true;

    ResourcePoolBuilder(ResourceLifecycle<R> lifecycle, LeaseFactory<R, L> leases) {
        this.lifecycle = Objects.requireNonNull(lifecycle, "lifecycle");
        this.leases = Objects.requireNonNull(leases, "leases");
    }

    /** Names the pool in messages and threads; default {@code pool}. */
    public ResourcePoolBuilder<R, L> name(String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("name is blank: '" + value + "'");
        }
        name = value;
        return this;
    }

    /** The most resources at a time, those left out that are being destroyed or have hung; at least 1, default {@value #DEFAULT_MAX_SIZE}. */
    public ResourcePoolBuilder<R, L> maxSize(int value) {
        maxSize = atLeast("maxSize", 1, value);
        return this;
    }

    /** How many idle resources to keep at hand, as far as the bound allows; default 0. */
    public ResourcePoolBuilder<R, L> minIdle(int value) {
        minIdle = atLeast("minIdle", 0, value);
        return this;
    }

    /** How many resources may stay idle for long; more are destroyed after {@link #surplusAfter}. Default: no limit. */
    public ResourcePoolBuilder<R, L> maxIdle(int value) {
        maxIdle = atLeast("maxIdle", 0, value);
        return this;
    }

    /** How many callers may wait; one more is refused at once. Default: 2<sup>29</sup>. */
    public ResourcePoolBuilder<R, L> maxWaiters(int value) {
        maxWaiters = Math.min(atLeast("maxWaiters", 0, value), 1 << 29);
        return this;
    }

    /** How long {@link ResourcePool#acquire()} waits; default 30 s, zero does not wait. */
    public ResourcePoolBuilder<R, L> acquireTimeout(Duration value) {
        acquireNanos = nanos("acquireTimeout", value);
        return this;
    }

    /** How old a resource gets, up to a tenth less by chance; default 30 min, zero: no limit. Kept to within a second. */
    public ResourcePoolBuilder<R, L> maxLifetime(Duration value) {
        maxLifetimeNanos = nanos("maxLifetime", value);
        return this;
    }

    /** How long a resource stays idle before it is destroyed, down to {@link #minIdle}; default 10 min, zero: no limit. */
    public ResourcePoolBuilder<R, L> maxIdleTime(Duration value) {
        maxIdleNanos = nanos("maxIdleTime", value);
        return this;
    }

    /** For how long there must have been more than {@link #maxIdle} idle before the surplus is destroyed; default 10 s. */
    public ResourcePoolBuilder<R, L> surplusAfter(Duration value) {
        surplusNanos = nanos("surplusAfter", value);
        return this;
    }

    /** How often a resource that stays idle is validated; default 1 min, zero: never. */
    public ResourcePoolBuilder<R, L> validateEvery(Duration value) {
        validateEveryNanos = nanos("validateEvery", value);
        return this;
    }

    /** After how long idle a resource is validated before it is lent; default 30 s, zero: never. Kept to within 1 s. */
    public ResourcePoolBuilder<R, L> validateAfterIdle(Duration value) {
        validateIdleNanos = nanos("validateAfterIdle", value);
        return this;
    }

    /** The time limit of one creation; default 30 s. Kept to within a second. */
    public ResourcePoolBuilder<R, L> createLimit(Duration value) {
        createLimitNanos = positive("createLimit", value);
        return this;
    }

    /** The time limit of one validation; default 5 s. Kept to within a second. */
    public ResourcePoolBuilder<R, L> validateLimit(Duration value) {
        validateLimitNanos = positive("validateLimit", value);
        return this;
    }

    /** The time limit of one reset; default 5 s. Kept to within a second. The thread that returns a resource is not interrupted. */
    public ResourcePoolBuilder<R, L> resetLimit(Duration value) {
        resetLimitNanos = positive("resetLimit", value);
        return this;
    }

    /** The time limit of one destruction; default 10 s. Kept to within a second. */
    public ResourcePoolBuilder<R, L> destroyLimit(Duration value) {
        destroyLimitNanos = positive("destroyLimit", value);
        return this;
    }

    /** Which leases are reclaimed and told when they become unreachable; default {@link LeaseTracking#SAMPLED}. */
    public ResourcePoolBuilder<R, L> tracking(LeaseTracking value) {
        tracking = Objects.requireNonNull(value, "tracking");
        return this;
    }

    /**
     * After how long without {@link Lease#used use} a lease is told as {@linkplain PoolListener#heldLong held long}, tracked or not;
     * default zero: never. Kept to within 2 s.
     */
    public ResourcePoolBuilder<R, L> heldLongAfter(Duration value) {
        heldLongNanos = nanos("heldLongAfter", value);
        return this;
    }

    /**
     * Whether a caller is told at once, by an {@link AcquireDeadlockException}, that all leases are held by threads that wait here;
     * default true. A caller that waits less than 1 s anyway is left to that. A lease is held by the thread that acquired it or last {@linkplain Lease#used used} it: turn this off if threads
     * wait here while others hold for them what they have not used yet.
     */
    public ResourcePoolBuilder<R, L> detectDeadlocks(boolean value) {
        detectsDeadlocks = value;
        return this;
    }

    /** Who is told what the pool does; default nobody. */
    public ResourcePoolBuilder<R, L> listener(PoolListener value) {
        listener = Objects.requireNonNull(value, "listener");
        return this;
    }

    /**
     * Opens the pool. It is empty: resources are created when they are asked for, or within a second where
     * {@link #minIdle} is set.
     *
     * @throws IllegalArgumentException if {@code minIdle} is more than {@code maxSize} or {@code maxIdle}
     */
    public ResourcePool<R, L> build() {
        if (minIdle > Math.min(maxSize, maxIdle)) {
            throw new IllegalArgumentException(
                    "minIdle is " + minIdle + ": at most maxSize " + maxSize + " and maxIdle " + maxIdle);
        }
        return new ResourcePool<>(clone());
    }

    @Override
    @SuppressWarnings("unchecked")
    protected ResourcePoolBuilder<R, L> clone() {
        try {
            return (ResourcePoolBuilder<R, L>) super.clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    static int atLeast(String setting, int least, int value) {
        if (value < least) {
            throw new IllegalArgumentException(setting + " is " + value + ": at least " + least);
        }
        return value;
    }

    private static long nanos(String setting, Duration value) {
        if (value.isNegative() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(setting + " is " + value + ": from 0 to " + LONGEST);
        }
        return value.toNanos();
    }

    private static long positive(String setting, Duration value) {
        if (value.isZero()) {
            throw new IllegalArgumentException(setting + " is " + value + ": more than 0");
        }
        return nanos(setting, value);
    }
}
