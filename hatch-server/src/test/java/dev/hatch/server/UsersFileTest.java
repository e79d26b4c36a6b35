package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsersFileTest {
    @TempDir
    private Path folder;

    private Path path;
    private UsersFile file;

    @BeforeEach
    void name() {
        path = folder.resolve("users");
        file = new UsersFile(path);
    }

    @Test
    void a_user_is_kept_with_role_and_the_hashes_of_password_and_tokens() throws IOException {
        file.add("ada", Role.READ_WRITE, "correct horse");
        file.add("ci", Role.READ_ONLY, null);
        String token = file.addToken("ci", false);
        Map<String, UserEntry> entries = file.entries();
        assertThat(entries.keySet()).containsExactly("ada", "ci");
        UserEntry ada = entries.get("ada");
        assertThat(ada.user()).isEqualTo(new User("ada", Role.READ_WRITE));
        assertThat(ada.password().matches("correct horse")).isTrue();
        assertThat(ada.password().matches("correct horsf")).isFalse();
        assertThat(entries.get("ci").password()).isNull();
        assertThat(entries.get("ci").tokens()).containsExactly(Secrets.sha256(token));
        assertThat(Files.readString(path))
                .contains("ada read-write pbkdf2-sha256:600000:", "ci read-only token-sha256:")
                .doesNotContain("correct horse", token);
        assertThat(token).matches("hatch_[A-Za-z0-9_-]{43}");
    }

    @Test
    void the_same_password_has_another_hash_for_each_user() {
        assertThat(PasswordHash.of("same", 10).text())
                .isNotEqualTo(PasswordHash.of("same", 10).text());
        assertThat(PasswordHash.of("same", 10).toString()).isEqualTo("PBKDF2 hash of 10 iterations");
    }

    @Test
    void a_new_file_is_its_owners_alone_and_a_change_lets_in_nobody_but_the_group() throws IOException {
        file.add("ada", Role.READ_WRITE, null);
        assertThat(permissions()).isEqualTo("rw-------");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
        file.add("bob", Role.READ_ONLY, null);
        assertThat(permissions()).isEqualTo("rw-r-----");
        assertThat(folder.toFile().list()).containsExactly("users");
    }

    private String permissions() throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void a_link_stays_one() throws IOException {
        Path real = Files.createFile(folder.resolve("real"));
        Files.createSymbolicLink(path, real);
        file.add("ada", Role.READ_WRITE, null);
        assertThat(path).isSymbolicLink();
        assertThat(Files.readString(real)).isEqualTo("ada read-write \n");
    }

    @Test
    void what_people_wrote_is_kept() throws IOException {
        Files.write(path, List.of("# The team.", "ada   read-write", "", "  # Machines.", "ci read-only"));
        file.replace("ada", Role.READ_ONLY, null);
        file.remove("ci");
        file.add("bob", Role.READ_ONLY, null);
        assertThat(Files.readAllLines(path))
                .extracting(String::strip)
                .containsExactly("# The team.", "ada read-only", "", "# Machines.", "bob read-only");
    }

    @Test
    void another_password_leaves_the_role_and_the_tokens() throws IOException {
        file.add("ada", Role.READ_WRITE, null);
        String first = file.addToken("ada", false);
        String second = file.addToken("ada", false);
        file.replace("ada", null, "correct horse");
        assertThat(file.list()).containsExactly(new UsersFile.Listed(new User("ada", Role.READ_WRITE), true, 2));
        assertThat(file.entries().get("ada").tokens()).containsExactly(Secrets.sha256(first), Secrets.sha256(second));
        String third = file.addToken("ada", true);
        assertThat(file.entries().get("ada").tokens()).containsExactly(Secrets.sha256(third));
    }

    @Test
    void a_change_that_another_is_in_the_middle_of_is_refused_and_one_that_fails_leaves_nothing() throws IOException {
        file.add("ada", Role.READ_WRITE, null);
        String before = Files.readString(path);
        Path draft = Files.createFile(folder.resolve("users.new"));
        assertThatThrownBy(() -> file.add("bob", Role.READ_ONLY, null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(draft.toString())
                .hasMessageContaining("delete that file");
        assertThat(draft).exists();
        Files.delete(draft);
        assertThatThrownBy(() -> file.add("ada", Role.READ_ONLY, null)).hasMessageContaining("ada is in " + path);
        assertThatThrownBy(() -> file.remove("bob")).hasMessageContaining("there is no user bob in " + path);
        assertThatThrownBy(() -> file.addToken("bob", false)).hasMessageContaining("there is no user bob");
        assertThat(draft).doesNotExist();
        assertThat(Files.readString(path)).isEqualTo(before);
    }

    @Test
    void a_file_or_folder_that_is_missing_is_said() {
        assertThatThrownBy(() -> file.remove("ada")).hasMessageContaining("there is no user ada");
        assertThatThrownBy(file::list).isInstanceOf(IOException.class).hasMessageContaining("there is no users file");
        assertThatThrownBy(() ->
                        new UsersFile(folder.resolve("missing").resolve("users")).add("ada", Role.READ_ONLY, null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("there is no such folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a:b", "#a", "-a", "a\nb", "a\u0000", "anonymous"})
    void what_cannot_be_a_name_is_refused(String name) {
        assertThatThrownBy(() -> file.add(name, Role.READ_ONLY, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot be a user");
        assertThat(path).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ada                                      | after the name comes a role
            ada admin                                | after the name comes a role
            a:b read-only                            | a name has up to 128
            ada read-only secret                     | word 3 is neither
            ada read-only pbkdf2-sha256:1:short:hash | word 3 is neither
            ada read-only token-sha256:secret        | word 3 is neither
            bob read-only                            | a second line for bob
            """)
    void a_line_that_is_wrong_is_named_without_its_secrets(String line, String said) throws IOException {
        Files.write(path, List.of("# Heading", "bob read-only", line));
        assertThatThrownBy(file::list)
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(path + ", line 3: ")
                .hasMessageContaining(said)
                .hasMessageNotContaining("secret");
    }

    @Test
    void two_passwords_are_one_too_many_and_what_is_no_text_is_no_users_file() throws IOException {
        String hash = PasswordHash.of("x", 10).text();
        Files.writeString(path, "ada read-only " + hash + " " + hash);
        assertThatThrownBy(file::list)
                .hasMessageContaining("word 4 is a second password")
                .hasMessageNotContaining(hash);
        Files.write(path, new byte[] {(byte) 0xFF, 0, 1});
        assertThatThrownBy(file::list).hasMessageContaining("not text in UTF-8");
    }
}
