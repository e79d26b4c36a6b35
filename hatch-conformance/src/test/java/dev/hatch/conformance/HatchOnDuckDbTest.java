package dev.hatch.conformance;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class HatchOnDuckDbTest extends HatchIsolation {
    @TempDir
    static Path folder;

    @Override
    TestedDatabase database() {
        return TestedServer.duckDb(folder);
    }
}
