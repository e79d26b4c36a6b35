package dev.hatch.server;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.arrow.flight.CallStatus;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that there is something to keep for. A client that has had nothing kept has none, and costs nothing. Bounded
 * in number; who is not heard of for a while is forgotten.
 */
final class Sessions {
    private static final int REMEMBERED = 10_000;
    private static final Duration WITHOUT_ANYTHING = Duration.ofSeconds(1);
    private static final Duration UNCONFIRMED = Duration.ofMinutes(1);

    private final ConcurrentHashMap<String, Session> byKey = new ConcurrentHashMap<>();
    /** Why a session is gone that had something, for its client's next call. */
    private final Cache<String, String> forgotten =
            Caffeine.newBuilder().maximumSize(REMEMBERED).build();

    private final HeldLeases leases;
    private final int most;
    private final Duration idleTimeout;
    private final Duration transactionIdleTimeout;

    Sessions(HeldLeases leases, ServerConfig config) {
        this.leases = leases;
        most = config.maxSessions();
        idleTimeout = config.sessionIdleTimeout();
        transactionIdleTimeout = config.transactionIdleTimeout();
    }

    /**
     * Tells a client once that what it had is gone.
     *
     * @throws org.apache.arrow.flight.FlightRuntimeException NOT_FOUND
     */
    void requireNotForgotten(String key) {
        String why = forgotten.asMap().remove(key);
        if (why != null) {
            throw CallStatus.NOT_FOUND.withDescription(why).toRuntimeException();
        }
    }

    /** What there is of a key that the client has shown; null if there is nothing. */
    @Nullable Session find(String key) {
        return byKey.computeIfPresent(key, (same, session) -> {
            session.used();
            session.confirm();
            return session;
        });
    }

    /**
     * What there is of this key, or a new one.
     *
     * @throws org.apache.arrow.flight.FlightRuntimeException RESOURCE_EXHAUSTED if there are too many
     */
    Session findOrCreate(String key) {
        return byKey.compute(key, (same, session) -> {
            if (session != null) {
                session.used();
                return session;
            }
            if (byKey.mappingCount() >= most) {
                throw FlightErrors.busy(most + " sessions are kept, which is the most: close one", idleTimeout);
            }
            return new Session(leases, transactionIdleTimeout);
        });
    }

    /** False if there is none of this key. */
    boolean close(String key) {
        Session session = byKey.remove(key);
        if (session == null) {
            return false;
        }
        session.end("the session was closed");
        return true;
    }

    /** Ends what is idle for too long. */
    void endIdle() {
        for (String key : byKey.keySet()) {
            byKey.computeIfPresent(key, (same, session) -> {
                session.endIdleTransaction();
                if (session.isInUse() || !session.isUnusedFor(patience(session))) {
                    return session;
                }
                String why = "the session was idle for " + idleTimeout.toMillis()
                        + " ms and was closed, with all that it had; what follows begins anew";
                if (!session.isEmpty()) {
                    forgotten.put(same, why);
                }
                session.end(why);
                return null;
            });
        }
    }

    /** Of a client that was offered a cookie and has not come back with it, nobody may ever ask again. */
    private Duration patience(Session session) {
        if (session.isEmpty()) {
            return WITHOUT_ANYTHING;
        }
        return session.isConfirmed() || idleTimeout.compareTo(UNCONFIRMED) < 0 ? idleTimeout : UNCONFIRMED;
    }
}
