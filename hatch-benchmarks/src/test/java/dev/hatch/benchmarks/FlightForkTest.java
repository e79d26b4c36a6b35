package dev.hatch.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.arrow.memory.RootAllocator;
import org.duckdb.DuckDBConnection;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(120)
@Tag("once")
class FlightForkTest {
    private static final Duration MOMENT = Duration.ofMillis(100);
    private static final FlightSettings SMALL = new FlightSettings(
            100_000, 0, 2, 1_000, MOMENT, Duration.ofMillis(300), 1, Duration.ofMillis(50), MOMENT, 3);

    /** All but those that have a class path of their own. */
    static Stream<Arguments> ofClassPathHere() {
        return Stream.of(FlightCase.values())
                .flatMap(benchmarkCase -> benchmarkCase.rivals().stream()
                        .filter(rival -> rival != FlightRival.DAZZLEDUCK)
                        .map(rival -> Arguments.of(benchmarkCase, rival)));
    }

    @ParameterizedTest
    @MethodSource("ofClassPathHere")
    void each_rival_of_each_case_is_measured(FlightCase benchmarkCase, FlightRival rival) throws Exception {
        assumeThat(benchmarkCase.missing()).isNull();
        ForkReport report = FlightFork.measure(new FlightRun(rival, benchmarkCase, SMALL));

        assertThat(report.measurements())
                .extracting(Measurement::metric)
                .containsExactlyElementsOf(metrics(benchmarkCase, rival));
        assertThat(report.measurements()).extracting(Measurement::benchmarkCase).containsOnly(benchmarkCase.title());
        assertThat(report.measurements())
                .filteredOn(found -> !found.metric().equals("resident"))
                .allSatisfy(found -> assertThat(found.values())
                        .allSatisfy(value -> assertThat(value).isPositive()));
        assertThat(report.version())
                .matches(
                        switch (rival) {
                            case HATCH -> "development|[\\d.]+.*";
                            case PLAIN -> "Arrow [\\d.]+, DuckDB [\\d.]+";
                            default -> "[\\d.]+";
                        });
    }

    private static List<String> metrics(FlightCase benchmarkCase, FlightRival rival) {
        return switch (benchmarkCase) {
            case STREAM, INGEST -> List.of("rows/s");
            case SELECT1_C1, SELECT1_C8, POINT_C8 -> List.of("queries/s", "p50", "p99");
            case SLOW_READERS ->
                rival == FlightRival.HATCH
                        ? List.of("resident", "Arrow memory", "bound")
                        : List.of("resident", "Arrow memory");
        };
    }

    @ParameterizedTest
    @EnumSource(names = {"STREAM", "SELECT1_C8", "POINT_C8"})
    void a_rival_that_needs_an_older_database_is_measured_on_a_class_path_of_its_own(FlightCase benchmarkCase)
            throws Exception {
        Rival fork = FlightBenchmark.fork(new FlightRun(FlightRival.DAZZLEDUCK, benchmarkCase, SMALL));

        ForkReport report = new Forks("tiny", Duration.ofMinutes(1), new PrintStream(OutputStream.nullOutputStream()))
                .run(List.of(fork))
                .get(0)
                .report();

        assertThat(report.version()).isEqualTo("0.0.4, DuckDB v1.3.2");
        assertThat(report.measurements())
                .extracting(Measurement::metric)
                .containsExactlyElementsOf(metrics(benchmarkCase, FlightRival.DAZZLEDUCK));
    }

    @Test
    void a_round_has_all_rivals_of_a_case_before_the_next_case() {
        assertThat(new FlightBenchmark().forks(true, List.of("stream", "ingest")))
                .extracting(Rival::title)
                .containsExactly(
                        "Hatch, stream",
                        "plain Flight, stream",
                        "DazzleDuck, stream",
                        "in-process DuckDB, stream",
                        "Hatch, ingest",
                        "DuckDB appender, ingest",
                        "DuckDB INSERT from Arrow, ingest");
        assertThat(new FlightBenchmark().forks(false, List.of("point-c8")))
                .extracting(Rival::title)
                .hasSize(15)
                .startsWith("Hatch, point-c8", "plain Flight, point-c8", "DazzleDuck, point-c8", "Hatch, point-c8");
    }

    @Test
    void cases_have_the_names_that_the_command_line_takes() {
        assertThat(new FlightBenchmark().cases(true))
                .containsExactly("stream", "select1-c1", "select1-c8", "point-c8", "ingest", "slow-readers");
    }

    @Test
    void an_ingest_that_loses_a_row_is_no_result() throws Exception {
        long rows = 20_000;
        try (DuckDBConnection connection = PlainFlightServer.openMemory();
                RootAllocator allocator = new RootAllocator()) {
            FlightTable.createIngested(connection);
            FlightIngest.insertArrow(connection, allocator, rows - 1);

            assertThatIllegalStateException()
                    .isThrownBy(() -> FlightTable.requireIngested(connection, rows, IngestSource.sumOfIds(rows)))
                    .withMessage("expected 20000 rows with the sum 140745456, got 19999 with 140741841");
        }
    }

    @Test
    void a_run_survives_the_command_line() {
        FlightRun run = new FlightRun(FlightRival.ARROW_INSERT, FlightCase.SLOW_READERS, FlightSettings.QUICK);

        assertThat(FlightRun.ofArguments(run.toArguments())).isEqualTo(run);
    }
}
