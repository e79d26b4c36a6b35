package dev.hatch.pool.jdbc;

import dev.hatch.pool.LeaseTracking;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The settings that have a text, by the names of the builder's setters. */
final class ConfigKey {
    private static final String DRIVER = "driverProperties.";
    private static final String DRIVER_VARIABLE = "DRIVER_PROPERTIES_";
    private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ms|s|m|h|d)");

    private static final Map<String, BiConsumer<ConnectionPoolConfig.Builder, String>> SETTERS = new TreeMap<>();

    static {
        key("name", Function.identity(), ConnectionPoolConfig.Builder::name);
        key("dsn", Function.identity(), ConnectionPoolConfig.Builder::dsn);
        key("user", Function.identity(), ConnectionPoolConfig.Builder::user);
        key("password", Function.identity(), ConnectionPoolConfig.Builder::password);
        key("initialSql", Function.identity(), ConnectionPoolConfig.Builder::initialSql);
        key("validationQuery", Function.identity(), ConnectionPoolConfig.Builder::validationQuery);
        key("maxOpenConnections", ConfigKey::wholeNumber, ConnectionPoolConfig.Builder::maxOpenConnections);
        key("maxIdleConnections", ConfigKey::wholeNumber, ConnectionPoolConfig.Builder::maxIdleConnections);
        key("minIdleConnections", ConfigKey::wholeNumber, ConnectionPoolConfig.Builder::minIdleConnections);
        key("maxWaiters", ConfigKey::wholeNumber, ConnectionPoolConfig.Builder::maxWaiters);
        key("maxIdleSurplusTime", ConfigKey::duration, ConnectionPoolConfig.Builder::maxIdleSurplusTime);
        key("connMaxLifetime", ConfigKey::duration, ConnectionPoolConfig.Builder::connMaxLifetime);
        key("connMaxIdleTime", ConfigKey::duration, ConnectionPoolConfig.Builder::connMaxIdleTime);
        key("healthCheckPeriod", ConfigKey::duration, ConnectionPoolConfig.Builder::healthCheckPeriod);
        key("connectionTimeout", ConfigKey::duration, ConnectionPoolConfig.Builder::connectionTimeout);
        key("resetPolicy", ConfigKey::resetPolicy, ConnectionPoolConfig.Builder::resetPolicy);
        key("statementTimeout", ConfigKey::duration, ConnectionPoolConfig.Builder::statementTimeout);
        key("leaseTracking", ConfigKey::leaseTracking, ConnectionPoolConfig.Builder::leaseTracking);
        key("heldLongAfter", ConfigKey::duration, ConnectionPoolConfig.Builder::heldLongAfter);
        key("detectDeadlocks", ConfigKey::yesOrNo, ConnectionPoolConfig.Builder::detectDeadlocks);
        key("jmx", ConfigKey::yesOrNo, ConnectionPoolConfig.Builder::jmx);
        key("startWhileDown", ConfigKey::yesOrNo, ConnectionPoolConfig.Builder::startWhileDown);
    }

    private ConfigKey() {}

    private interface Setter<T> {
        ConnectionPoolConfig.Builder set(ConnectionPoolConfig.Builder builder, T value);
    }

    private static <T> void key(String name, Function<String, T> parser, Setter<T> setter) {
        SETTERS.put(name, (builder, text) -> {
            T value;
            try {
                value = parser.apply(text.strip());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(name + " is '" + text + "'; " + e.getMessage(), e);
            }
            setter.set(builder, value);
        });
    }

    /** @param given what the user wrote, for the message if there is no such key */
    static void set(ConnectionPoolConfig.Builder builder, String given, String key, String value) {
        if (key.startsWith(DRIVER)) {
            builder.driverProperty(key.substring(DRIVER.length()), value);
            return;
        }
        BiConsumer<ConnectionPoolConfig.Builder, String> setter = SETTERS.get(key);
        if (setter == null) {
            throw new IllegalArgumentException(
                    "there is no setting '" + given + "'; did you mean " + nearest(key) + "? All are " + names());
        }
        setter.accept(builder, value);
    }

    /** MAX_OPEN_CONNECTIONS is maxOpenConnections. */
    static String ofVariable(String name) {
        if (name.startsWith(DRIVER_VARIABLE)) {
            return DRIVER + name.substring(DRIVER_VARIABLE.length());
        }
        String[] words = name.toLowerCase(Locale.ROOT).split("_", -1);
        StringBuilder key = new StringBuilder(words[0]);
        for (String word : Arrays.asList(words).subList(1, words.length)) {
            key.append(word.isEmpty() ? "" : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
        }
        return key.toString();
    }

    static List<String> names() {
        return List.copyOf(SETTERS.keySet());
    }

    private static String nearest(String key) {
        return SETTERS.keySet().stream()
                .min(Comparator.comparingInt(
                        name -> distance(name.toLowerCase(Locale.ROOT), key.toLowerCase(Locale.ROOT))))
                .orElseThrow();
    }

    /** How many letters to add, leave out or change (Levenshtein 1965; computed by Wagner and Fischer 1974). */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int changed = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }

    private static int wholeNumber(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("it must be a whole number up to " + Integer.MAX_VALUE, e);
        }
    }

    private static ResetPolicy resetPolicy(String text) {
        return oneOf(ResetPolicy.values(), text);
    }

    private static LeaseTracking leaseTracking(String text) {
        return oneOf(LeaseTracking.values(), text);
    }

    private static <E extends Enum<E>> E oneOf(E[] values, String text) {
        for (E value : values) {
            if (value.name().equalsIgnoreCase(text)) {
                return value;
            }
        }
        throw new IllegalArgumentException("it must be one of " + Arrays.toString(values));
    }

    private static boolean yesOrNo(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("it must be true or false");
        };
    }

    private static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        try {
            if (!matcher.matches()) {
                return Duration.parse(text);
            }
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
            };
        } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException(
                    "it must be a number with ms, s, m, h or d, such as 30s, or ISO 8601, such as PT30S", e);
        }
    }
}
