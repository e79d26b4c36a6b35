package dev.hatch.server.cli;

import dev.hatch.server.Versions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A text for each {@link Setting}, from the last of these that has one: the default, a file, the environment, the flags.
 * What cannot be is an {@link IllegalArgumentException} that says where it stands.
 */
final class Settings {
    /** Of the client and of the script that runs Hatch. */
    private static final Set<String> OTHER_VARIABLES = Set.of("HATCH_JAVA_OPTS", "HATCH_PASSWORD", "HATCH_TOKEN");

    /** Kubernetes gives every container such variables for a service that is called hatch or hatch-something. */
    private static final Pattern OF_A_SERVICE =
            Pattern.compile("HATCH_(\\w+_)?(SERVICE_HOST|SERVICE_PORT(_\\w+)?|PORT(_\\d+_(TCP|UDP|SCTP)(_\\w+)?)?)");

    /** The builders' messages begin so; here the name and the value are said as the user wrote them. */
    private static final Pattern NAME_AND_VALUE = Pattern.compile("^\\w+ is [^;]+; ");

    private final Map<Setting, Value> values = new EnumMap<>(Setting.class);

    /**
     * The text of a setting.
     *
     * @param name what the user calls it, with the place where he did
     * @param origin the place only
     */
    private record Value(String text, String name, String origin) {}

    private Settings() {}

    static Settings of(Map<Setting, String> flags, Map<String, String> environment, @Nullable Path file)
            throws IOException {
        Settings settings = new Settings();
        for (Setting setting : Setting.values()) {
            settings.values.put(setting, new Value(setting.byDefault, setting.flag(), "default"));
        }
        if (file != null) {
            ConfigFile.read(file).forEach((setting, entry) -> {
                String place = file + ":" + entry.line();
                settings.values.put(setting, new Value(entry.value(), place + ": " + setting.key(), place));
            });
        }
        for (String variable : new TreeSet<>(environment.keySet())) {
            if (isSetting(variable)) {
                settings.values.put(
                        ofVariable(variable), new Value(String.valueOf(environment.get(variable)), variable, variable));
            }
        }
        flags.forEach((setting, text) -> settings.values.put(setting, new Value(text, setting.flag(), setting.flag())));
        return settings;
    }

    private static boolean isSetting(String variable) {
        return variable.startsWith(Setting.PREFIX)
                && !OTHER_VARIABLES.contains(variable)
                && !OF_A_SERVICE.matcher(variable).matches();
    }

    private static Setting ofVariable(String variable) {
        String key = variable.substring(Setting.PREFIX.length())
                .toLowerCase(Locale.ROOT)
                .replace('_', '-');
        return Setting.ofKey(key)
                .filter(setting -> setting.variable().equals(variable))
                .orElseThrow(() -> new IllegalArgumentException("there is no setting for the variable " + variable
                        + "; did you mean " + Setting.nearest(key).variable()
                        + "? Unset it if it is not for hatch serve"));
    }

    /** What the user calls a setting, with the place where he did. */
    String name(Setting setting) {
        return value(setting).name();
    }

    String text(Setting setting) {
        return value(setting).text();
    }

    /** Whether it is anything but a word such as none. */
    boolean isSet(Setting setting) {
        return setting.word().filter(text(setting)::equals).isEmpty();
    }

    private Value value(Setting setting) {
        Value value = values.get(setting);
        if (value == null) {
            throw new IllegalStateException(setting + " has no value");
        }
        return value;
    }

    <T> T get(Setting setting, Function<String, T> parser) {
        try {
            return parser.apply(text(setting));
        } catch (IllegalArgumentException e) {
            String orWord = setting.word().map(word -> ", nor " + word).orElse("");
            throw new IllegalArgumentException(
                    name(setting) + " is '" + shown(setting) + "', which is not " + e.getMessage() + orWord, e);
        }
    }

    /** Leaves the default of whoever has the setter where the setting is a word such as none. */
    <T> void set(Setting setting, Function<String, T> parser, Consumer<T> setter) {
        if (!isSet(setting)) {
            return;
        }
        T value = get(setting, parser);
        try {
            setter.accept(value);
        } catch (IllegalArgumentException e) {
            Matcher message = NAME_AND_VALUE.matcher(String.valueOf(e.getMessage()));
            throw new IllegalArgumentException(
                    name(setting) + " is '" + shown(setting) + "'; " + message.replaceFirst(""), e);
        }
    }

    /** What may be printed of it. */
    private String shown(Setting setting) {
        return setting == Setting.DATABASE ? withoutProperties(text(setting)) : text(setting);
    }

    /** The path in what --database takes: the properties after it may hold a key, which is nobody's to read. */
    static String withoutProperties(String database) {
        String path = database.replaceFirst("^jdbc:duckdb:", "").replaceFirst("(?s)[;?].*", "");
        return path.isEmpty() ? ":memory:" : path;
    }

    /** As a {@link ConfigFile} that says the same, each with where it comes from. */
    void print(PrintStream out) {
        Map<Setting, String> lines = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            lines.put(setting, ConfigFile.line(setting, shown(setting)));
        }
        int width = lines.values().stream().mapToInt(String::length).max().orElse(0);
        out.print("# hatch serve " + Versions.hatch() + "\n");
        for (Setting.Topic topic : Setting.Topic.values()) {
            out.print("\n# " + topic.heading + "\n");
            lines.forEach((setting, line) -> {
                if (setting.topic == topic) {
                    out.print(line + " ".repeat(width - line.length()) + "  # " + origin(setting) + "\n");
                }
            });
        }
    }

    private String origin(Setting setting) {
        boolean isWhole = shown(setting).equals(text(setting));
        return value(setting).origin() + (isWhole ? "" : "; without its properties, which may hold a key");
    }
}
