package dev.hatch.conformance;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

@EnabledIfSystemProperty(named = "mariadb", matches = "true", disabledReason = "only with -Pmariadb")
final class HatchOnMySqlDriverTest extends HatchIsolation {
    private static TestedServer server;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        server = TestedServer.mySql(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @Override
    TestedDatabase database() {
        return server.database();
    }
}
