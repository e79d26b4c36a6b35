package dev.hatch.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CloseTest {
    @TempDir
    Path folder;

    @Test
    void fifty_closes_with_arrow_data_alive_or_a_query_running_end_in_time_and_leak_nothing() throws Exception {
        close(50);
    }

    @Test
    @Tag("full")
    void a_thousand_closes_with_arrow_data_alive_or_a_query_running_end_in_time_and_leak_nothing() throws Exception {
        close(1_000);
    }

    private void close(int count) throws IOException, InterruptedException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Path log = folder.resolve("log");
        List<String> command = new ArrayList<>(List.of(
                java.toString(),
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:ErrorFile=" + folder.resolve("crash"),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Closes.class.getName(),
                count + "",
                "42"));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(count * 2L + 30, TimeUnit.SECONDS))
                    .as("it ends")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.readString(log)).endsWith("done" + System.lineSeparator());
        assertThat(process.exitValue()).isZero();
    }
}
