package dev.hatch.server;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.protobuf.ByteString;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * What the server remembers for clients under handles that cannot be guessed, 128 random bits each, and that are good for the
 * user only who got them. Bounded in weight, and what is not used for a while is forgotten, since clients go away without
 * saying so.
 */
final class Handles<T> {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int HANDLE_BYTES = 16;

    private final String what;
    private final Cache<ByteString, Owned<T>> entries;

    private record Owned<T>(String user, T entry) {}

    /**
     * @param what names an entry in the error that a client with an unknown handle gets
     * @param weigher an entry's bytes of heap, all that it refers to included; asked when it is added or changed
     */
    Handles(String what, Duration forgetAfter, long maxWeight, ToIntFunction<T> weigher) {
        this.what = what;
        entries = Caffeine.newBuilder()
                .expireAfterAccess(forgetAfter)
                .maximumWeight(maxWeight)
                .weigher((ByteString handle, Owned<T> owned) -> HANDLE_BYTES + weigher.applyAsInt(owned.entry))
                .build();
    }

    /** 128 random bits. */
    static ByteString random() {
        byte[] handle = new byte[HANDLE_BYTES];
        RANDOM.nextBytes(handle);
        return ByteString.copyFrom(handle);
    }

    ByteString add(User user, T entry) {
        ByteString handle = random();
        put(handle, user, entry);
        return handle;
    }

    /** @throws FlightRuntimeException NOT_FOUND, also if it is another user's */
    T get(ByteString handle, User user) {
        return require(entries.getIfPresent(handle), user);
    }

    /**
     * Removes and returns the entry; of several callers one gets it.
     *
     * @throws FlightRuntimeException NOT_FOUND, also if it is another user's
     */
    T take(ByteString handle, User user) {
        Owned<T> owned = entries.getIfPresent(handle);
        T entry = require(owned, user);
        if (!entries.asMap().remove(handle, owned)) {
            throw notFound();
        }
        return entry;
    }

    /**
     * Puts what {@code change} makes of the entry in its place, where it is weighed anew.
     *
     * @throws FlightRuntimeException NOT_FOUND, also if it is another user's
     */
    void change(ByteString handle, User user, UnaryOperator<T> change) {
        T unused = get(handle, user);
        changeIfThere(handle, user, change);
    }

    /** Under a handle that was given before. */
    void put(ByteString handle, User user, T entry) {
        entries.put(handle, new Owned<>(user.name(), entry));
    }

    /** As {@link #change}, of what may have been closed meanwhile. */
    void changeIfThere(ByteString handle, User user, UnaryOperator<T> change) {
        var unused = entries.asMap()
                .computeIfPresent(
                        handle,
                        (key, owned) -> owned.user.equals(user.name())
                                ? new Owned<>(owned.user, change.apply(owned.entry))
                                : owned);
    }

    /** Forgets it, if it is there and this user's. */
    boolean remove(ByteString handle, User user) {
        Owned<T> owned = entries.getIfPresent(handle);
        return owned != null
                && owned.user.equals(user.name())
                && entries.asMap().remove(handle, owned);
    }

    private T require(@Nullable Owned<T> owned, User user) {
        if (owned == null || !owned.user.equals(user.name())) {
            throw notFound();
        }
        return owned.entry;
    }

    private FlightRuntimeException notFound() {
        return CallStatus.NOT_FOUND
                .withDescription("unknown " + what + ": it was used up, closed, or forgotten after a long time")
                .toRuntimeException();
    }
}
