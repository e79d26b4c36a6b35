package dev.hatch.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserCommandTest {
    @TempDir
    private Path folder;

    private String file;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Terminal terminal = Terminal.NONE;

    @BeforeEach
    void name() {
        file = folder.resolve("users").toString();
    }

    /** Somebody who types these. */
    static final class Typist implements Terminal {
        final List<String> prompts = new ArrayList<>();
        private final Deque<String> typed;

        Typist(String... typed) {
            this.typed = new ArrayDeque<>(List.of(typed));
        }

        @Override
        public Optional<Size> size() {
            return Optional.empty();
        }

        @Override
        public Runnable takeKeys() {
            return () -> {};
        }

        @Override
        public Optional<String> askSecretly(String prompt) {
            prompts.add(prompt);
            return Optional.of(typed.remove());
        }
    }

    private int run(String input, String... args) {
        out.reset();
        err.reset();
        return Hatch.run(
                new Console(
                        new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        terminal,
                        Map.of()),
                args);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void a_user_comes_gets_a_token_and_goes() throws IOException {
        assertThat(run(
                        "correct horse\nrest",
                        "user",
                        "add",
                        "ada",
                        "--role",
                        "read-write",
                        "--password-stdin",
                        "--users",
                        file))
                .isZero();
        assertThat(err()).isEqualTo("ada, read-write, is in " + file + " now\n");
        assertThat(run("", "user", "add", "ci", "--no-password", "--users", file))
                .isZero();
        assertThat(run("", "user", "token", "ci", "--users", file)).isZero();
        assertThat(out()).matches("hatch_[A-Za-z0-9_-]{43}\n");
        assertThat(run("", "user", "list", "--users", file)).isZero();
        assertThat(out()).isEqualTo("""
                NAME  ROLE        PASSWORD  TOKENS
                ada   read-write  yes       0
                ci    read-only   no        1
                """);
        assertThat(run("", "user", "remove", "ada", "--users", file)).isZero();
        assertThat(Files.readString(Path.of(file))).contains("ci read-only").doesNotContain("ada");
    }

    @Test
    void the_password_is_asked_for_twice() {
        Typist typist = new Typist("correct horse", "correct horse");
        terminal = typist;
        assertThat(run("", "user", "add", "ada", "--users", file)).isZero();
        assertThat(typist.prompts).containsExactly("Password for ada: ", "Once more: ");
        terminal = new Typist("correct horse", "correct house");
        assertThat(run("", "user", "add", "bob", "--users", file)).isOne();
        assertThat(err()).isEqualTo("hatch: these were two different passwords; nothing was changed\n");
        terminal = new Typist("short");
        assertThat(run("", "user", "add", "bob", "--users", file)).isOne();
        assertThat(err()).contains("at least 8 characters").doesNotContain("short");
    }

    @Test
    void what_cannot_be_done_is_one_line_that_says_what_to_do() {
        assertThat(run("", "user", "add", "ada", "--users", file)).isEqualTo(2);
        assertThat(err()).contains("no terminal", "--password-stdin").hasLineCount(1);
        assertThat(run("", "user", "add", "ada", "--password-stdin", "--users", file))
                .isOne();
        assertThat(err()).isEqualTo("hatch: there is no password on standard input\n");
        assertThat(run("", "user", "add", "ada", "--password-stdin", "--no-password", "--users", file))
                .isEqualTo(2);
        assertThat(run("", "user", "list", "--users", file)).isOne();
        assertThat(err())
                .contains("there is no users file", "hatch user add NAME --users " + file)
                .hasLineCount(1);
        assertThat(run("", "user", "add", "a b", "--no-password", "--users", file))
                .isOne();
        assertThat(err()).contains("'a b' cannot be a user").hasLineCount(1);
        assertThat(run("", "user", "add", "ada", "--no-password", "--users", file))
                .isZero();
        assertThat(run("", "user", "add", "ada", "--no-password", "--users", file))
                .isOne();
        assertThat(err())
                .contains("ada is in " + file + " already", "--replace")
                .hasLineCount(1);
        assertThat(run("", "user", "remove", "bob", "--users", file)).isOne();
        assertThat(err()).contains("there is no user bob").hasLineCount(1);
        assertThat(run("", "user", "add", "bob", "--role", "admin", "--users", file))
                .isEqualTo(2);
        assertThat(err()).contains("admin", "read-only").hasLineCount(1);
        assertThat(run("", "user")).isEqualTo(2);
        assertThat(err()).contains("hatch user --help").hasLineCount(1);
    }

    @Test
    void a_user_who_is_there_can_get_another_role_and_password() {
        assertThat(run("", "user", "add", "ada", "--no-password", "--users", file))
                .isZero();
        assertThat(run("correct horse", "user", "add", "ada", "--replace", "--password-stdin", "--users", file))
                .isZero();
        assertThat(err()).isEqualTo("ada is changed in " + file + "\n");
        assertThat(run("", "user", "list", "--users", file)).isZero();
        assertThat(out()).contains("ada   read-only   yes");
        assertThat(run("", "user", "add", "ada", "--replace", "--no-password", "--role", "read-write", "--users", file))
                .isZero();
        assertThat(run("", "user", "list", "--users", file)).isZero();
        assertThat(out()).contains("ada   read-write  no");
    }

    @Test
    void each_command_has_its_help() {
        for (String command : List.of("add", "token", "remove", "list")) {
            assertThat(run("", "user", command, "--help")).isZero();
            assertThat(out()).contains("hatch user " + command, "--users", "HATCH_USERS");
        }
    }
}
