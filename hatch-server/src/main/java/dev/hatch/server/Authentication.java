package dev.hatch.server;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whose a call is. In this order: by the password or the token in its {@code authorization} header, by its
 * cookie, by the client's certificate. What is there and wrong is refused, not passed over for the next; but a cookie
 * that is not good, since it may be that of a server before this one, is replaced.
 *
 * <p>The cookie counts because Arrow's ADBC driver leaves the header out of the calls of a prepared statement. It is as
 * secret and as short-lived as a token that was issued, and is bound to the user and the credential it was got with.
 */
final class Authentication {
    private static final Logger LOG = LoggerFactory.getLogger(HatchServer.class);
    private static final long LOG_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final String BASIC = "basic ";
    private static final String BEARER = "bearer ";

    /** Stands for what a client shows below our calls, anew with each connection. */
    private static final String CERTIFICATE = "certificate";

    private final @Nullable Users users;
    private final boolean hasCertificates;
    private final IssuedTokens tokens;
    private final SessionCookies cookies;
    private final PasswordLogins passwords;
    private final LongSupplier nanoClock;
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong mayLogAt;

    /**
     * What a call says of its client.
     *
     * @param certificate the name in the client's certificate
     * @param isHandshake whether it asks for a token
     */
    record Shown(
            @Nullable String authorization,
            Iterable<String> cookies,
            @Nullable String certificate,
            String host,
            boolean isHandshake) {
        /** Without the secrets. */
        @Override
        public String toString() {
            return "a call from " + host;
        }
    }

    /**
     * Whose a call is.
     *
     * @param keptKey as {@link Caller#keptKey}
     * @param isKnownAgain whether the client showed that it keeps what names its session
     * @param token to be sent to the client; null for none
     * @param cookie likewise
     */
    record Identity(
            User user,
            String keptKey,
            boolean isKnownAgain,
            @Nullable String token,
            @Nullable String cookie) {
        /** As {@link Caller#sessionKey}. */
        @Nullable String sessionKey() {
            return isKnownAgain ? keptKey : null;
        }

        /** Without the secrets. */
        @Override
        public String toString() {
            return user.toString();
        }
    }

    /** @param session of the token; null if it is shown by something that names none */
    private record Known(
            User user, String credential, @Nullable String session) {}

    /** @throws IllegalArgumentException if the users file cannot be used */
    Authentication(ServerConfig config) {
        nanoClock = config.nanoClock();
        users = users(config);
        hasCertificates = config.clientCertificates() != null;
        tokens = new IssuedTokens(config.tokenIdleTimeout(), nanoClock);
        cookies = new SessionCookies(config.tokenIdleTimeout(), nanoClock);
        passwords = new PasswordLogins(nanoClock);
        mayLogAt = new AtomicLong(nanoClock.getAsLong());
    }

