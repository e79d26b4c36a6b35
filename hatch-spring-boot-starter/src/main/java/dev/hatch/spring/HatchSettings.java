package dev.hatch.spring;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * The properties below {@code spring.datasource.hatch}: the pool's settings, by the names that {@link ConnectionPoolConfig#builder(Properties)}
 * has, in each spelling that Spring takes ({@code max-open-connections}, {@code maxOpenConnections},
 * {@code SPRING_DATASOURCE_HATCH_MAXOPENCONNECTIONS}), and {@code shutdown-drain}.
 */
final class HatchSettings {
    static final String PREFIX = "spring.datasource.hatch";
    private static final String DRIVER_PROPERTIES = PREFIX + ".driver-properties";
    private static final String SHUTDOWN_DRAIN = PREFIX + ".shutdown-drain";

    /** What Spring Boot gives a phase of the shutdown where nobody says otherwise. */
    private static final Duration DEFAULT_DRAIN = Duration.ofSeconds(30);

    private static final Map<String, String> ELSEWHERE = Map.of(
            "dsn",
            "spring.datasource.url",
            "user",
            "spring.datasource.username",
            "password",
            "spring.datasource.password");

    /** The settings by their letters alone. A new one is found here by itself: its setter has its name. */
    private static final Map<String, String> NAMES = new HashMap<>();

    static {
        for (Method method : ConnectionPoolConfig.Builder.class.getMethods()) {
            if (method.getReturnType() == ConnectionPoolConfig.Builder.class) {
                NAMES.put(letters(method.getName()), method.getName());
            }
        }
    }

    private final Binder binder;

    HatchSettings(Environment environment) {
        binder = Binder.get(environment);
    }

    /**
     * @param name the pool's, if it is not among the settings
     * @throws HatchSettingException if there is no such setting, or its value is not allowed
     */
    ConnectionPoolConfig.Builder builder(@Nullable String name) {
        Properties properties = new Properties();
        texts(PREFIX).forEach((given, value) -> {
            String letters = letters(given);
            if (letters.startsWith("driverproperties") || letters.equals("shutdowndrain")) {
                return;
            }
            String known = NAMES.getOrDefault(letters, given);
            if (ELSEWHERE.containsKey(known)) {
                throw new HatchSettingException(
                        "'" + PREFIX + "." + given + "' is not used: say '" + ELSEWHERE.get(known) + "'", null);
            }
            check(given, known, value);
            // The first is of the property source that is asked first.
            properties.putIfAbsent(known, value);
        });
        if (name != null) {
            properties.putIfAbsent("name", name);
        }
        ConnectionPoolConfig.Builder builder = ConnectionPoolConfig.builder(properties);
        texts(DRIVER_PROPERTIES).forEach(builder::driverProperty);
        return builder;
    }

    /** How long leases have to come back when the application ends. */
    Duration shutdownDrain() {
        return binder.bind(SHUTDOWN_DRAIN, Duration.class)
                .orElseGet(() -> binder.bind("spring.lifecycle.timeout-per-shutdown-phase", Duration.class)
                        .orElse(DEFAULT_DRAIN));
    }

    private Map<String, String> texts(String below) {
        return binder.bind(below, Bindable.mapOf(String.class, String.class)).orElseGet(LinkedHashMap::new);
    }

    private static void check(String given, String known, String value) {
        Properties one = new Properties();
        one.setProperty(known, value);
        try {
            ConnectionPoolConfig.builder(one);
        } catch (IllegalArgumentException e) {
            throw new HatchSettingException("'" + PREFIX + "." + given + "': " + e.getMessage(), e);
        }
    }

    private static String letters(String name) {
        return name.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
    }
}
