package dev.hatch.server.cli;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExposureTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            users | TLS   | client certificates | insecure | refused because
            false | false | false               | false    | give --users and TLS
            false | true  | false               | false    | give --users and TLS
            true  | false | false               | false    | would travel in the clear
            true  | true  | false               | false    |
            false | true  | true                | false    |
            true  | true  | true                | false    |
            false | false | false               | true     |
            true  | false | false               | true     |
            """, useHeadersInDisplayName = true)
    void an_address_that_others_reach_needs_logins_that_nobody_reads(
            boolean users, boolean tls, boolean certificates, boolean insecure, String refusedBecause) {
        Exposure exposure = new Exposure(users, tls, certificates, insecure);
        if (refusedBecause == null) {
            assertThatCode(() -> exposure.requireSafe("--listen", "0.0.0.0")).doesNotThrowAnyException();
        } else {
            assertThatThrownBy(() -> exposure.requireSafe("--listen", "0.0.0.0"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("--listen: other machines could reach 0.0.0.0, and ")
                    .hasMessageContaining(refusedBecause)
                    .hasMessageContaining("--insecure");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "::1", "127.1.2.3"})
    void this_machines_own_address_needs_nothing(String host) {
        Exposure open = new Exposure(false, false, false, false);
        assertThatCode(() -> open.requireSafe("--listen", host)).doesNotThrowAnyException();
        assertThatCode(() -> open.requireSafeAdmin("--admin", host)).doesNotThrowAnyException();
    }

    @Test
    void the_admin_address_has_no_logins_to_protect_it() {
        Exposure safe = new Exposure(true, true, true, false);
        assertThatThrownBy(() -> safe.requireSafeAdmin("--admin", "0.0.0.0"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--admin: the admin address has no authentication")
                .hasMessageContaining("--insecure");
        assertThatCode(() -> new Exposure(false, false, false, true).requireSafeAdmin("--admin", "0.0.0.0"))
                .doesNotThrowAnyException();
    }

    @Test
    void a_host_that_nobody_knows_is_said() {
        assertThatThrownBy(() -> new Exposure(false, false, false, true).requireSafe("--listen", "nowhere.invalid"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("--listen: unknown host 'nowhere.invalid'");
    }
}
