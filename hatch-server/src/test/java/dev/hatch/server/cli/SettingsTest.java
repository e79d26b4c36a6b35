package dev.hatch.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.server.ServerConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code hatch serve} is told by a file, by variables and by flags; nothing is opened. */
@Timeout(60)
@Tag("once")
class SettingsTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<String, String> environment = new TreeMap<>();
    private @Nullable Path file;

    private int serve(String... args) {
        List<String> all = new ArrayList<>(List.of("serve", "--print-config"));
        if (file != null) {
            all.addAll(List.of("--config", file.toString()));
        }
        all.addAll(List.of(args));
        PrintStream toOut = new PrintStream(out, false, StandardCharsets.UTF_8);
        int exitCode = Hatch.run(
                new Console(
                        InputStream.nullInputStream(),
                        toOut,
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Terminal.NONE,
                        environment),
                all.toArray(String[]::new));
        toOut.flush();
        return exitCode;
    }

    private void file(String... lines) {
        try {
            file = Files.write(folder.resolve("hatch.conf"), List.of(lines));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    /** The message, without the name of the folder. */
    private String err() {
        return err.toString(StandardCharsets.UTF_8).replace(folder + "/", "");
    }

    /** The line of a key, with its comment, and with one blank where there are several. */
    private String printed(String key) {
        return out().lines()
                .filter(line -> line.startsWith(key + " = "))
                .map(line -> line.replaceAll(" +", " ").replace(folder + "/", ""))
                .collect(Collectors.joining("\n"));
    }

    @Test
    void a_variable_overrides_the_file_and_a_flag_both() {
        file("connections = 1", "drain = 1s", "max-sessions = 1");
        environment.put("HATCH_DRAIN", "2s");
        environment.put("HATCH_MAX_SESSIONS", "2");
        assertThat(serve("--max-sessions", "3")).isZero();
        assertThat(printed("batch-rows")).isEqualTo("batch-rows = 16384 # default");
        assertThat(printed("connections")).isEqualTo("connections = 1 # hatch.conf:1");
        assertThat(printed("drain")).isEqualTo("drain = 2s # HATCH_DRAIN");
        assertThat(printed("max-sessions")).isEqualTo("max-sessions = 3 # --max-sessions");
        assertThat(err()).isEmpty();
    }

    @Test
    void what_is_overridden_need_not_be_allowed() {
        file("connections = 0");
        assertThat(serve("--connections", "3")).isZero();
    }

    @Test
    void a_file_may_turn_on_what_a_flag_turns_off() {
        file("sample = true", "insecure = true");
        assertThat(serve("--sample=false", "--insecure")).isZero();
        assertThat(printed("sample")).isEqualTo("sample = false # --sample");
        assertThat(printed("insecure")).isEqualTo("insecure = true # --insecure");
    }

    @Test
    void a_flag_may_take_a_bound_away() {
        file("statement-timeout = 1m", "admin = 127.0.0.1:31338", "max-transactions = 2");
        assertThat(serve("--statement-timeout", "none", "--admin", "none", "--max-transactions", "auto"))
                .isZero();
        assertThat(printed("statement-timeout")).isEqualTo("statement-timeout = none # --statement-timeout");
    }

    @Test
    void a_file_has_comments_blank_lines_and_values_in_quotes() {
        file(
                "# all of it",
                "",
                "  drain=5s   # short",
                "\tconnections\t=\t7",
                "database = \"/data/a #1 \"\"b\"\".db\"  # as it stands");
        assertThat(serve()).isZero();
        assertThat(printed("drain")).startsWith("drain = 5s #");
        assertThat(printed("connections")).startsWith("connections = 7 #");
        assertThat(printed("database")).startsWith("database = \"/data/a #1 \"\"b\"\".db\" #");
    }

    @Test
    void what_is_printed_says_the_same_when_it_is_given_back() {
        List<String> flags = new ArrayList<>(List.of("--insecure", "--database", " a #1 \"b\" = é.db"));
        OTHER.forEach((key, value) -> flags.add("--" + key + "=" + value));
        assertThat(serve(flags.toArray(String[]::new))).isZero();
        String first = out();
        assertThat(first.lines().filter(line -> line.endsWith("# default"))).hasSize(1);
        file(first.split("\n"));
        out.reset();
        assertThat(serve()).isZero();
        assertThat(withoutOrigins(out())).isEqualTo(withoutOrigins(first));
        assertThat(out().lines().filter(line -> line.contains("hatch.conf:"))).hasSize(Setting.values().length);
    }

    /** Each but database, sample and insecure as it is not by default. */
    private static final Map<String, String> OTHER = new TreeMap<>(Map.ofEntries(
            Map.entry("listen", "0.0.0.0:0"),
            Map.entry("admin", "127.0.0.1:0"),
            Map.entry("connections", "7"),
            Map.entry("connection-timeout", "7ms"),
            Map.entry("users", "some-users"),
            Map.entry("token-idle-timeout", "7h"),
            Map.entry("tls-cert", "cert.pem"),
            Map.entry("tls-key", "key.pem"),
            Map.entry("tls-client-ca", "ca.pem"),
            Map.entry("lock-down", "true"),
            Map.entry("max-message-bytes", "7M"),
            Map.entry("max-waiting", "0"),
            Map.entry("max-calls-per-user", "7"),
            Map.entry("max-calls-per-session", "7"),
            Map.entry("max-sessions", "7"),
            Map.entry("session-idle-timeout", "7h"),
            Map.entry("max-transactions", "7"),
            Map.entry("transaction-idle-timeout", "7m"),
            Map.entry("statement-timeout", "7s"),
            Map.entry("stall-timeout", "7s"),
            Map.entry("max-result-rows", "5000000000"),
            Map.entry("max-result-bytes", "7G"),
            Map.entry("batch-rows", "7"),
            Map.entry("drain", "0s")));

    private static List<String> withoutOrigins(String printed) {
        return printed.lines().map(line -> line.replaceAll(" +# .*$", "")).toList();
    }

    @Test
    void each_setting_reaches_the_server() throws IOException {
        Map<Setting, String> flags = new TreeMap<>();
        OTHER.forEach((key, value) -> flags.put(Setting.ofKey(key).orElseThrow(), value));
        flags.put(Setting.DATABASE, "orders.db");
        flags.put(Setting.INSECURE, "true");
        ServePlan plan = ServePlan.of(Settings.of(flags, Map.of(), null));
        assertThat(plan.drain()).isZero();
        assertThat(plan.sample()).isFalse();
        ServerConfig config = plan.config();
        assertThat(config.listen()).isEqualTo(new ServerConfig.Address("0.0.0.0", 0));
        assertThat(config.admin()).isEqualTo(new ServerConfig.Address("127.0.0.1", 0));
        assertThat(config.pool().dsn()).isEqualTo("orders.db");
        assertThat(config.pool().maxOpenConnections()).isEqualTo(7);
        assertThat(config.pool().maxIdleConnections()).isEqualTo(7);
        assertThat(config.pool().connectionTimeout()).isEqualTo(Duration.ofMillis(7));
        assertThat(config.pool().maxWaiters()).isZero();
        assertThat(config.maxCallsPerUser()).isEqualTo(7);
        assertThat(config.maxCallsPerSession()).isEqualTo(7);
        assertThat(config.maxSessions()).isEqualTo(7);
        assertThat(config.sessionIdleTimeout()).isEqualTo(Duration.ofHours(7));
        assertThat(config.maxTransactions()).isEqualTo(7);
        assertThat(config.transactionIdleTimeout()).isEqualTo(Duration.ofMinutes(7));
        assertThat(config.statementTimeout()).isEqualTo(Duration.ofSeconds(7));
        assertThat(config.stallTimeout()).isEqualTo(Duration.ofSeconds(7));
        assertThat(config.maxResultRows()).isEqualTo(5_000_000_000L);
        assertThat(config.maxResultBytes()).isEqualTo(7L << 30);
        assertThat(config.batchRows()).isEqualTo(7);
        assertThat(config.maxMessageBytes()).isEqualTo(7 << 20);
        assertThat(config.users()).isEqualTo(Path.of("some-users"));
        assertThat(config.tokenIdleTimeout()).isEqualTo(Duration.ofHours(7));
        assertThat(config.tls()).isEqualTo(new ServerConfig.TlsFiles(Path.of("cert.pem"), Path.of("key.pem")));
        assertThat(config.clientCertificates()).isEqualTo(Path.of("ca.pem"));
        assertThat(config.lockDown()).isTrue();
    }

    @Test
    void the_defaults_are_those_of_the_builders() throws IOException {
        ServePlan plan = ServePlan.of(Settings.of(Map.of(), Map.of(), null));
        ConnectionPoolConfig pool = ConnectionPoolConfig.builder()
                .name("hatch")
                .dsn(":memory:")
                .maxIdleConnections(25)
                .build();
        ServerConfig server = ServerConfig.builder(pool).build();
        assertThat(plan.config())
                .usingRecursiveComparison()
                .ignoringFields("pool")
                .isEqualTo(server);
        assertThat(plan.config().pool())
                .usingRecursiveComparison()
                .ignoringFields("listener")
                .isEqualTo(pool);
        assertThat(plan.sample()).isFalse();
        assertThat(plan.drain()).isEqualTo(Duration.ofSeconds(30));
        assertThat(serve()).isZero();
        assertThat(out().lines().filter(line -> line.endsWith("  # default"))).hasSize(Setting.values().length);
    }

    @ParameterizedTest
    @EnumSource(Setting.class)
    void the_help_has_each_setting_with_its_default(Setting setting) {
        assertThat(serve("--help")).isZero();
        String help = out().replaceAll("\\s+", " ");
        assertThat(help)
                .contains(" " + setting.topic.heading + ": ")
                .contains(setting.meaning + " Default: " + setting.byDefault + " ")
                .containsPattern(setting.flag() + "(=|\\[=)" + setting.label.replace("|", "\\|"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            conections = 3   ; there is no setting 'conections'; did you mean connections?
            max_sessions = 3 ; there is no setting 'max_sessions'; did you mean max-sessions?
            --drain = 3s ; there is no setting '--drain'; did you mean drain?
            config = other ; there is no setting 'config'; did you mean
            """, quoteCharacter = '~')
    void an_unknown_key_is_an_error(String line, String message, String more) {
        file("# a comment", "drain = 1s", line);
        assertThat(serve()).isEqualTo(2);
        assertThat(err())
                .startsWith("hatch: hatch.conf:3: " + message + "; " + more)
                .hasLineCount(1);
        assertThat(out()).isEmpty();
    }

    @Test
    void an_unknown_variable_is_an_error() {
        environment.put("HATCH_CONECTIONS", "secret");
        assertThat(serve()).isEqualTo(2);
        assertThat(err())
                .isEqualTo("hatch: there is no setting for the variable HATCH_CONECTIONS; did you mean"
                        + " HATCH_CONNECTIONS? Unset it if it is not for hatch serve (see hatch serve --help)\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HATCH_JAVA_OPTS",
                "HATCH_PASSWORD",
                "HATCH_TOKEN",
                "HATCH",
                "OTHER_HATCH_CONNECTIONS",
                "HATCH_SERVICE_HOST",
                "HATCH_SERVICE_PORT",
                "HATCH_SERVICE_PORT_FLIGHT",
                "HATCH_PORT",
                "HATCH_PORT_31337_TCP",
                "HATCH_PORT_31337_TCP_ADDR",
                "HATCH_ADMIN_SERVICE_HOST",
                "HATCH_ADMIN_PORT_31338_TCP_PROTO",
            })
    void variables_of_others_are_left_alone(String variable) {
        environment.put(variable, "what they need");
        assertThat(serve()).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '~', textBlock = """
            connections       ; this is neither key = value nor a comment with #
            = 3               ; this is neither key = value nor a comment with #
            connections =     ; connections has no value
            connections = # 3 ; connections has no value
            drain = 3s        ; drain was said on line 1 already
            database = "a     ; database begins with a double quote that is not closed at the end
            database = "a" b  ; database begins with a double quote that is not closed at the end
            """)
    void a_line_that_is_none_is_an_error(String line, String message) {
        file("drain = 1s", line);
        assertThat(serve()).isEqualTo(2);
        assertThat(err()).startsWith("hatch: hatch.conf:2: " + message).hasLineCount(1);
    }

    @Test
    void no_value_is_said_in_an_error_of_a_line() {
        for (String line : List.of(
                "databse = a.db;encryption_key=secret",
                "database = \"a.db;encryption_key=secret",
                "sample = true\ndatabase = a.db;encryption_key=secret",
                "database = jdbc:postgresql://host/db?password=secret")) {
            file(line.split("\n"));
            assertThat(serve()).isEqualTo(2);
        }
        assertThat(err()).contains("database").doesNotContain("secret").hasLineCount(4);
    }

    @Test
    void a_file_that_cannot_be_read_is_one_line_and_exit_code_1() throws IOException {
        file = folder.resolve("nowhere.conf");
        assertThat(serve()).isOne();
        file = Files.write(folder.resolve("latin1.conf"), new byte[] {(byte) 0xe9});
        assertThat(serve()).isOne();
        file = folder;
        assertThat(serve()).isOne();
        assertThat(err())
                .contains("hatch: cannot read nowhere.conf: there is no such file\n")
                .contains("hatch: cannot read latin1.conf: it is not UTF-8\n")
                .hasLineCount(3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            connections             | many           | , which is not a whole number up to 2147483647
            connections             | none           | , which is not a whole number up to 2147483647
            connections             | 3000000000     | , which is not a whole number up to 2147483647
            connections             | 0              | ; it must be 1 or more
            connection-timeout      | soon           | , which is not a duration such as 500ms, 30s, 5m or 1h
            connection-timeout      | 0s             | ; it must be more than zero and at most PT876000H
            max-waiting             | few            | , which is not a whole number up to 2147483647, nor none
            max-waiting             | -1             | ; it must be 0 or more
            max-calls-per-user      | 0              | ; it must be 1 or more
            max-calls-per-session   | 0              | ; it must be 1 or more
            max-sessions            | 0              | ; it must be 1 or more
            session-idle-timeout    | 0m             | ; it must be more than 0 and at most 36500 days
            session-idle-timeout    | 999999999h     | ; it must be more than 0 and at most 36500 days
            max-transactions        | none           | , which is not a whole number up to 2147483647, nor auto
            max-transactions        | 0              | ; it must be 1 or more
            transaction-idle-timeout| 5              | , which is not a duration such as 500ms, 30s, 5m or 1h
            statement-timeout       | never          | , which is not a duration such as 500ms, 30s, 5m or 1h, nor none
            statement-timeout       | 0s             | ; it must be more than 0 and at most 36500 days
            stall-timeout           | none           | , which is not a duration such as 500ms, 30s, 5m or 1h
            max-result-rows         | 1k             | , which is not a whole number up to 9223372036854775807, nor none
            max-result-rows         | 0              | ; it must be 1 or more
            max-result-bytes        | 1T             | , which is not a number of bytes such as 65536, 64k, 500M or 2G, nor none
            max-result-bytes        | 9999999999999G | , which is not a number of bytes such as 65536, 64k, 500M or 2G, nor none
            max-result-bytes        | 0k             | ; it must be 1 or more
            batch-rows              | 0              | ; it must be 1 or more
            drain                   | -1s            | , which is not a duration such as 500ms, 30s, 5m or 1h
            listen                  | 31337          | , which is not HOST:PORT, such as 127.0.0.1:31337, with a port up to 65535
            listen                  | 127.0.0.1:99999| , which is not HOST:PORT, such as 127.0.0.1:31337, with a port up to 65535
            admin                   | off            | , which is not HOST:PORT, such as 127.0.0.1:31337, with a port up to 65535, nor none
            sample                  | yes            | , which is not true or false
            insecure                | 1              | , which is not true or false
            """)
    void a_value_that_is_not_allowed_is_an_error_that_says_where_and_what_is(String key, String value, String message) {
        String variable = "HATCH_" + key.toUpperCase(Locale.ROOT).replace('-', '_');
        assertThat(serve("--" + key + "=" + value)).isEqualTo(2);
        environment.put(variable, value);
        assertThat(serve()).isEqualTo(2);
        environment.clear();
        file("# a comment", key + " = " + value);
        assertThat(serve()).isEqualTo(2);
        String rest = " is '" + value + "'" + message + " (see hatch serve --help)\n";
        assertThat(err())
                .isEqualTo(
                        "hatch: --" + key + rest + "hatch: " + variable + rest + "hatch: hatch.conf:2: " + key + rest);
    }

    @Test
    void what_settings_exclude_together_names_both_places() {
        file("sample = true");
        environment.put("HATCH_DATABASE", "orders.db;encryption_key=secret");
        assertThat(serve()).isEqualTo(2);
        assertThat(err())
                .startsWith(
                        "hatch: hatch.conf:1: sample fills the in-memory database; leave out HATCH_DATABASE orders.db")
                .doesNotContain("secret");
    }

    @Test
    void an_address_that_others_reach_is_refused_wherever_it_is_said() {
        file("listen = 0.0.0.0:0");
        assertThat(serve()).isEqualTo(2);
        assertThat(err())
                .startsWith("hatch: hatch.conf:1: listen: ")
                .contains("--insecure")
                .hasLineCount(1);
    }

    @Test
    void the_properties_of_a_database_are_not_printed() {
        assertThat(serve("--database", "jdbc:duckdb:orders.db;encryption_key=secret"))
                .isZero();
        assertThat(printed("database"))
                .isEqualTo("database = orders.db # --database; without its properties, which may hold a key");
        assertThat(out()).doesNotContain("secret");
    }

    @Test
    void a_value_with_a_line_break_cannot_be_printed() {
        assertThat(serve("--database", "a\nb.db")).isEqualTo(2);
        assertThat(err()).startsWith("hatch: database has a line break");
        assertThat(out()).isEmpty();
    }

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z-]+)` \\| `([^`]+)` \\| (.+) \\|$");

    /** The table of docs/server.md. */
    @Test
    void the_documentation_has_each_setting_with_its_default_and_no_other() throws IOException {
        List<String> documented = new ArrayList<>();
        Matcher rows = ROW.matcher(Files.readString(Path.of("..", "docs", "server.md")));
        while (rows.find()) {
            documented.add(rows.group(1) + " " + rows.group(2) + " " + rows.group(3));
        }
        assertThat(documented)
                .containsExactlyElementsOf(Arrays.stream(Setting.values())
                        .map(setting -> setting.key() + " " + setting.byDefault + " " + setting.meaning)
                        .toList());
    }
}
