package dev.hatch.pool.jdbc;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * When {@link ConnectionWrapper#executeWithRetry} tries again: after failures that may pass, by the kind of exception and the
 * class of its SQLState (08: the connection; 40: rolled back, as after a deadlock; 53: resources; 57P0x: shut down), never
 * by their text. A statement that may have been executed is repeated only if it is idempotent.
 *
 * @param idempotent whether the statement may be executed twice
 * @param deadline how long all tries may take together, pauses included
 * @param firstPause the longest pause after the first failure; it doubles with each further one
 * @param longestPause the bound of that; the pauses are random up to it (full jitter: Brooker, "Exponential Backoff And
 *     Jitter", AWS Architecture Blog, 2015)
 */
public record RetryPolicy(boolean idempotent, Duration deadline, Duration firstPause, Duration longestPause) {
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    public RetryPolicy {
        positive("deadline", deadline);
        positive("firstPause", firstPause);
        positive("longestPause", longestPause);
    }

    private static void positive(String name, Duration value) {
        if (value.isNegative() || value.isZero() || value.compareTo(ConnectionPoolConfig.LONGEST) > 0) {
            throw new IllegalArgumentException(
                    name + " is " + value + "; it must be more than zero and at most " + ConnectionPoolConfig.LONGEST);
        }
    }

    /** For a statement that may be executed twice: 30 s in all, pauses up to 20 ms, 40 ms, … 1 s. */
    public static RetryPolicy forIdempotent() {
        return new RetryPolicy(true, DEADLINE, FIRST_PAUSE, LONGEST_PAUSE);
    }

    /** For any statement: it is tried again only if it was not sent to the database; times as {@link #forIdempotent}. */
    public static RetryPolicy ifNotSent() {
        return new RetryPolicy(false, DEADLINE, FIRST_PAUSE, LONGEST_PAUSE);
    }

    public RetryPolicy within(Duration deadline) {
        return new RetryPolicy(idempotent, deadline, firstPause, longestPause);
    }

    /** @param sent whether the database may have seen the statement */
    boolean triesAgain(SQLException failure, boolean sent) {
        return (idempotent || !sent) && mayPass(failure);
    }

    private static boolean mayPass(SQLException failure) {
        String state = failure.getSQLState();
        return failure instanceof SQLTransientException
                || failure instanceof SQLRecoverableException
                || (state != null
                        && !state.equals(LeasingConnectionPool.CLOSED)
                        && (state.startsWith("08")
                                || state.startsWith("40")
                                || state.startsWith("53")
                                || state.startsWith("57P0")));
    }

    /** A random time. */
    long pauseNanos(int failures) {
        long longest = Math.min(firstPause.toNanos() << Math.min(failures - 1, 20), longestPause.toNanos());
        return ThreadLocalRandom.current().nextLong(Math.max(1, longest) + 1);
    }
}
