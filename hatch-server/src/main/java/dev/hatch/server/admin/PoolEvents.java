package dev.hatch.server.admin;

import dev.hatch.pool.jdbc.ConnectionPoolListener;
import dev.hatch.pool.jdbc.HealthCheck;
import dev.hatch.pool.jdbc.HealthStatus;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * What a pool tells and does not keep: how long callers waited, in buckets, and why the database was found unhealthy.
 *
 * <p>There are two buckets to a power of two, from one microsecond to about two minutes. They only ever grow, so that
 * any number of readers can each take the difference to what they saw before.
 */
final class PoolEvents implements ConnectionPoolListener {
    private static final int POWERS = 27;
    static final int BUCKETS = 2 * POWERS + 1;

    private final AtomicLongArray waits = new AtomicLongArray(BUCKETS);
    private volatile @Nullable String failure;

    @Override
    public void acquired(Duration waited) {
        long nanos = waited.toNanos();
        if (nanos > 0) {
            waits.incrementAndGet(bucket(TimeUnit.NANOSECONDS.toMicros(nanos)));
        }
    }

    @Override
    public void healthChanged(HealthStatus before, HealthCheck check) {
        failure = check.status() == HealthStatus.UNHEALTHY ? check.message() : null;
    }

    /** What the last check said; null unless it failed. */
    @Nullable String failure() {
        return failure;
    }

    long waits(int bucket) {
        return waits.get(bucket);
    }

    /** The bucket of a wait: 0 takes what is less than a microsecond, the last all that is longer than the one before. */
    static int bucket(long micros) {
        if (micros == 0) {
            return 0;
        }
        int power = 63 - Long.numberOfLeadingZeros(micros);
        int half = power > 0 && (micros >>> (power - 1) & 1) == 1 ? 1 : 0;
        return Math.min(BUCKETS - 1, 1 + 2 * power + half);
    }

    /** What a bucket's waits are shorter than, in microseconds; of the last bucket too, although it has no bound. */
    static double upperMicros(int bucket) {
        if (bucket == 0) {
            return 1;
        }
        double power = Math.scalb(1.0, (bucket - 1) / 2);
        return bucket % 2 == 1 ? 1.5 * power : 2 * power;
    }
}
