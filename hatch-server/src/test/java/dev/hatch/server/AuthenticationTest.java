package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthenticationTest {
    private static final Duration IDLE = Duration.ofHours(8);
    private static final String ADAS = "correct horse";
    private static final String BOBS = "battery staple";

    @TempDir
    private Path folder;

    private Path file;
    private final AtomicLong clock = new AtomicLong(System.nanoTime());
    private Authentication authentication;

    @BeforeEach
    void ada_and_bob() throws IOException {
        file = folder.resolve("users");
        write(line("ada", Role.READ_WRITE, ADAS), line("bob", Role.READ_ONLY, BOBS));
        authentication = new Authentication(config().users(file).build());
    }

    private ServerConfig.Builder config() {
        return TestServer.config(":memory:", 0, 1, 1).tokenIdleTimeout(IDLE).nanoClock(clock::get);
    }

    /** With few iterations, as the text of a hash says how many. */
    static String line(String name, Role role, String password) {
        return name + " " + role + " " + PasswordHash.of(password, 10).text();
    }

    private void write(String... lines) throws IOException {
        // Another file, as a move puts there.
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(file, List.of(lines));
    }

    private void change(String... lines) throws IOException {
        write(lines);
        turn(Duration.ofSeconds(1));
    }

    private void turn(Duration by) {
        clock.addAndGet(by.toNanos());
    }

    private static String basic(String name, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    private Authentication.Identity call(@Nullable String authorization, String... cookies) {
        return authentication.identify(shown(authorization, null, false, cookies));
    }

    /** With the name and value that a {@code Set-Cookie} header had. */
    private Authentication.Identity handshake(String name, String password, String... cookies) {
        return authentication.identify(shown(basic(name, password), null, true, cookies));
    }

    private static Authentication.Shown shown(
            @Nullable String authorization, @Nullable String certificate, boolean isHandshake, String... cookies) {
        return new Authentication.Shown(authorization, List.of(cookies), certificate, "192.0.2.1", isHandshake);
    }

    private String refusal(@Nullable String authorization, String... cookies) {
        StatusRuntimeException refusal =
                catchThrowableOfType(StatusRuntimeException.class, () -> call(authorization, cookies));
        assertThat(refusal).as("was let in").isNotNull();
        assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
        return String.valueOf(refusal.getStatus().getDescription());
    }

    private static String bearer(Authentication.Identity of) {
        assertThat(of.token()).isNotNull();
        return "Bearer " + of.token();
    }

    private static String cookie(Authentication.Identity of) {
        assertThat(of.cookie()).startsWith("arrow_flight_session_id=");
        return String.valueOf(of.cookie());
    }

    @Test
    void a_password_says_who_it_is() {
        assertThat(call(basic("ada", ADAS)).user()).isEqualTo(new User("ada", Role.READ_WRITE));
        assertThat(call(basic("bob", BOBS)).user()).isEqualTo(new User("bob", Role.READ_ONLY));
        assertThat(call(basic("ada", ADAS).replace("Basic", "basic")).user().name())
                .isEqualTo("ada");
    }

    @Test
    void what_was_wrong_is_not_said_and_takes_as_many_hashes() throws IOException {
        change(line("ada", Role.READ_WRITE, ADAS), "carl read-only");
        List<String> refusals = new ArrayList<>();
        long before = authentication.computations();
        refusals.add(refusal(basic("ada", BOBS)));
        assertThat(authentication.computations()).isEqualTo(before + 1);
        refusals.add(refusal(basic("nobody", ADAS)));
        assertThat(authentication.computations()).isEqualTo(before + 2);
        refusals.add(refusal(basic("carl", "")));
        assertThat(authentication.computations()).isEqualTo(before + 3);
        refusals.add(refusal(basic("", "")));
        assertThat(authentication.computations()).isEqualTo(before + 4);
        assertThat(refusals).containsOnly("the name or the password is wrong");
    }

    @Test
    void nothing_and_what_is_neither_password_nor_token_is_refused() {
        assertThat(refusal(null)).startsWith("log in: ");
        assertThat(refusal("")).contains("Basic or Bearer");
        assertThat(refusal("Negotiate abc")).contains("Basic or Bearer");
        assertThat(refusal("Basic ???")).contains("base64");
        assertThat(refusal("Basic gICA")).contains("base64");
        assertThat(refusal("Bearer ")).contains("token is wrong");
        assertThat(refusal("Bearer " + ADAS)).contains("token is wrong");
        assertThat(authentication.refused()).isEqualTo(7);
    }

    @Test
    void a_handshake_gives_a_token_and_a_cookie_for_the_same_session() {
        Authentication.Identity first = handshake("ada", ADAS);
        assertThat(first.sessionKey()).isNull();
        Authentication.Identity withToken = call(bearer(first));
        assertThat(withToken.user()).isEqualTo(new User("ada", Role.READ_WRITE));
        assertThat(withToken.sessionKey()).startsWith("ada:");
        assertThat(withToken.token()).isNull();
        // As Arrow's ADBC driver calls for a prepared statement.
        Authentication.Identity withCookie = call(null, cookie(first));
        assertThat(withCookie.user()).isEqualTo(withToken.user());
        assertThat(withCookie.sessionKey()).isEqualTo(withToken.sessionKey());
        assertThat(withCookie.cookie()).isNull();
        Authentication.Identity withBoth = call(bearer(first), "a=b; " + cookie(first) + "; c=d");
        assertThat(withBoth.sessionKey()).isEqualTo(withToken.sessionKey());
        assertThat(withBoth.cookie()).isNull();
        assertThat(call(bearer(handshake("ada", ADAS))).sessionKey()).isNotEqualTo(withToken.sessionKey());
    }

    @Test
    void a_password_in_a_call_gives_no_token_and_the_cookie_makes_the_session() {
        Authentication.Identity first = call(basic("ada", ADAS));
        assertThat(first.token()).isNull();
        assertThat(first.sessionKey()).isNull();
        String key = call(basic("ada", ADAS), cookie(first)).sessionKey();
        assertThat(key).startsWith("ada:");
        assertThat(call(basic("ada", ADAS), cookie(first)).sessionKey()).isEqualTo(key);
        assertThat(call(bearer(handshake("ada", ADAS, cookie(first)))).sessionKey())
                .isEqualTo(key);
    }

    @Test
    void a_token_and_a_cookie_end_when_unused_for_long_and_go_on_when_used() {
        Authentication.Identity first = handshake("ada", ADAS);
        String cookie = cookie(first);
        String key = String.valueOf(call(bearer(first)).sessionKey());
        for (int i = 0; i < 3; i++) {
            turn(IDLE.minusNanos(1));
            assertThat(call(bearer(first)).sessionKey()).isEqualTo(key);
            Authentication.Identity refreshed = call(null, cookie);
            assertThat(refreshed.sessionKey()).isEqualTo(key);
            assertThat(refreshed.cookie()).isNotNull().isNotEqualTo(cookie);
            cookie = cookie(refreshed);
        }
        turn(IDLE);
        assertThat(refusal(bearer(first))).contains("log in again");
        assertThat(refusal(null, cookie)).startsWith("log in: ");
    }

    @Test
    void a_user_who_is_removed_is_out_within_a_second() throws IOException {
        Authentication.Identity first = handshake("ada", ADAS);
        write(line("bob", Role.READ_ONLY, BOBS));
        assertThat(call(bearer(first)).user().name()).as("not looked at yet").isEqualTo("ada");
        turn(Duration.ofSeconds(1));
        assertThat(refusal(bearer(first))).isNotEmpty();
        assertThat(refusal(null, cookie(first))).isNotEmpty();
        assertThat(refusal(basic("ada", ADAS))).isNotEmpty();
        assertThat(call(basic("bob", BOBS)).user().name()).isEqualTo("bob");
    }

    @Test
    void another_password_ends_what_was_got_with_the_old_one() throws IOException {
        Authentication.Identity first = handshake("ada", ADAS);
        change(line("ada", Role.READ_WRITE, BOBS));
        assertThat(refusal(bearer(first))).isNotEmpty();
        assertThat(refusal(null, cookie(first))).isNotEmpty();
        assertThat(refusal(basic("ada", ADAS))).isNotEmpty();
        assertThat(call(basic("ada", BOBS)).user().name()).isEqualTo("ada");
    }

    @Test
    void another_role_is_that_of_the_next_call() throws IOException {
        Authentication.Identity first = handshake("ada", ADAS);
        change(Files.readString(file).replace("ada read-write", "ada read-only").split("\n", -1));
        assertThat(call(bearer(first)).user().role()).isEqualTo(Role.READ_ONLY);
        assertThat(call(null, cookie(first)).user().role()).isEqualTo(Role.READ_ONLY);
        assertThat(call(basic("ada", ADAS)).user().role()).isEqualTo(Role.READ_ONLY);
    }

    @Test
    void a_token_of_the_file_is_good_until_it_is_withdrawn() throws IOException {
        String token = "Bearer " + new UsersFile(file).addToken("bob", false);
        turn(Duration.ofSeconds(1));
        Authentication.Identity first = call(token);
        assertThat(first.user()).isEqualTo(new User("bob", Role.READ_ONLY));
        assertThat(first.sessionKey()).as("many clients may share it").isNull();
        assertThat(call(token, cookie(first)).sessionKey()).startsWith("bob:");
        String second = "Bearer " + new UsersFile(file).addToken("bob", true);
        turn(Duration.ofSeconds(1));
        assertThat(refusal(token)).isNotEmpty();
        assertThat(refusal(null, cookie(first))).isNotEmpty();
        assertThat(call(second).user().name()).isEqualTo("bob");
        assertThat(call(basic("bob", BOBS)).user().name()).isEqualTo("bob");
    }

    @Test
    void a_cookie_that_was_made_up_or_changed_or_is_of_another_server_is_none() {
        String good = cookie(call(basic("bob", BOBS)));
        String name = good.substring(0, good.indexOf('=') + 1);
        String value = good.substring(name.length());
        byte[] content = Base64.getUrlDecoder().decode(value.substring(0, value.indexOf('.')));
        byte[] adas = content.clone();
        System.arraycopy("ada".getBytes(StandardCharsets.UTF_8), 0, adas, adas.length - 3, 3);
        String code = value.substring(value.indexOf('.'));
        byte[] session = content.clone();
        session[0] ^= 1;
        Authentication other = new Authentication(config().users(file).build());
        List<String> bad = List.of(
                name,
                name + "abc",
                name + ".",
                name + "AAAA.AAAA",
                name + "A".repeat(60) + "." + "A".repeat(43),
                name + Secrets.ENCODER.encodeToString(adas) + code,
                name + Secrets.ENCODER.encodeToString(session) + code,
                name + value.substring(0, value.length() - 2),
                cookie(other.identify(shown(basic("bob", BOBS), null, false))));
        for (String cookie : bad) {
            assertThat(refusal(null, cookie)).startsWith("log in: ");
            Authentication.Identity with = call(basic("bob", BOBS), cookie);
            assertThat(with.sessionKey()).isNull();
            assertThat(with.cookie()).isNotNull();
        }
        assertThat(call(null, good).user().name()).isEqualTo("bob");
    }

    @Test
    void a_cookie_of_another_user_does_not_give_that_users_session() {
        Authentication.Identity adas = handshake("ada", ADAS);
        Authentication.Identity bobs = call(basic("bob", BOBS), cookie(adas));
        assertThat(bobs.user().name()).isEqualTo("bob");
        assertThat(bobs.sessionKey()).isNull();
        assertThat(call(basic("bob", BOBS), cookie(bobs)).sessionKey())
                .startsWith("bob:")
                .isNotEqualTo(String.valueOf(call(bearer(adas)).sessionKey()).replace("ada:", "bob:"));
    }

    @Test
    void wrong_credentials_are_refused_whatever_the_cookie_says() {
        String cookie = cookie(call(basic("ada", ADAS)));
        assertThat(refusal(basic("ada", "wrong"), cookie)).isNotEmpty();
        assertThat(refusal("Bearer wrong", cookie)).isNotEmpty();
    }

    @Test
    void a_right_password_is_not_hashed_again_for_a_minute() throws IOException {
        call(basic("ada", ADAS));
        long before = authentication.computations();
        for (int i = 0; i < 10; i++) {
            call(basic("ada", ADAS));
        }
        assertThat(authentication.computations()).isEqualTo(before);
        turn(PasswordLogins.REMEMBER);
        call(basic("ada", ADAS));
        assertThat(authentication.computations()).isEqualTo(before + 1);
        change(line("ada", Role.READ_WRITE, BOBS));
        assertThat(refusal(basic("ada", ADAS))).isNotEmpty();
    }

    @Test
    void after_some_wrong_passwords_more_from_there_wait_unhashed() {
        for (int i = 0; i < PasswordLogins.MAX_FAILURES; i++) {
            assertThat(refusal(basic("ada", "wrong"))).isEqualTo("the name or the password is wrong");
        }
        long before = authentication.computations();
        assertThat(refusal(basic("ada", ADAS)))
                .contains("too many failed logins")
                .contains("30 s");
        assertThat(authentication.computations()).isEqualTo(before);
        assertThat(call(basic("bob", BOBS)).user().name()).isEqualTo("bob");
        assertThat(authentication
                        .identify(new Authentication.Shown(basic("ada", ADAS), List.of(), null, "192.0.2.2", false))
                        .user()
                        .name())
                .as("from elsewhere, so that nobody can shut out ada")
                .isEqualTo("ada");
        turn(PasswordLogins.PAUSE.plus(PasswordLogins.REMEMBER));
        assertThat(call(basic("ada", ADAS)).user().name()).isEqualTo("ada");
    }

    @Test
    void names_that_nobody_has_are_held_back_alike() {
        for (int i = 0; i < PasswordLogins.MAX_FAILURES; i++) {
            assertThat(refusal(basic("nobody", "wrong"))).isEqualTo("the name or the password is wrong");
        }
        assertThat(refusal(basic("nobody", "wrong"))).contains("too many failed logins");
    }

    @Test
    void a_user_with_many_tokens_loses_the_one_unused_longest_and_nobody_elses() {
        String bobs = bearer(handshake("bob", BOBS));
        String first = bearer(handshake("ada", ADAS));
        String second = bearer(handshake("ada", ADAS));
        call(first);
        for (int i = 0; i < IssuedTokens.MAX_PER_USER - 1; i++) {
            handshake("ada", ADAS);
        }
        assertThat(refusal(second)).isNotEmpty();
        assertThat(call(first).user().name()).isEqualTo("ada");
        assertThat(call(bobs).user().name()).isEqualTo("bob");
    }

    @Test
    void a_file_that_is_wrong_or_gone_leaves_those_who_were_in_it_and_says_so_once() throws IOException {
        try (CapturedLog log = new CapturedLog()) {
            change(
                    line("ada", Role.READ_WRITE, ADAS),
                    "",
                    "bob read-mostly " + PasswordHash.of(BOBS, 10).text());
            assertThat(call(basic("bob", BOBS)).user().name()).isEqualTo("bob");
            turn(Duration.ofSeconds(1));
            assertThat(call(basic("bob", BOBS)).user().name()).isEqualTo("bob");
            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .contains("SEVERE", file + ", line 3: ", "read-only or read-write")
                    .doesNotContain("pbkdf2-sha256:10");
            Files.delete(file);
            turn(Duration.ofSeconds(1));
            assertThat(call(basic("bob", BOBS)).user().name()).isEqualTo("bob");
            assertThat(log.lines()).hasSize(2).last().asString().contains("there is no users file");
            change(line("ada", Role.READ_WRITE, ADAS));
            assertThat(refusal(basic("bob", BOBS))).isNotEmpty();
        }
    }

    @Test
    void a_file_that_is_wrong_or_missing_at_the_start_is_refused() throws IOException {
        assertThatThrownBy(() -> new Authentication(
                        config().users(folder.resolve("missing")).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there is no users file")
                .hasMessageContaining("hatch user add");
        write("ada read-write secret-in-the-wrong-place");
        assertThatThrownBy(() -> new Authentication(config().users(file).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("line 1")
                .hasMessageContaining("word 3")
                .hasMessageNotContaining("secret-in-the-wrong-place");
    }

    @Test
    void a_file_that_others_can_write_is_refused_and_one_that_they_can_read_warned_of() throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        try (CapturedLog log = new CapturedLog()) {
            assertThat(new Authentication(config().users(file).build()).isOpen())
                    .isFalse();
            assertThat(log.lines()).singleElement().asString().contains("can read", "chmod o-rwx");
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThatThrownBy(() -> new Authentication(config().users(file).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("can write")
                .hasMessageContaining("chmod o-rwx");
    }

    @Test
    void refusals_are_logged_once_a_second_without_what_was_sent() {
        try (CapturedLog log = new CapturedLog()) {
            for (int i = 0; i < 4; i++) {
                assertThat(refusal(basic("ada", "hunter2-" + i))).isNotEmpty();
                assertThat(refusal("Bearer hunter2")).isNotEmpty();
                assertThat(refusal(null, "arrow_flight_session_id=hunter2")).isNotEmpty();
            }
            assertThat(log.lines()).singleElement().asString().contains("192.0.2.1");
            turn(Duration.ofSeconds(1));
            assertThat(refusal(basic("hunter2", "hunter2"))).isNotEmpty();
            assertThat(log.lines()).hasSize(2).last().asString().contains("13 such calls");
            assertThat(log.lines()).noneMatch(line -> line.contains("hunter2") || line.contains("ada"));
        }
        Authentication.Identity ada = handshake("ada", ADAS);
        assertThat(ada.toString()).doesNotContain(bearer(ada).substring(7), cookie(ada));
        assertThat(shown(bearer(ada), null, false, cookie(ada)).toString())
                .doesNotContain(bearer(ada).substring(7), cookie(ada));
    }

    @Test
    void without_users_everybody_is_anonymous_and_still_has_a_session_of_its_own() {
        authentication = new Authentication(config().build());
        Authentication.Identity first = call(null);
        assertThat(first.user()).isEqualTo(User.ANONYMOUS);
        assertThat(first.sessionKey()).isNull();
        Authentication.Identity second = call(null, cookie(first));
        assertThat(second.sessionKey()).startsWith("anonymous:");
        assertThat(second.cookie()).isNull();
        assertThat(call(null).cookie()).isNotEqualTo(first.cookie());
        assertThat(call(null, "arrow_flight_session_id=guessed").sessionKey()).isNull();
        assertThat(handshake("ada", ADAS).token()).isNull();
    }

    private Authentication.Identity withCertificate(@Nullable String authorization, String name, String... cookies) {
        return authentication.identify(shown(authorization, name, false, cookies));
    }

    @Test
    void without_users_a_certificate_says_who_it_is() {
        authentication = new Authentication(
                config().tls(file, file).clientCertificates(file).build());
        Authentication.Identity first = withCertificate(null, "robot");
        assertThat(first.user()).isEqualTo(new User("robot", Role.READ_WRITE));
        assertThat(withCertificate(null, "robot", cookie(first)).sessionKey()).startsWith("robot:");
        Authentication.Identity other = withCertificate(null, "other", cookie(first));
        assertThat(other.user().name()).as("not that of the cookie").isEqualTo("other");
        assertThat(other.sessionKey()).isNull();
        assertThat(refusal(null)).contains("common name");
    }

    @Test
    void with_users_a_certificate_has_to_name_one_and_what_is_in_the_header_goes_before_it() throws IOException {
        authentication = new Authentication(
                config().users(file).tls(file, file).clientCertificates(file).build());
        assertThat(withCertificate(null, "bob").user()).isEqualTo(new User("bob", Role.READ_ONLY));
        Authentication.Identity ada = withCertificate(basic("ada", ADAS), "bob");
        assertThat(ada.user().name()).isEqualTo("ada");
        assertThat(withCertificate(null, "bob", cookie(ada)).user().name())
                .as("as ADBC leaves out the header")
                .isEqualTo("ada");
        assertThatThrownBy(() -> withCertificate(null, "robot")).isInstanceOf(StatusRuntimeException.class);
        assertThatThrownBy(() -> withCertificate(basic("ada", "wrong"), "bob"))
                .isInstanceOf(StatusRuntimeException.class);
        change(line("ada", Role.READ_WRITE, ADAS));
        assertThatThrownBy(() -> withCertificate(null, "bob")).isInstanceOf(StatusRuntimeException.class);
    }
}
