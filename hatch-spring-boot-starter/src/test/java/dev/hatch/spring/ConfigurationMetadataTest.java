package dev.hatch.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What editors complete is what there is. */
class ConfigurationMetadataTest {
    private static final Pattern NAME = Pattern.compile("\"name\": \"spring\\.datasource\\.hatch\\.([a-z-]+)\"");

    @Test
    void each_setting_is_in_the_metadata_and_nothing_else() throws IOException {
        Set<String> described = new TreeSet<>();
        try (InputStream file =
                HatchSettings.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            String json = new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
            for (Matcher matcher = NAME.matcher(json); matcher.find(); ) {
                described.add(matcher.group(1));
            }
        }

        Set<String> expected = settings();
        expected.removeAll(Set.of("dsn", "user", "password"));
        expected.addAll(Set.of("driver-properties", "shutdown-drain"));
        assertThat(described).isEqualTo(expected);
    }

    /** As the pool lists them. */
    private static Set<String> settings() {
        Properties wrong = new Properties();
        wrong.setProperty("wrong", "");
        try {
            ConnectionPoolConfig.builder(wrong);
        } catch (IllegalArgumentException e) {
            String list = e.getMessage().replaceAll(".*All are \\[(.*)\\]", "$1");
            return Arrays.stream(list.split(", "))
                    .map(name -> name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
        throw new AssertionError("a wrong setting was taken");
    }
}
