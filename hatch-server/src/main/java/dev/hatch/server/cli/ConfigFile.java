package dev.hatch.server.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The form of a configuration file: UTF-8, a line {@code key = value} for each setting. A value is taken as it stands, or
 * between double quotes, where a double quote is written twice. A comment begins with {@code #}, on a line of its own or
 * after a blank.
 */
final class ConfigFile {
    private static final String QUOTED = "\"[^\"]*+(?:\"\"[^\"]*+)*+\"";
    private static final Pattern LINE = Pattern.compile("([^=#\"]+?)\\s*=\\s*(" + QUOTED + "|.*?)\\s*(?:(?<=\\s)#.*)?");

    private ConfigFile() {}

    /** A value and the line it is on, from 1. */
    record Entry(String value, int line) {}

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException if it says what cannot be, with the line; no value is quoted, it may be secret
     */
    static Map<Setting, Entry> read(Path file) throws IOException {
        Map<Setting, Entry> entries = new EnumMap<>(Setting.class);
        List<String> lines = TextFile.read(file).lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String place = file + ":" + (i + 1) + ": ";
            Matcher parts = LINE.matcher(line);
            if (!parts.matches()) {
                throw new IllegalArgumentException(place + "this is neither key = value nor a comment with #");
            }
            Setting setting = setting(place, parts.group(1));
            Entry former = entries.put(setting, new Entry(value(place + setting.key(), parts.group(2)), i + 1));
            if (former != null) {
                throw new IllegalArgumentException(
                        place + setting.key() + " was said on line " + former.line() + " already");
            }
        }
        return entries;
    }

    private static Setting setting(String place, String key) {
        return Setting.ofKey(key)
                .orElseThrow(() -> new IllegalArgumentException(place + "there is no setting '" + key
                        + "'; did you mean " + Setting.nearest(key).key() + "?"));
    }

    private static String value(String place, String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException(place + " has no value");
        }
        if (!text.startsWith("\"")) {
            return text;
        }
        if (!text.matches(QUOTED)) {
            throw new IllegalArgumentException(
                    place + " begins with a double quote that is not closed at the end; one that is part of the"
                            + " value is written twice");
        }
        return text.substring(1, text.length() - 1).replace("\"\"", "\"");
    }

    /** As {@link #read} reads it. */
    static String line(Setting setting, String value) {
        if (value.matches("(?s).*[\r\n].*")) {
            throw new IllegalArgumentException(setting.key() + " has a line break, which no file can say");
        }
        String written = value.matches("[^\\s\"#]+") ? value : '"' + value.replace("\"", "\"\"") + '"';
        return setting.key() + " = " + written;
    }
}
