package dev.hatch.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FlightForkTest {
    private static final FlightSettings SMALL =
            new FlightSettings(50_000, 0, 2, Duration.ofMillis(100), Duration.ofMillis(100), 1);

    @ParameterizedTest
    @EnumSource
    void each_rival_reads_the_whole_table(FlightRival rival) throws Exception {
        ForkReport report = FlightFork.measure(rival, SMALL, FlightFork.CASES);

        assertThat(report.measurements())
                .extracting(Measurement::benchmarkCase)
                .containsExactlyElementsOf(
                        rival == FlightRival.IN_PROCESS
                                ? List.of("stream")
                                : List.of("stream", "select1-c1", "select1-c8"));
        assertThat(report.version())
                .matches(
                        switch (rival) {
                            case HATCH -> "development|[\\d.]+.*";
                            case PLAIN -> "Arrow [\\d.]+, DuckDB [\\d.]+";
                            case IN_PROCESS -> "[\\d.]+";
                        });
        assertThat(report.measurements().get(0).values()).hasSize(2);
        assertThat(report.measurements())
                .allSatisfy(found -> assertThat(found.values())
                        .allSatisfy(value -> assertThat(value).isPositive()));
    }

    @Test
    void a_quick_run_has_two_forks_of_the_servers_in_turns_and_one_without_a_server() {
        assertThat(new FlightBenchmark().forks(true, FlightFork.CASES))
                .extracting(Rival::name)
                .containsExactly("Hatch", "plain Flight", "in-process DuckDB", "Hatch", "plain Flight");
        assertThat(new FlightBenchmark().forks(false, FlightFork.CASES))
                .extracting(Rival::name)
                .hasSize(15)
                .startsWith("Hatch", "plain Flight", "in-process DuckDB", "Hatch");
    }

    @Test
    void the_case_that_was_asked_for_is_the_only_one_measured() throws Exception {
        assertThat(FlightFork.measure(FlightRival.PLAIN, SMALL, List.of("select1-c1"))
                        .measurements())
                .extracting(Measurement::benchmarkCase)
                .containsExactly("select1-c1");
        assertThat(new FlightBenchmark().forks(true, List.of("select1-c1")))
                .extracting(Rival::name)
                .containsExactly("Hatch", "plain Flight", "Hatch", "plain Flight");
    }

    @Test
    void settings_survive_the_command_line() {
        assertThat(RecordArguments.parse(FlightSettings.class, RecordArguments.of(FlightSettings.QUICK)))
                .isEqualTo(FlightSettings.QUICK);
    }
}
