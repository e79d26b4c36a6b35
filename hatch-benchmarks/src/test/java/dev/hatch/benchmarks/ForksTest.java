package dev.hatch.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("once")
@Timeout(120)
class ForksTest {
    private static final Duration AMPLE = Duration.ofSeconds(60);

    private final ByteArrayOutputStream progress = new ByteArrayOutputStream();

    private Forks forks(Duration timeout) {
        return new Forks("tiny", timeout, new PrintStream(progress, true, StandardCharsets.UTF_8));
    }

    private static Rival rival(String name, String... arguments) {
        return Rival.here(
                name, List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1"), TinyChild.class, List.of(arguments));
    }

    @Test
    void forks_run_in_the_order_of_the_list_and_are_counted_by_rival() throws Exception {
        Rival a = rival("A", "report", "a");
        Rival b = rival("B", "report", "b");

        List<Fork> forks = forks(AMPLE).run(List.of(a, b, a, b));

        assertThat(forks)
                .extracting(fork -> fork.rival().name() + fork.round())
                .containsExactly("A1", "B1", "A2", "B2");
        assertThat(forks)
                .extracting(fork -> fork.report().version())
                .containsExactly("1.0 a", "1.0 b", "1.0 a", "1.0 b");
        assertThat(forks.get(0).report().measurements())
                .containsExactly(new Measurement("case", "ns", "ns", Better.LOWER, List.of(3.0, 1.0, 2.0)));
        assertThat(progress.toString(StandardCharsets.UTF_8).lines())
                .hasSize(4)
                .element(1)
                .asString()
                .matches("tiny: fork 2 of 4, B, after \\d+ s");
    }

    @Test
    void a_fork_that_fails_says_why() {
        assertThatExceptionOfType(ForkFailedException.class)
                .isThrownBy(() -> forks(AMPLE).run(List.of(rival("A", "throw"))))
                .withMessage("A, fork 1: exit code 1; its last output: java.lang.IllegalStateException: it was told to")
                .satisfies(e -> assertThat(e.output()).contains("at dev.hatch.benchmarks.TinyChild"));
    }

    @Test
    void a_fork_without_a_report_is_an_error() {
        assertThatExceptionOfType(ForkFailedException.class)
                .isThrownBy(() -> forks(AMPLE).run(List.of(rival("A", "silent"))))
                .withMessage("A, fork 1: it ended without a report; it printed nothing");
    }

    @Test
    void a_fork_that_hangs_is_killed_after_the_timeout() {
        List<ProcessHandle> before = ProcessHandle.current().children().toList();

        assertThatExceptionOfType(ForkFailedException.class)
                .isThrownBy(() -> forks(Duration.ofSeconds(3)).run(List.of(rival("A", "hang"))))
                .withMessage("A, fork 1: no result within 3 s; its last output: about to hang");

        assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive))
                .isSubsetOf(before);
    }

    @Test
    void a_child_ends_when_its_parent_is_gone() throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        TinyChild.class.getName(),
                        "hang")
                .start();
        try {
            assertThat(child.inputReader().readLine()).isEqualTo("about to hang");
            child.getOutputStream().close();

            assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            child.destroyForcibly();
        }
    }
}
