package dev.hatch.server;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.arrow.flight.ServerSessionMiddleware;
import org.jspecify.annotations.Nullable;

/**
 * The cookies by which a client is known again. The server keeps nothing for one: it says whose it is, and since when,
 * under a code that only this process can make. So a value that was made up or changed is none, and one that was
 * issued cannot be guessed, as 128 bits of it are random and 256 are the code's.
 *
 * <p>The code also covers the credential that the client had shown when it got the cookie. With that gone from the
 * users file the cookie is good no more, and as long as it is there the cookie stands for it.
 */
final class SessionCookies {
    static final String NAME = ServerSessionMiddleware.sessionCookieName;

    private static final int ID_BYTES = 16;

    /** Of one call. A client has one, or that of a server before this one as well. */
    private static final int MAX_LOOKED_AT = 4;

    private final Secrets.Seal seal = new Secrets.Seal();
    private final long idleNanos;
    private final LongSupplier nanoClock;

    /**
     * A cookie that is good.
     *
     * @param session names what is kept for the client that has it
     * @param isOld whether to send a fresh one for the same session, since this one will not be good for long
     */
    record Cookie(String user, String credential, String session, boolean isOld) {}

    SessionCookies(Duration idleTimeout, LongSupplier nanoClock) {
        idleNanos = idleTimeout.toNanos();
        this.nanoClock = nanoClock;
    }

    static String newSession() {
        return Secrets.randomText(ID_BYTES);
    }

    /** The header's value. */
    String issue(String user, String credential, String session) {
        byte[] id = Secrets.DECODER.decode(session);
        byte[] name = user.getBytes(StandardCharsets.UTF_8);
        byte[] content = ByteBuffer.allocate(ID_BYTES + Long.BYTES + name.length)
                .put(id)
                .putLong(nanoClock.getAsLong())
                .put(name)
                .array();
        byte[] code = code(content, credential);
        return NAME + "=" + Secrets.ENCODER.encodeToString(content) + "." + Secrets.ENCODER.encodeToString(code);
    }

    private byte[] code(byte[] content, String credential) {
        return seal.code(content, credential.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The first that is good among the first cookies of a call.
     *
     * @param headers of the name {@code Cookie}
     * @param credentialsOf which a user has now
     * @return null if there is none
     */
    @Nullable Cookie find(Iterable<String> headers, Function<String, List<String>> credentialsOf) {
        int left = MAX_LOOKED_AT;
        for (String header : headers) {
            for (String pair : header.split(";", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0 && pair.substring(0, equals).strip().equals(NAME) && left-- > 0) {
                    Cookie cookie = read(pair.substring(equals + 1).strip().replace("\"", ""), credentialsOf);
                    if (cookie != null) {
                        return cookie;
                    }
                }
            }
        }
        return null;
    }

    private @Nullable Cookie read(String value, Function<String, List<String>> credentialsOf) {
        int dot = value.indexOf('.');
        byte[] content;
        byte[] code;
        try {
            content = Secrets.DECODER.decode(value.substring(0, Math.max(0, dot)));
            code = Secrets.DECODER.decode(value.substring(dot + 1));
        } catch (IllegalArgumentException e) {
            return null;
        }
        if (content.length <= ID_BYTES + Long.BYTES) {
            return null;
        }
        ByteBuffer buffer = ByteBuffer.wrap(content);
        byte[] id = new byte[ID_BYTES];
        buffer.get(id);
        long age = nanoClock.getAsLong() - buffer.getLong();
        String user = StandardCharsets.UTF_8.decode(buffer).toString();
        if (age >= idleNanos) {
            return null;
        }
        List<String> credentials = credentialsOf.apply(user);
        if (credentials.isEmpty()) {
            // As long as for a name that somebody has.
            byte[] unused = code(content, "");
        }
        for (String credential : credentials) {
            if (MessageDigest.isEqual(code, code(content, credential))) {
                return new Cookie(user, credential, Secrets.ENCODER.encodeToString(id), age >= idleNanos / 4);
            }
        }
        return null;
    }
}
