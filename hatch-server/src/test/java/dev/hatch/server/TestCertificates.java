package dev.hatch.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;
import javax.security.auth.x500.X500Principal;

/**
 * An authority and the certificates that it makes, good for an hour, in files. The JDK reads certificates and does not
 * write them, so they are put together here, in DER.
 */
public final class TestCertificates {
    private static final byte[] ECDSA_WITH_SHA256 =
            der(0x30, new byte[] {6, 8, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 4, 3, 2});
    private static final byte[] BASIC_CONSTRAINTS = {6, 3, 0x55, 0x1D, 0x13};
    private static final byte[] ALTERNATIVE_NAMES = {6, 3, 0x55, 0x1D, 0x11};
    private static final byte[] TRUE = {1, 1, (byte) 0xFF};
    private static final byte[] LOCALHOST = {127, 0, 0, 1};
    private static final DateTimeFormatter UTC_TIME =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Path folder;
    private final String name;
    private final KeyPair keys = newKeys();

    /**
     * @param folder where all files go
     * @param name the authority's
     */
    public TestCertificates(Path folder, String name) {
        this.folder = folder;
        this.name = name;
        byte[] isAuthority = der(0x30, BASIC_CONSTRAINTS, TRUE, der(4, der(0x30, TRUE)));
        write(name + ".pem", "CERTIFICATE", certificate(name, keys.getPublic(), isAuthority));
    }

    /** The authority's own certificate. */
    public Path authority() {
        return folder.resolve(name + ".pem");
    }

    /** Makes the certificate {@code SUBJECT.pem}, for 127.0.0.1, and its key {@code SUBJECT.key}; returns the first. */
    public Path make(String subject) {
        KeyPair own = newKeys();
        byte[] isLocalhost = der(0x30, ALTERNATIVE_NAMES, der(4, der(0x30, der(0x87, LOCALHOST))));
        write(subject + ".key", "PRIVATE KEY", own.getPrivate().getEncoded());
        return write(subject + ".pem", "CERTIFICATE", certificate(subject, own.getPublic(), isLocalhost));
    }

    /** The key of a certificate that {@link #make} made. */
    public Path keyOf(String subject) {
        return folder.resolve(subject + ".key");
    }

    private byte[] certificate(String subject, PublicKey key, byte[] extension) {
        Instant now = Instant.now();
        byte[] content = der(
                0x30,
                der(0xA0, new byte[] {2, 1, 2}),
                der(2, BigInteger.valueOf(System.nanoTime()).toByteArray()),
                ECDSA_WITH_SHA256,
                new X500Principal("CN=" + name).getEncoded(),
                der(0x30, time(now.minus(Duration.ofHours(1))), time(now.plus(Duration.ofHours(1)))),
                new X500Principal("CN=" + subject).getEncoded(),
                key.getEncoded(),
                der(0xA3, der(0x30, extension)));
        return der(0x30, content, ECDSA_WITH_SHA256, der(3, new byte[1], signed(content)));
    }

    private byte[] signed(byte[] content) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(keys.getPrivate());
            signature.update(content);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] time(Instant time) {
        return der(0x17, UTC_TIME.format(time).getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(tag);
        int length = content.size();
        if (length < 128) {
            all.write(length);
        } else {
            byte[] bytes = length < 256 ? new byte[] {(byte) length} : new byte[] {(byte) (length >> 8), (byte) length};
            all.write(0x80 | bytes.length);
            all.writeBytes(bytes);
        }
        all.writeBytes(content.toByteArray());
        return all.toByteArray();
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private Path write(String file, String kind, byte[] content) {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        try {
            Path written = Files.writeString(
                    folder.resolve(file), "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
            return Files.setPosixFilePermissions(written, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
