package dev.hatch.server;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.spec.InvalidKeySpecException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A password as it is kept: salted, and hashed so slowly that trying many takes long. The text says how, so that the
 * parameters can change while old hashes stay good: {@code pbkdf2-sha256:ITERATIONS:SALT:HASH}.
 */
final class PasswordHash {
    /** OWASP's Password Storage Cheat Sheet asks for as many of PBKDF2 with HMAC-SHA256. */
    static final int ITERATIONS = 600_000;

    private static final String ALGORITHM = "PBKDF2WithHmacSHA256";
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final Pattern FORM =
            Pattern.compile("pbkdf2-sha256:([1-9]\\d{0,7}):([A-Za-z0-9_-]{22,86}):([A-Za-z0-9_-]{43})");

    private final int iterations;
    private final byte[] salt;
    private final byte[] hash;

    private PasswordHash(int iterations, byte[] salt, byte[] hash) {
        this.iterations = iterations;
        this.salt = salt;
        this.hash = hash;
    }

    static PasswordHash of(String password) {
        return of(password, ITERATIONS);
    }

    static PasswordHash of(String password, int iterations) {
        byte[] salt = Secrets.random(SALT_BYTES);
        return new PasswordHash(iterations, salt, compute(password, salt, iterations));
    }

    /** Matches nothing, and takes as long to say so as that of somebody. */
    static PasswordHash ofNobody() {
        return new PasswordHash(ITERATIONS, Secrets.random(SALT_BYTES), Secrets.random(HASH_BYTES));
    }

    /** Null if the text is no such hash. */
    static @Nullable PasswordHash parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return null;
        }
        try {
            return new PasswordHash(
                    Integer.parseInt(form.group(1)),
                    Secrets.DECODER.decode(form.group(2)),
                    Secrets.DECODER.decode(form.group(3)));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Takes long, and as long whether it is right or wrong. */
    boolean matches(String password) {
        return MessageDigest.isEqual(hash, compute(password, salt, iterations));
    }

    private static byte[] compute(String password, byte[] salt, int iterations) {
        PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, iterations, HASH_BYTES * Byte.SIZE);
        try {
            return SecretKeyFactory.getInstance(ALGORITHM).generateSecret(spec).getEncoded();
        } catch (NoSuchAlgorithmException | InvalidKeySpecException e) {
            throw new AssertionError(e);
        } finally {
            spec.clearPassword();
        }
    }

    /** As it stands in the users file. */
    String text() {
        return "pbkdf2-sha256:" + iterations + ":" + Secrets.ENCODER.encodeToString(salt) + ":"
                + Secrets.ENCODER.encodeToString(hash);
    }

    /** Without the hash: this may end in a log. */
    @Override
    public String toString() {
        return "PBKDF2 hash of " + iterations + " iterations";
    }
}
