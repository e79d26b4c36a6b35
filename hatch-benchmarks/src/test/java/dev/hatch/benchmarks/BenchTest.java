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
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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
        public List<Rival> forks(boolean quick) {
            Rival hatch = Rival.here(Rival.HATCH, List.of(), TinyChild.class, arguments);
            Rival peer = Rival.here("Peer", List.of(), TinyChild.class, arguments);
            return quick ? List.of(hatch, peer) : List.of(hatch, peer, hatch, peer);
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
                .contains("Usage: hatch bench [-hV] [--quick] [--verbose] NAME")
                .endsWith("  good        does what good does", "  bad         does what bad does");
    }

    @Test
    void a_benchmark_prints_its_table_and_leaves_its_files() {
        assertThat(run("good", "--quick")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8).lines()).hasSize(2);
        assertThat(errors()).hasSize(3);
        assertThat(folder.resolve("good.json")).exists();
        assertThat(folder.resolve("good-raw.json")).exists();
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
                .hasSize(2)
                .last()
                .isEqualTo("hatch: Hatch, fork 1: exit code 1; its last output:"
                        + " java.lang.IllegalStateException: it was told to");
        assertThat(run("bad", "--verbose")).isOne();
        assertThat(errors()).anyMatch(line -> line.startsWith("\tat dev.hatch.benchmarks.TinyChild"));
    }
}
