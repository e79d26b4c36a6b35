package dev.hatch.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** With {@code -Disolation.write=true}, the page is written first. */
@Tag("once")
final class IsolationPageTest {
    @Test
    void the_page_says_what_pools_hand_on_on_postgresql() throws Exception {
        try (TestedServer server = TestedServer.postgres()) {
            check(server.database());
        }
    }

    @Test
    void the_page_says_what_pools_hand_on_on_duckdb(@TempDir Path folder) throws Exception {
        TestedDatabase database = TestedServer.duckDb(folder);
        check(database);
    }

    @Test
    @EnabledIfSystemProperty(named = "mariadb", matches = "true", disabledReason = "only with -Pmariadb")
    void the_page_says_what_pools_hand_on_on_mariadb(@TempDir Path folder) throws Exception {
        try (TestedServer server = TestedServer.mariaDb(folder)) {
            check(server.database());
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "mariadb", matches = "true", disabledReason = "only with -Pmariadb")
    void the_page_says_what_pools_hand_on_through_mysqls_driver(@TempDir Path folder) throws Exception {
        try (TestedServer server = TestedServer.mySql(folder)) {
            check(server.database());
        }
    }

    private static void check(TestedDatabase database) throws Exception {
        String section = IsolationPage.section(database);
        IsolationPage.write(database.name(), section);
        assertThat(IsolationPage.written(database.name())).isEqualTo(section);
    }
}
