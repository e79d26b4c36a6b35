package dev.hatch.pool.jdbc;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Keeps secrets out of messages: what drivers say of a failed connect may have the URL in it. */
final class Secrets {
    private static final String MASK = "***";

    /** The user info of a URL: jdbc:…://user:password@host. */
    private static final Pattern USER_INFO = Pattern.compile("(?<=//)[^/@\\s]*:[^@\\s]*(?=@)");

    /** Oracle's way: jdbc:oracle:thin:user/password@…. */
    private static final Pattern SLASHED = Pattern.compile("(?<=:)[^:/@\\s]+/[^@\\s]+(?=@)");

    /** A parameter whose name says that it is a secret: password=…, pwd=…, accessToken=…, sslpassword=…, api_key=…. */
    private static final Pattern PARAMETER = Pattern.compile(
            "(?i)([\\w.-]*(?:password|passwd|pwd|passphrase|secret|token|credential|apikey|api_key|private_?key)[\\w.-]*\\s*[=:]\\s*)"
                    + "(\"[^\"]*\"|'[^']*'|\\{[^}]*}|[^&;,\\s)\\]}]+)");

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
}