    private static @Nullable Users users(ServerConfig config) {
        try {
            return config.users() == null ? null : new Users(config.users(), config.nanoClock());
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** Whether somebody may call without saying who it is. */
    boolean isOpen() {
        return users == null && !hasCertificates;
    }

    /** @throws StatusRuntimeException if the call is to be refused */
    Identity identify(Shown shown) {
        try {
            return identity(shown);
        } catch (StatusRuntimeException e) {
            refused(shown.host());
            throw e;
        }
    }

    private Identity identity(Shown shown) {
        SessionCookies.Cookie cookie = cookies.find(shown.cookies(), name -> credentialsOf(name, shown.certificate()));
        Known known = known(shown, cookie);
        String user = known.user().name();
        String session = known.session();
        if (session == null && cookie != null && cookie.user().equals(user)) {
            session = cookie.session();
        }
        boolean isKnownAgain = session != null;
        if (session == null) {
            session = SessionCookies.newSession();
        }
        boolean hasCookie = cookie != null
                && !cookie.isOld()
                && cookie.user().equals(user)
                && cookie.session().equals(session);
        String issued = shown.isHandshake() && isPassword(shown) && users != null
                ? tokens.issue(new IssuedTokens.Issued(user, known.credential(), session))
                : null;
        return new Identity(
                known.user(),
                user + ":" + session,
                isKnownAgain,
                issued,
                hasCookie ? null : cookies.issue(user, known.credential(), session));
    }

    private static boolean isPassword(Shown shown) {
        return shown.authorization() != null && hasScheme(BASIC, shown.authorization());
    }

    private static boolean hasScheme(String scheme, String authorization) {
        return authorization.toLowerCase(Locale.ROOT).startsWith(scheme);
    }

    private Known known(Shown shown, SessionCookies.@Nullable Cookie cookie) {
        if (isOpen()) {
            return new Known(User.ANONYMOUS, "", null);
        }
        String authorization = users == null ? null : shown.authorization();
        if (authorization != null) {
            return byHeader(authorization, shown.host());
        }
        User user = cookie == null ? null : current(cookie.user(), shown.certificate());
        if (cookie != null && user != null) {
            return new Known(user, cookie.credential(), null);
        }
        User certified = certified(shown.certificate());
        if (certified != null) {
            return new Known(certified, CERTIFICATE, null);
        }
        throw refusal(
                users == null
                        ? "the client's certificate names nobody: its subject needs a common name (CN)"
                        : hasCertificates
                                ? "log in with a password or a token, or with a certificate whose common name (CN) is"
                                        + " that of a user"
                                : "log in: this server wants a user's name and password, or a token");
    }

    private Known byHeader(String authorization, String host) {
        if (hasScheme(BASIC, authorization)) {
            return byPassword(authorization.substring(BASIC.length()).strip(), host);
        }
        if (hasScheme(BEARER, authorization)) {
            return byToken(authorization.substring(BEARER.length()).strip());
        }
        throw refusal("the authorization header has to begin with Basic or Bearer");
    }

    private Known byPassword(String encoded, String host) {
        String both;
        try {
            both = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Base64.getDecoder().decode(encoded)))
                    .toString();
        } catch (IllegalArgumentException | CharacterCodingException e) {
            throw refusal("the authorization header has to be Basic and NAME:PASSWORD in base64");
        }
        int colon = both.indexOf(':');
        String name = both.substring(0, Math.max(0, colon));
        UserEntry entry = entry(name);
        PasswordHash stored = entry == null ? null : entry.password();
        boolean right = passwords.isRight(name, both.substring(colon + 1), stored, host);
        if (!right || entry == null || stored == null) {
            throw refusal("the name or the password is wrong");
        }
        return new Known(entry.user(), stored.text(), null);
    }

    private Known byToken(String token) {
        String hash = Secrets.sha256(token);
        IssuedTokens.Issued issued = tokens.find(hash);
        if (issued != null) {
            UserEntry entry = entry(issued.user());
            if (entry != null && entry.credentials().contains(issued.credential())) {
                return new Known(entry.user(), issued.credential(), issued.session());
            }
        }
        UserEntry entry = users == null ? null : users.withToken(hash);
        if (entry == null) {
            throw refusal("the token is wrong, withdrawn, or was not used for too long: log in again");
        }
        return new Known(entry.user(), UserEntry.tokenCredential(hash), null);
    }

    private @Nullable UserEntry entry(String name) {
        return users == null ? null : users.named(name);
    }

    /** With the role as it is now. */
    private @Nullable User current(String name, @Nullable String certificate) {
        UserEntry entry = entry(name);
        return entry == null && name.equals(certificate) ? certified(certificate) : entry == null ? null : entry.user();
    }

    /** With a users file it is one of those in it, so that a user who was removed is out with a certificate as well. */
    private @Nullable User certified(@Nullable String certificate) {
        if (certificate == null || !hasCertificates) {
            return null;
        }
        if (users == null) {
            return new User(certificate, Role.READ_WRITE);
        }
        UserEntry entry = users.named(certificate);
        return entry == null ? null : entry.user();
    }

    private List<String> credentialsOf(String name, @Nullable String certificate) {
        if (isOpen()) {
            return name.equals(User.ANONYMOUS.name()) ? List.of("") : List.of();
        }
        List<String> credentials = new ArrayList<>();
        UserEntry entry = entry(name);
        if (entry != null) {
            credentials.addAll(entry.credentials());
        }
        if (name.equals(certificate) && certified(certificate) != null) {
            credentials.add(CERTIFICATE);
        }
        return credentials;
    }

    private static StatusRuntimeException refusal(String message) {
        return Status.UNAUTHENTICATED.withDescription(message).asRuntimeException();
    }

    /** Neither the name is logged, for people type passwords there, nor anything else that the client sent. */
    private void refused(String host) {
        long all = refused.incrementAndGet();
        long now = nanoClock.getAsLong();
        long mayLog = mayLogAt.get();
        if (now - mayLog >= 0 && mayLogAt.compareAndSet(mayLog, now + LOG_EVERY_NANOS)) {
            LOG.warn("refused a call from {} that did not show who it is; {} such calls since the start", host, all);
        }
    }

    /** How many calls were refused so far. */
    long refused() {
        return refused.get();
    }

    /** How many passwords were hashed so far. */
    long computations() {
        return passwords.computations();
    }
}
