package dev.hatch.conformance;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

final class HatchOnPostgresTest extends HatchIsolation {
    private static TestedServer server;

    @BeforeAll
    static void start() throws Exception {
        server = TestedServer.postgres();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Override
    TestedDatabase database() {
        return server.database();
    }
}
