package dev.hatch.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("once")
@Timeout(120)
class BenchTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path folder;

    /** Hatch and one peer, which do what they are told. */
    private record Tiny(String name, List<String> arguments) implements Benchmark {
        @Override
        public String description() {
            return "does what " + name + " does";
        }

        @Override
        public List<String> cases(boolean quick) {
            return quick ? List.of("case", "newest") : List.of("case", "long", "newest");
        }

        @Override
        public @Nullable String missing(String benchmarkCase) {
            return benchmarkCase.equals("newest") ? "Java 99" : null;
        }

        @Override
        public List<Rival> forks(boolean quick, List<String> cases) {
            List<Rival> forks = new ArrayList<>();
            for (String chosen : cases) {
                for (String rival : List.of(Rival.HATCH, "Peer")) {
                    forks.add(new Rival(
                            rival, chosen, Rival.classPathHere(), List.of(), TinyChild.class.getName(), arguments));
                }
            }
            return forks;
        }

        @Override
        public Duration forkTimeout() {
            return Duration.ofMinutes(1);
        }
    }

    private int run(String... args) {
        return Bench.run(
                List.of(new Tiny("good", List.of("report", "x")), new Tiny("bad", List.of("throw"))),
                folder,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                args);
    }

    private List<String> errors() {
        return err.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void an_unknown_benchmark_is_refused_with_the_names_of_those_that_exist() {
        assertThat(run("engien")).isEqualTo(2);
        assertThat(errors())
                .containsExactly(
                        "hatch: there is no benchmark 'engien'; there are: good, bad (see hatch bench --help)");
    }

    @Test
    void no_name_and_an_unknown_option_are_refused_in_one_line() {
        assertThat(run()).isEqualTo(2);
        assertThat(run("good", "--fast")).isEqualTo(2);
        assertThat(errors())
                .containsExactly(
                        "hatch: Missing required parameter: 'NAME' (see hatch bench --help)",
                        "hatch: Unknown option: '--fast' (see hatch bench --help)");
    }

    @Test
    void help_has_a_line_for_each_benchmark() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .contains("Usage: hatch bench [-hV] [--quick] [--verbose] [--case=CASE]... NAME")
                .endsWith("  good        does what good does", "  bad         does what bad does");
    }

    @Test
    void a_benchmark_prints_its_table_and_leaves_its_files() {
        assertThat(run("good", "--quick")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8).lines()).hasSize(2);
        assertThat(errors())
                .hasSize(4)
                .startsWith("good: newest is left out, it needs Java 99", "good: fork 1 of 2, Hatch, case, after 0 s");
        assertThat(folder.resolve("good.json")).exists();
        assertThat(folder.resolve("good-raw.json")).exists();
    }

    @Test
    void cases_that_are_asked_for_are_the_only_ones_whether_or_not_a_quick_run_has_them() {
        assertThat(run("good", "--quick", "--case", "long")).isZero();
        assertThat(errors()).hasSize(3).first().isEqualTo("good: fork 1 of 2, Hatch, long, after 0 s");
        assertThat(run("good", "--case=long", "--case=case")).isZero();
        assertThat(errors()).contains("good: fork 1 of 4, Hatch, case, after 0 s");
    }

    @Test
    void an_unknown_case_is_refused_with_the_names_of_those_that_exist() {
        assertThat(run("good", "--case", "lnog")).isEqualTo(2);
        assertThat(errors())
                .containsExactly("hatch: there is no case 'lnog' in good; there are: case, long, newest"
                        + " (see hatch bench --help)");
    }

    @Test
    void a_run_of_nothing_but_what_cannot_run_here_fails() {
        assertThat(run("good", "--case", "newest")).isOne();
        assertThat(errors())
                .containsExactly("good: newest is left out, it needs Java 99", "hatch: no case is left to measure");
        assertThat(folder.resolve("good.json")).doesNotExist();
    }

    @Test
    void the_raw_file_says_how_when_and_where_it_was_measured() throws Exception {
        assertThat(run("good", "--quick")).isZero();
        JsonNode raw = new JsonMapper().readTree(folder.resolve("good-raw.json").toFile());
        assertThat(raw.get("command").asText()).isEqualTo("hatch bench good --quick");
        assertThat(raw.get("commit").asText()).matches("unknown|[0-9a-f]{40}(-dirty)?");
        assertThat(raw.get("machine").get("cpus").asInt()).isPositive();
        assertThat(raw.get("machine").get("memoryBytes").asLong()).isPositive();
        assertThat(raw.get("jdk").asText()).contains(Runtime.version().toString());
        assertThat(Instant.parse(raw.get("at").asText())).isBeforeOrEqualTo(Instant.now());
        assertThat(raw.get("forks")).hasSize(2);
    }

    @Test
    void a_failure_is_one_line_and_everything_with_verbose() {
        assertThat(run("bad")).isOne();
        assertThat(errors())
                .hasSize(3)
                .last()
                .isEqualTo("hatch: Hatch, case, fork 1: exit code 1; its last output:"
                        + " java.lang.IllegalStateException: it was told to");
        assertThat(run("bad", "--verbose")).isOne();
        assertThat(errors()).anyMatch(line -> line.startsWith("\tat dev.hatch.benchmarks.TinyChild"));
    }
}
