package dev.hatch.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
    private static final Conditions CONDITIONS = new Conditions(
            "hatch bench name",
            "abc",
            new Conditions.Machine("Linux 6", "amd64", 2, 4),
            "HotSpot 17",
            "2026-01-01T00:00:00Z");

    @TempDir
    private Path folder;

    private static Fork fork(String rival, int round, Measurement... measurements) {
        return new Fork(
                new Rival(rival, "", "", List.of(), "Main", List.of()),
                round,
                new ForkReport("9.1", List.of(measurements)));
    }

    private static Measurement rate(String name, Double... values) {
        return new Measurement(name, "rate", "rows/s", Better.HIGHER, Arrays.asList(values));
    }

    private static Measurement time(String name, Double... values) {
        return new Measurement(name, "time", "ns", Better.LOWER, Arrays.asList(values));
    }

    @Test
    void a_ratio_above_one_is_better_whichever_way_the_unit_points() {
        List<Result> rows = Results.of(List.of(
                        fork("Hatch", 1, rate("a", 300.0), time("a", 10.0)),
                        fork("Peer", 1, rate("a", 100.0), time("a", 25.0))))
                .rows();

        assertThat(rows).extracting(Result::metric).containsExactly("rate", "time");
        assertThat(rows).extracting(Result::ratio).containsExactly(3.0, 2.5);
    }

    @Test
    void a_ratio_that_no_finite_number_says_is_null_and_equal_values_are_one() {
        assertThat(Better.LOWER.ratio(0, 56)).isNull();
        assertThat(Better.HIGHER.ratio(5, 0)).isNull();
        assertThat(Better.LOWER.ratio(0, 0)).isEqualTo(1.0);
        assertThat(Better.LOWER.ratio(56, 0)).isEqualTo(0.0);
    }

    @Test
    void the_median_is_taken_in_each_fork_and_then_over_the_forks() {
        Results results = Results.of(List.of(
                fork("Hatch", 1, rate("a", 1.0, 2.0, 90.0)),
                fork("Peer", 1, rate("a", 8.0)),
                fork("Hatch", 2, rate("a", 4.0, 6.0)),
                fork("Peer", 2, rate("a", 10.0)),
                fork("Hatch", 3, rate("a", 1_000.0)),
                fork("Peer", 3, rate("a", 1.0))));

        assertThat(results.rows()).singleElement().satisfies(row -> {
            assertThat(row.hatch()).isEqualTo(5.0);
            assertThat(row.peerValue()).isEqualTo(8.0);
        });
    }

    @Test
    void each_peer_has_a_row_and_a_case_without_peers_has_one() throws Exception {
        Results results = Results.of(List.of(
                fork("Hatch", 1, rate("both", 4.0), rate("alone", 7.0)),
                fork("First", 1, rate("both", 2.0)),
                fork("Second", 1, rate("both", 8.0), rate("only theirs", 1.0))));

        Path file = results.write(folder.resolve("made/for/it"), "name", CONDITIONS);

        JsonNode rows = new JsonMapper().readTree(file.toFile());
        assertThat(rows).hasSize(3);
        for (JsonNode row : rows) {
            List<String> fields = new ArrayList<>();
            row.fieldNames().forEachRemaining(fields::add);
            assertThat(fields)
                    .containsExactly(
                            "case", "metric", "jdk", "peer", "peerVersion", "hatch", "peerValue", "unit", "ratio");
            assertThat(row.get("jdk").asText()).isEqualTo(System.getProperty("java.version"));
        }
        assertThat(rows.get(0).get("peer").asText()).isEqualTo("First");
        assertThat(rows.get(0).get("peerVersion").asText()).isEqualTo("9.1");
        assertThat(rows.get(0).get("ratio").asDouble()).isEqualTo(2.0);
        assertThat(rows.get(1).get("peer").asText()).isEqualTo("Second");
        assertThat(rows.get(1).get("ratio").asDouble()).isEqualTo(0.5);
        assertThat(rows.get(2).get("case").asText()).isEqualTo("alone");
        assertThat(rows.get(2).get("hatch").asDouble()).isEqualTo(7.0);
        for (String absent : List.of("peer", "peerVersion", "peerValue", "ratio")) {
            assertThat(rows.get(2).get(absent).isNull()).as(absent).isTrue();
        }
    }

    @Test
    void every_measured_value_is_kept_in_the_order_of_the_forks() throws Exception {
        Results.of(List.of(
                        fork("Hatch", 1, rate("a", 3.0, 1.0)),
                        fork("Peer", 1, rate("a", 2.0)),
                        fork("Hatch", 2, rate("a", 5.0))))
                .write(folder, "name", CONDITIONS);

        JsonNode raw = new JsonMapper()
                .readTree(folder.resolve("name-raw.json").toFile())
                .get("forks");

        assertThat(raw).extracting(fork -> fork.get("order").asInt()).containsExactly(1, 2, 3);
        assertThat(raw).extracting(fork -> fork.get("rival").asText()).containsExactly("Hatch", "Peer", "Hatch");
        assertThat(raw).extracting(fork -> fork.get("fork").asInt()).containsExactly(1, 1, 2);
        assertThat(raw.get(0).get("values").toString()).isEqualTo("[3.0,1.0]");
    }

    @Test
    void the_raw_values_are_kept_with_what_they_were_measured_under() throws Exception {
        Results.of(List.of(fork("Hatch", 1, rate("a", 3.0)))).write(folder, "name", CONDITIONS);

        JsonNode file =
                new JsonMapper().readTree(folder.resolve("name-raw.json").toFile());

        assertThat(file.toString())
                .startsWith("{\"command\":\"hatch bench name\",\"commit\":\"abc\",\"machine\":{\"os\":\"Linux 6\","
                        + "\"arch\":\"amd64\",\"cpus\":2,\"memoryBytes\":4},\"jdk\":\"HotSpot 17\","
                        + "\"at\":\"2026-01-01T00:00:00Z\",\"forks\":[{\"case\":\"a\",");
    }

    @Test
    void the_table_has_a_line_for_each_row() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();

        Results.of(List.of(
                        fork("Hatch", 1, rate("stream", 8_123_456.7), time("alone", 8.25)),
                        fork("Peer", 1, rate("stream", 4_061_728.35))))
                .print(new PrintStream(printed, true, StandardCharsets.UTF_8));

        assertThat(printed.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "case    metric  unit        Hatch  peer  peer's version     peer's  times better",
                        "stream  rate    rows/s  8,123,457  Peer  9.1             4,061,728          2.00",
                        "alone   time    ns          8.250  -     -                       -             -");
    }

    @Test
    void a_measurement_without_values_is_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> rate("a")).withMessage("a, rate: no values");
    }
}
