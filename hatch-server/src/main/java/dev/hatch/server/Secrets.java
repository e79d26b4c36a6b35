package dev.hatch.server;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Random values, hashes and codes of the kinds that every JDK has, as text that is safe in a header and in a file. */
final class Secrets {
    static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
    static final Base64.Decoder DECODER = Base64.getUrlDecoder();

    private static final SecureRandom RANDOM = new SecureRandom();

    private Secrets() {}

    static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return random;
    }

    static String randomText(int bytes) {
        return ENCODER.encodeToString(random(bytes));
    }

    /** Enough for what was random in the first place, such as a token; a password needs {@link PasswordHash}. */
    static String sha256(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return ENCODER.encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** Makes codes that show that a text came from this process, with a key that never leaves it. */
    static final class Seal {
        private static final String ALGORITHM = "HmacSHA256";

        private final SecretKeySpec key = new SecretKeySpec(random(32), ALGORITHM);

        /** The parts' lengths count, so that no two lists of parts have the same code. */
        byte[] code(byte[]... parts) {
            try {
                Mac mac = Mac.getInstance(ALGORITHM);
                mac.init(key);
                for (byte[] part : parts) {
                    for (int shift = 24; shift >= 0; shift -= 8) {
                        mac.update((byte) (part.length >>> shift));
                    }
                    mac.update(part);
                }
                return mac.doFinal();
            } catch (NoSuchAlgorithmException | InvalidKeyException e) {
                throw new AssertionError(e);
            }
        }
    }
}
