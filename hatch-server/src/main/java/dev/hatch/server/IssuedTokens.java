package dev.hatch.server;

import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that clients got for a password: 256 random bits each, of which only the hash is kept. A token that was
 * not used for a while is forgotten, and of one user's many that one which was unused longest, so that nobody can push
 * out the tokens of others.
 */
final class IssuedTokens {
    static final int MAX_PER_USER = 1_000;

    private static final int TOKEN_BYTES = 32;

    private final long idleNanos;
    private final LongSupplier nanoClock;

    /** By hash, the one unused longest first. Guarded by this. */
    private final LinkedHashMap<String, Held> tokens = new LinkedHashMap<>(16, 0.75f, true);

    /** How many of each user. Guarded by this. */
    private final Map<String, Integer> counts = new HashMap<>();

    /**
     * A token's owner.
     *
     * @param credential what it was given for: it is good as long as that is
     * @param session names what is kept for the client that has it
     */
    record Issued(String user, String credential, String session) {}

    private static final class Held {
        private final Issued issued;
        private long usedAt;

        Held(Issued issued, long usedAt) {
            this.issued = issued;
            this.usedAt = usedAt;
        }
    }

    IssuedTokens(Duration idleTimeout, LongSupplier nanoClock) {
        idleNanos = idleTimeout.toNanos();
        this.nanoClock = nanoClock;
    }

    synchronized String issue(Issued issued) {
        forgetIdle();
        if (counts.getOrDefault(issued.user(), 0) >= MAX_PER_USER) {
            forgetOldestOf(issued.user());
        }
        String token = Secrets.randomText(TOKEN_BYTES);
        tokens.put(Secrets.sha256(token), new Held(issued, nanoClock.getAsLong()));
        counts.merge(issued.user(), 1, Integer::sum);
        return token;
    }

    /** Null if it is none of ours, or no more. */
    synchronized @Nullable Issued find(String hash) {
        forgetIdle();
        Held held = tokens.get(hash);
        if (held == null) {
            return null;
        }
        held.usedAt = nanoClock.getAsLong();
        return held.issued;
    }

    private void forgetIdle() {
        long now = nanoClock.getAsLong();
        Iterator<Held> oldest = tokens.values().iterator();
        while (oldest.hasNext()) {
            Held held = oldest.next();
            if (now - held.usedAt < idleNanos) {
                return;
            }
            oldest.remove();
            uncount(held);
        }
    }

    private void forgetOldestOf(String user) {
        Iterator<Held> oldest = tokens.values().iterator();
        while (oldest.hasNext()) {
            Held held = oldest.next();
            if (held.issued.user().equals(user)) {
                oldest.remove();
                uncount(held);
                return;
            }
        }
    }

    private void uncount(Held held) {
        counts.computeIfPresent(held.issued.user(), (user, count) -> count == 1 ? null : count - 1);
    }
}
