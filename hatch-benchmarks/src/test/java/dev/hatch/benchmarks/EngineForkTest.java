package dev.hatch.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
@Tag("once")
class EngineForkTest {
    private static final Duration MOMENT = Duration.ofMillis(50);
    private static final PoolSettings TINY =
            new PoolSettings(0, 1, MOMENT, MOMENT, Duration.ofMillis(100), MOMENT, MOMENT, 20);

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STORMPOT")
    void each_rival_goes_round_in_cycles(EngineRival rival) throws Exception {
        List<Measurement> found = CycleFork.measure(new PoolRun(rival, EngineCase.CYCLE_T2, TINY));

        assertThat(found).extracting(Measurement::metric).containsExactly("cycles", "allocated");
        assertThat(found)
                .allSatisfy(
                        measurement -> assertThat(measurement.benchmarkCase()).isEqualTo("cycle-t2"));
        assertThat(found.get(0).values())
                .singleElement()
                .satisfies(value -> assertThat(value).isPositive());
        assertThat(rival.version()).matches("development|[\\d.]+.*");
    }

    @ParameterizedTest
    @EnumSource(names = {"HATCH", "HIKARI"})
    void whole_cycles_and_the_waits_in_them_are_timed_while_others_hold(EngineRival rival) throws Exception {
        List<Measurement> found = HoldFork.measure(new PoolRun(rival, EngineCase.HOLD_T8, TINY));

        assertThat(found)
                .extracting(Measurement::metric)
                .containsExactly("throughput", "cycle p99", "cycle p99.9", "cycle max", "wait max");
        assertThat(found.get(0).median()).isPositive();
        assertThat(found.get(1).median()).isGreaterThanOrEqualTo(0.02);
        assertThat(found.get(3).median())
                .isGreaterThanOrEqualTo(found.get(2).median())
                .isGreaterThanOrEqualTo(found.get(4).median());
    }

    @ParameterizedTest
    @EnumSource(names = {"HATCH", "HIKARI"})
    void the_longest_wait_of_virtual_threads_is_shorter_than_all_of_their_cycles(EngineRival rival) throws Exception {
        assumeThat(EngineCase.VIRTUAL.missing()).isNull();

        List<Measurement> found = VirtualFork.measure(new PoolRun(rival, EngineCase.VIRTUAL, TINY));

        assertThat(found).extracting(Measurement::metric).containsExactly("wait max", "wall");
        assertThat(found.get(0).median()).isBetween(0.0, found.get(1).median());
    }

    @ParameterizedTest
    @EnumSource(names = {"HATCH", "HIKARI"})
    void what_waiting_costs_is_told_as_time_on_the_processors(EngineRival rival) throws Exception {
        List<Measurement> found = ParkedFork.measure(new PoolRun(rival, EngineCase.PARKED, TINY));

        assertThat(found).extracting(Measurement::metric).containsExactly("cpu", "cpu of threads");
        assertThat(found).allSatisfy(cpu -> assertThat(cpu.median()).isNotNegative());
    }

    @ParameterizedTest
    @EnumSource(names = {"HATCH", "HIKARI"})
    void how_often_an_idle_pool_wakes_is_told(EngineRival rival) throws Exception {
        assumeThat(EngineCase.IDLE.missing()).isNull();

        List<Measurement> found = IdleFork.measure(new PoolRun(rival, EngineCase.IDLE, TINY));

        assertThat(found).extracting(Measurement::metric).containsExactly("wakes");
        assertThat(found.get(0).median()).isNotNegative();
    }

    @Test
    void virtual_threads_are_for_a_java_that_has_them() {
        assertThat(PoolBenchmark.ENGINE.missing("virtual"))
                .isEqualTo(Runtime.version().feature() < 21 ? "Java 21 or newer" : null);
        assertThat(PoolBenchmark.ENGINE.missing("hold-t8")).isNull();
    }

    @Test
    void a_rival_that_needs_a_newer_java_is_measured_on_a_class_path_of_its_own() throws Exception {
        assumeThat(EngineRival.STORMPOT.runsHere()).isTrue();
        Rival stormpot = PoolBenchmark.fork(new PoolRun(EngineRival.STORMPOT, EngineCase.CYCLE_T2, TINY));

        ForkReport report = new Forks("tiny", Duration.ofMinutes(1), progress())
                .run(List.of(stormpot))
                .get(0)
                .report();

        assertThat(report.version()).matches("[\\d.]+");
        assertThat(report.measurements()).hasSize(2);
    }

    private static PrintStream progress() {
        return new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    }

    @Test
    void a_round_has_all_rivals_of_a_case_before_the_next_case() {
        assertThat(PoolBenchmark.ENGINE.forks(true, List.of("cycle-t1", "cycle-t8")))
                .extracting(Rival::title)
                .startsWith("Hatch, cycle-t1", "HikariCP, cycle-t1", "Agroal, cycle-t1", "commons-pool2, cycle-t1")
                .contains("Hatch, cycle-t8")
                .hasSize(EngineRival.STORMPOT.runsHere() ? 10 : 8);
    }

    @Test
    void a_run_survives_the_command_line() {
        PoolRun run = new PoolRun(EngineRival.AGROAL, EngineCase.HOLD_T64, PoolSettings.QUICK);

        assertThat(PoolRun.ofArguments(run.toArguments())).isEqualTo(run);
    }
}
