package dev.hatch.server;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Compares passwords, which takes a processor for a good part of a second: so two at once, some more that wait, and the
 * rest is refused. A password that was right is known for a minute, for clients that send it with each call; what is
 * kept for that is a code under a key of this process. After some wrong ones for a name from one address, further ones
 * from there are not looked at for a while.
 */
final class PasswordLogins {
    static final int MAX_FAILURES = 5;
    static final Duration PAUSE = Duration.ofSeconds(30);
    static final Duration REMEMBER = Duration.ofMinutes(1);

    private static final int AT_ONCE = 2;
    private static final int WAITING = 32;
    private static final Duration MAX_WAIT = Duration.ofSeconds(10);
    private static final int MAX_REMEMBERED = 1_000;
    private static final int MAX_FAILING = 10_000;

    private final PasswordHash nobodys = PasswordHash.ofNobody();
    private final Secrets.Seal seal = new Secrets.Seal();
    private final Semaphore turns = new Semaphore(AT_ONCE);
    private final Semaphore places = new Semaphore(AT_ONCE + WAITING);
    private final AtomicLong computations = new AtomicLong();
    private final Cache<ByteString, Boolean> right;
    private final Cache<String, Integer> failures;

    PasswordLogins(LongSupplier nanoClock) {
        right = Caffeine.newBuilder()
                .ticker(nanoClock::getAsLong)
                .expireAfterWrite(REMEMBER)
                .maximumSize(MAX_REMEMBERED)
                .build();
        failures = Caffeine.newBuilder()
                .ticker(nanoClock::getAsLong)
                .expireAfterWrite(PAUSE)
                .maximumSize(MAX_FAILING)
                .build();
    }

    /**
     * Whether it is the password of that name. It takes as long for a name that nobody has.
     *
     * @param stored null if nobody has that name, or has a password with it
     * @param host where it comes from
     * @throws io.grpc.StatusRuntimeException if it was not looked at
     */
    boolean isRight(String name, String password, @Nullable PasswordHash stored, String host) {
        ByteString proof = ByteString.copyFrom(seal.code(
                name.getBytes(StandardCharsets.UTF_8),
                password.getBytes(StandardCharsets.UTF_8),
                (stored == null ? nobodys : stored).text().getBytes(StandardCharsets.UTF_8)));
        if (right.getIfPresent(proof) != null) {
            return true;
        }
        String who = host + " " + name;
        requireFewFailures(who);
        takeTurn();
        try {
            // Others may have said the same meanwhile.
            if (right.getIfPresent(proof) != null) {
                return true;
            }
            requireFewFailures(who);
            computations.incrementAndGet();
            boolean matches = (stored == null ? nobodys : stored).matches(password);
            if (stored != null && matches) {
                right.put(proof, true);
                failures.invalidate(who);
                return true;
            }
            failures.asMap().merge(who, 1, Integer::sum);
            return false;
        } finally {
            turns.release();
            places.release();
        }
    }

    private void requireFewFailures(String who) {
        Integer failed = failures.getIfPresent(who);
        if (failed != null && failed >= MAX_FAILURES) {
            throw Status.UNAUTHENTICATED
                    .withDescription("too many failed logins: try again in " + PAUSE.toSeconds() + " s")
                    .asRuntimeException();
        }
    }

    private void takeTurn() {
        boolean hasPlace = places.tryAcquire();
        boolean hasTurn = false;
        try {
            hasTurn = hasPlace && turns.tryAcquire(MAX_WAIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!hasTurn) {
            if (hasPlace) {
                places.release();
            }
            throw Status.UNAVAILABLE
                    .withDescription("too many logins at once: try again in a moment")
                    .asRuntimeException();
        }
    }

    /** How many passwords were hashed so far. */
    long computations() {
        return computations.get();
    }
}
