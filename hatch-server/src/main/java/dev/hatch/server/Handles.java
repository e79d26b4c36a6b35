package dev.hatch.server;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.protobuf.ByteString;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import org.apache.arrow.flight.CallStatus;
import org.jspecify.annotations.Nullable;

/**
 * What the server remembers for clients under handles that cannot be guessed: 128 random bits each. Bounded in weight,
 * and what is not used for a while is forgotten, since clients go away without saying so.
 */
final class Handles<T> {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int HANDLE_BYTES = 16;

    private final String what;
    private final Cache<ByteString, T> entries;

    /**
     * @param what names an entry in the error that a client with an unknown handle gets
     * @param weigher an entry's bytes of heap, all that it refers to included; asked when it is added or changed
     */
    Handles(String what, Duration forgetAfter, long maxWeight, ToIntFunction<T> weigher) {
        this.what = what;
        entries = Caffeine.newBuilder()
                .expireAfterAccess(forgetAfter)
                .maximumWeight(maxWeight)
                .weigher((ByteString handle, T entry) -> HANDLE_BYTES + weigher.applyAsInt(entry))
                .build();
    }

    ByteString add(T entry) {
        byte[] handle = new byte[HANDLE_BYTES];
        RANDOM.nextBytes(handle);
        ByteString key = ByteString.copyFrom(handle);
        entries.put(key, entry);
        return key;
    }

    /** @throws org.apache.arrow.flight.FlightRuntimeException NOT_FOUND */
    T get(ByteString handle) {
        return orNotFound(entries.getIfPresent(handle));
    }

    /**
     * Removes and returns the entry; of several callers one gets it.
     *
     * @throws org.apache.arrow.flight.FlightRuntimeException NOT_FOUND
     */
    T take(ByteString handle) {
        return orNotFound(entries.asMap().remove(handle));
    }

    /**
     * Puts what {@code change} makes of the entry in its place, where it is weighed anew.
     *
     * @throws org.apache.arrow.flight.FlightRuntimeException NOT_FOUND
     */
    void change(ByteString handle, UnaryOperator<T> change) {
        T unused = orNotFound(entries.asMap().computeIfPresent(handle, (key, entry) -> change.apply(entry)));
    }

    void remove(ByteString handle) {
        entries.invalidate(handle);
    }

    private T orNotFound(@Nullable T entry) {
        if (entry == null) {
            throw CallStatus.NOT_FOUND
                    .withDescription("unknown " + what + ": it was used up, closed, or forgotten after a long time")
                    .toRuntimeException();
        }
        return entry;
    }
}
