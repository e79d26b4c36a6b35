package dev.hatch.server.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * What stands between a server and whoever reaches the address that it listens on.
 *
 * @param users whether clients have to log in
 * @param tls whether nobody on the way can listen in
 * @param clientCertificates whether clients have to have a certificate, which needs TLS
 * @param insecure whether the operator wants it as it is
 */
record Exposure(boolean users, boolean tls, boolean clientCertificates, boolean insecure) {
    /**
     * For the address that clients call.
     *
     * @param option names it in the error
     * @throws IllegalArgumentException if other machines could reach what is not protected from them
     */
    void requireSafe(String option, String host) {
        if (isOnlyForThisMachine(option, host) || clientCertificates || (users && tls)) {
            return;
        }
        throw new IllegalArgumentException(option + ": other machines could reach " + host
                + (users
                        ? ", and passwords and tokens would travel in the clear; give --tls-cert and --tls-key"
                        : ", and anyone there could read and write everything; give --users and TLS"
                                + " (--tls-cert, --tls-key), or --tls-client-ca for clients with certificates")
                + ", listen on this machine's own address, such as 127.0.0.1, or say --insecure");
    }

    /**
     * For the admin address, where nobody can log in.
     *
     * @param option names it in the error
     * @throws IllegalArgumentException if other machines could reach it
     */
    void requireSafeAdmin(String option, String host) {
        if (!isOnlyForThisMachine(option, host)) {
            throw new IllegalArgumentException(
                    option + ": the admin address has no authentication, and other machines could reach " + host
                            + "; take this machine's own, such as 127.0.0.1, or say --insecure");
        }
    }

    private boolean isOnlyForThisMachine(String option, String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress() || insecure;
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(option + ": unknown host '" + host + "'", e);
        }
    }
}
