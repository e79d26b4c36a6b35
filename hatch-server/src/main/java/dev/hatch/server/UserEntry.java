package dev.hatch.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One line of the users file: {@code NAME ROLE CREDENTIAL…}, where a credential is a {@link PasswordHash} or the hash of
 * a token.
 *
 * @param password null: this user has none
 * @param tokens hashes, as {@link Secrets#sha256} makes them
 */
record UserEntry(User user, @Nullable PasswordHash password, List<String> tokens) {
    private static final String TOKEN = "token-sha256:";

    /** Without the colon, which ends a name in Basic authentication, and what a line or a comment is told by. */
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}_][\\p{L}\\p{N}._@+-]{0,127}");

    /** What is wrong with a line; never with a part of a credential in it. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super(message);
        }
    }

    /** Why a user cannot have that name; null if one can. */
    static @Nullable String objection(String name) {
        if (!NAME.matcher(name).matches()) {
            return "a name has up to 128 letters, digits and ._@+- and begins with a letter, a digit or _";
        }
        return name.equals(User.ANONYMOUS.name()) ? "'anonymous' is who calls where nobody has to log in" : null;
    }

    static UserEntry parse(String line) throws MalformedException {
        String[] words = line.strip().split("\\s+", -1);
        String objection = objection(words[0]);
        if (objection != null) {
            throw new MalformedException(objection);
        }
        Role role = words.length < 2 ? null : role(words[1]);
        if (role == null) {
            throw new MalformedException("after the name comes a role, read-only or read-write");
        }
        PasswordHash password = null;
        List<String> tokens = new ArrayList<>();
        for (int i = 2; i < words.length; i++) {
            PasswordHash hash = PasswordHash.parse(words[i]);
            if (hash != null && password == null) {
                password = hash;
            } else if (words[i].matches(TOKEN + "[A-Za-z0-9_-]{43}")) {
                tokens.add(words[i].substring(TOKEN.length()));
            } else {
                throw new MalformedException("word " + (i + 1)
                        + (hash != null
                                ? " is a second password"
                                : " is neither pbkdf2-sha256:ITERATIONS:SALT:HASH nor token-sha256:HASH"));
            }
        }
        return new UserEntry(new User(words[0], role), password, List.copyOf(tokens));
    }

    private static @Nullable Role role(String word) {
        for (Role role : Role.values()) {
            if (role.toString().equals(word.toLowerCase(Locale.ROOT))) {
                return role;
            }
        }
        return null;
    }

    /** By what this user can log in: texts that change if and only if the credential does. */
    List<String> credentials() {
        List<String> all = new ArrayList<>();
        if (password != null) {
            all.add(password.text());
        }
        tokens.forEach(hash -> all.add(TOKEN + hash));
        return all;
    }

    static String tokenCredential(String hash) {
        return TOKEN + hash;
    }

    String line() {
        return user.name() + " " + user.role() + " " + String.join(" ", credentials());
    }

    /** Without the credentials: this may end in a log. */
    @Override
    public String toString() {
        return user.name() + " " + user.role();
    }
}
