package dev.hatch.pool.jdbc;

import java.sql.SQLException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Keeps secrets out of messages and exceptions: what drivers say of a failed connect may have the URL in it. */
final class Secrets {
    private static final String MASK = "***";

    /** Causes of causes that are looked at; what lies deeper is left out of a copy. */
    private static final int LONGEST_CHAIN = 8;

    /** The user info of a URL: jdbc:…://user:password@host. */
    private static final Pattern USER_INFO = Pattern.compile("(?<=//)[^/@\\s]*:[^@\\s]*(?=@)");

    /** Oracle's way: jdbc:oracle:thin:user/password@…. */
    private static final Pattern SLASHED = Pattern.compile("(?<=:)[^:/@\\s]+/[^@\\s]+(?=@)");

    /** A name that says that its value is a secret: password, pwd, accessToken, sslpassword, api_key…. */
    private static final String NAME =
            "[\\w.-]*(?:password|passwd|pwd|passphrase|secret|token|credential|apikey|api_key|private_?key)[\\w.-]*";

    private static final Pattern SECRET = Pattern.compile(NAME, Pattern.CASE_INSENSITIVE);

    private static final Pattern PARAMETER = Pattern.compile("(?i)(" + NAME + "\\s*[=:]\\s*)"
            // Not MySQL's "(using password: YES)".
            + "(?!YES\\b|NO\\b)(\"[^\"]*\"|'[^']*'|\\{[^}]*}|[^&;,\\s)\\]}]+)");

    private Secrets() {}

    static String mask(String text) {
        String masked = USER_INFO.matcher(text).replaceAll(MASK);
        masked = SLASHED.matcher(masked).replaceAll(MASK);
        return PARAMETER.matcher(masked).replaceAll("$1" + MASK);
    }

    /** What a failure says, in one line and without secrets. */
    static String firstLine(@Nullable Throwable failure) {
        String message = failure == null ? null : failure.getMessage();
        String text = message == null ? String.valueOf(failure) : message;
        return mask(text.lines().findFirst().orElse(""));
    }

    /** Whether a property of this name is a secret. */
    static boolean isSecret(String property) {
        return SECRET.matcher(property).matches();
    }

    /** {@link #mask} that knows the secrets themselves as well: the longest first, for one may be part of another. */
    static UnaryOperator<String> maskOf(Collection<String> secrets) {
        List<String> longestFirst = secrets.stream()
                .filter(secret -> !secret.isEmpty())
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
        return text -> {
            String masked = text;
            for (String secret : longestFirst) {
                masked = masked.replace(secret, MASK);
            }
            return mask(masked);
        };
    }

    /** What a driver does and may fail at. */
    interface Step<T> {
        T take() throws SQLException;
    }

    /** What a driver does and may fail at, without a result. */
    interface Action {
        void take() throws SQLException;
    }

    /** Takes a step; what it throws has no secret, as {@link #masked(Throwable, UnaryOperator)} has it. */
    static <T> T masked(Step<T> step, UnaryOperator<String> mask) throws SQLException {
        try {
            return step.take();
        } catch (SQLException e) {
            throw (SQLException) masked(e, mask);
        } catch (RuntimeException e) {
            throw (RuntimeException) masked(e, mask);
        }
    }

    /** As for a {@link Step}. */
    static void masked(Action action, UnaryOperator<String> mask) throws SQLException {
        Step<Boolean> step = () -> {
            action.take();
            return true;
        };
        masked(step, mask);
    }

    /**
     * The failure itself if neither it nor what it carries has a secret in its text; else one that says the same without, with
     * the stack trace: an {@link SQLException} with SQLState and vendor code, or an {@link IllegalStateException} for others.
     */
    static Throwable masked(Throwable failure, UnaryOperator<String> mask) {
        return hasSecret(failure, mask, LONGEST_CHAIN) ? copy(failure, mask, LONGEST_CHAIN) : failure;
    }

    private static boolean hasSecret(@Nullable Throwable failure, UnaryOperator<String> mask, int links) {
        if (failure == null || links == 0) {
            // What is too deep to be looked at may have one.
            return failure != null;
        }
        // Its text has the message, or whatever else its class prints.
        String text = failure.toString();
        return !mask.apply(text).equals(text)
                || hasSecret(failure.getCause(), mask, links - 1)
                || (failure instanceof SQLException sql && hasSecret(sql.getNextException(), mask, links - 1))
                || Stream.of(failure.getSuppressed()).anyMatch(other -> hasSecret(other, mask, links - 1));
    }

    private static Throwable copy(Throwable failure, UnaryOperator<String> mask, int links) {
        String text = mask.apply(failure.toString());
        Throwable copy = failure instanceof SQLException sql
                ? new SQLException(text, sql.getSQLState(), sql.getErrorCode())
                : new IllegalStateException(text);
        copy.setStackTrace(failure.getStackTrace());
        if (links > 1) {
            Throwable cause = failure.getCause();
            if (cause != null) {
                copy.initCause(copy(cause, mask, links - 1));
            }
            if (failure instanceof SQLException sql
                    && copy instanceof SQLException copied
                    && sql.getNextException() != null) {
                copied.setNextException((SQLException) copy(sql.getNextException(), mask, links - 1));
            }
            for (Throwable other : failure.getSuppressed()) {
                copy.addSuppressed(copy(other, mask, links - 1));
            }
        }
        return copy;
    }
}
