package dev.hatch.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.apache.arrow.flight.FlightServer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What TLS needs, read and checked when the server is started: what is wrong with a file is said then, rather than in
 * the failures of the first clients.
 */
final class Tls {
    private static final Logger LOG = LoggerFactory.getLogger(HatchServer.class);
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s(.*?)-----END \\1-----", Pattern.DOTALL);

    /** What a key is used for to see whether it fits. */
    private static final Map<String, String> SIGNATURES = Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA");

    private final byte[] chain;
    private final byte[] key;
    private final byte @Nullable [] authorities;

    private Tls(byte[] chain, byte[] key, byte @Nullable [] authorities) {
        this.chain = chain;
        this.key = key;
        this.authorities = authorities;
    }

    /**
     * Null if there is to be no TLS.
     *
     * @throws IllegalArgumentException if a file cannot be used
     */
    static @Nullable Tls of(ServerConfig config) {
        ServerConfig.TlsFiles files = config.tls();
        if (files == null) {
            return null;
        }
        byte[] chain = read(files.certificateChain());
        byte[] key = read(files.privateKey());
        List<X509Certificate> certificates = certificates(files.certificateChain(), chain);
        PrivateKey privateKey = privateKey(files.privateKey(), key);
        if (!fits(privateKey, certificates.get(0))) {
            throw new IllegalArgumentException(
                    files.privateKey() + " is not the key of the first certificate in " + files.certificateChain()
                            + ", which has to be the server's own; those that signed it come after it");
        }
        warnIfReadByAll(files.privateKey());
        warnIfExpired(files.certificateChain(), certificates);
        Path trusted = config.clientCertificates();
        if (trusted == null) {
            return new Tls(chain, key, null);
        }
        byte[] authorities = read(trusted);
        warnIfExpired(trusted, certificates(trusted, authorities));
        return new Tls(chain, key, authorities);
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read " + file + ", which TLS needs: " + e, e);
        }
    }

    private static List<X509Certificate> certificates(Path file, byte[] content) {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            Matcher blocks = blocks(content);
            while (blocks.find()) {
                if (blocks.group(1).endsWith("CERTIFICATE")) {
                    Certificate one = factory.generateCertificate(new ByteArrayInputStream(decoded(blocks)));
                    certificates.add((X509Certificate) one);
                }
            }
        } catch (CertificateException | IllegalArgumentException e) {
            throw new IllegalArgumentException(file + " has a certificate that cannot be read: " + e.getMessage(), e);
        }
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException(
                    file + " has no certificate: it has to be PEM, with -----BEGIN CERTIFICATE-----");
        }
        return certificates;
    }

    private static PrivateKey privateKey(Path file, byte[] content) {
        List<String> kinds = new ArrayList<>();
        Matcher blocks = blocks(content);
        while (blocks.find()) {
            String kind = blocks.group(1);
            kinds.add(kind);
            if (kind.equals("ENCRYPTED PRIVATE KEY") || blocks.group(2).contains("ENCRYPTED")) {
                throw new IllegalArgumentException(file + " is encrypted, and nobody is there to ask for its password:"
                        + " openssl pkcs8 -topk8 -nocrypt -in " + file + " -out PLAIN");
            }
            if (kind.equals("RSA PRIVATE KEY") || kind.equals("EC PRIVATE KEY")) {
                throw new IllegalArgumentException(file + " has a key of an older form (" + kind
                        + "); it has to be PKCS #8: openssl pkcs8 -topk8 -nocrypt -in " + file + " -out PKCS8");
            }
            if (kind.equals("PRIVATE KEY")) {
                return privateKey(file, blocks);
            }
        }
        throw new IllegalArgumentException(file + " has no key: it has to be PEM, with -----BEGIN PRIVATE KEY-----"
                + (kinds.contains("CERTIFICATE") ? "; it has a certificate, so are the two files swapped?" : ""));
    }

    private static PrivateKey privateKey(Path file, Matcher block) {
        byte[] encoded;
        try {
            encoded = decoded(block);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + " has a key that cannot be read: it is damaged");
        }
        for (String algorithm : SIGNATURES.keySet()) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
            } catch (InvalidKeySpecException e) {
                // Of another algorithm, perhaps.
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }
        throw new IllegalArgumentException(
                file + " has a key that is damaged, or neither RSA nor of an elliptic curve");
    }

    private static Matcher blocks(byte[] content) {
        return PEM.matcher(new String(content, StandardCharsets.ISO_8859_1));
    }

    private static byte[] decoded(Matcher block) {
        return Base64.getMimeDecoder().decode(block.group(2));
    }

    private static boolean fits(PrivateKey key, X509Certificate certificate) {
        if (!key.getAlgorithm().equals(certificate.getPublicKey().getAlgorithm())) {
            return false;
        }
        byte[] probe = Secrets.random(32);
        try {
            Signature signature = Signature.getInstance(SIGNATURES.get(key.getAlgorithm()));
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static void warnIfReadByAll(Path key) {
        try {
            if (key.getFileSystem().supportedFileAttributeViews().contains("posix")
                    && Files.getPosixFilePermissions(key).contains(PosixFilePermission.OTHERS_READ)) {
                LOG.warn("anybody on this machine can read the private key {}: chmod o-rwx {}", key, key);
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot look at " + key + ": " + e, e);
        }
    }

    private static void warnIfExpired(Path file, List<X509Certificate> certificates) {
        for (X509Certificate one : certificates) {
            Instant end = one.getNotAfter().toInstant();
            if (end.isBefore(Instant.now())) {
                LOG.warn("{}: the certificate of {} ended {}", file, one.getSubjectX500Principal(), end);
            }
        }
    }

    void applyTo(FlightServer.Builder builder) throws IOException {
        builder.useTls(new ByteArrayInputStream(chain), new ByteArrayInputStream(key));
        if (authorities != null) {
            builder.useMTlsClientVerification(new ByteArrayInputStream(authorities));
        }
    }

    /**
     * The common name of the client's certificate, which TLS has verified; null if there is no certificate, or it has no
     * such name of printable characters.
     */
    static @Nullable String commonName(@Nullable SSLSession session) {
        if (session == null) {
            return null;
        }
        try {
            // The most specific part comes last here.
            List<Rdn> parts = new LdapName(session.getPeerPrincipal().getName()).getRdns();
            for (int i = parts.size() - 1; i >= 0; i--) {
                Rdn part = parts.get(i);
                if (part.getType().equalsIgnoreCase("CN")
                        && part.getValue() instanceof String name
                        && name.matches("[\\p{L}\\p{M}\\p{N}\\p{P}\\p{S} ]{1,128}")) {
                    return name;
                }
            }
            return null;
        } catch (SSLPeerUnverifiedException | InvalidNameException e) {
            return null;
        }
    }
}
