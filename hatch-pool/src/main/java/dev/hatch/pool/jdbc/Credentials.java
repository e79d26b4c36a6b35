package dev.hatch.pool.jdbc;

import java.util.Objects;

/**
 * Who a connection is opened as. Its text does not have the password.
 *
 * @param user the name
 * @param password may be a token that is good for a short time
 */
public record Credentials(String user, String password) {
    public Credentials {
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(password, "password");
    }

    @Override
    public String toString() {
        return "Credentials[user=" + user + "]";
    }
}
