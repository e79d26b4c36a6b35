package dev.hatch.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
@Tag("once")
class ConnectionForkTest {
    private static final Duration MOMENT = Duration.ofMillis(50);
    private static final PoolSettings TINY =
            new PoolSettings(0, 1, MOMENT, MOMENT, Duration.ofMillis(100), MOMENT, MOMENT, 20);

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "HATCH_UNOBSERVED")
    void each_rival_lends_connections_to_a_driver_that_does_nothing(ConnectionRival rival) throws Exception {
        List<Measurement> found = CycleFork.measure(new PoolRun(rival, ConnectionCase.CYCLE_T2, TINY));

        assertThat(found).extracting(Measurement::metric).containsExactly("cycles", "allocated");
        assertThat(found).extracting(Measurement::benchmarkCase).containsOnly("cycle-t2");
        assertThat(found.get(0).median()).isPositive();
        assertThat(rival.version()).matches("development|[\\d.]+.*");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "HATCH_UNOBSERVED")
    void each_rival_lends_connections_that_execute_statements(ConnectionRival rival) throws Exception {
        List<Measurement> found = StatementFork.measure(new PoolRun(rival, ConnectionCase.STATEMENT_T8, TINY));

        assertThat(found).extracting(Measurement::metric).containsExactly("cycles", "allocated");
        assertThat(found.get(0).median()).isPositive();
    }

    @ParameterizedTest
    @EnumSource(names = {"HATCH", "HIKARI", "AGROAL"})
    void connections_that_are_opened_after_the_warm_up_are_counted(ConnectionRival rival) throws Exception {
        List<Measurement> found = ParkedHoldFork.measure(new PoolRun(rival, ConnectionCase.SEED_DEFAULTS, TINY));

        assertThat(found)
                .extracting(Measurement::metric)
                .containsExactly(
                        "throughput", "cycle p99", "cycle p99.9", "cycle max", "wait max", "opened after warm-up");
        assertThat(found.get(1).median()).isGreaterThanOrEqualTo(0.99);
        assertThat(found.get(5).median()).isNotNegative();
    }

    @ParameterizedTest
    @EnumSource(names = {"HATCH", "HIKARI", "AGROAL"})
    void the_answers_of_a_real_database_are_timed(ConnectionRival rival) throws Exception {
        List<Measurement> found = SelectFork.measure(new PoolRun(rival, ConnectionCase.POSTGRES, TINY));

        assertThat(found).extracting(Measurement::metric).contains("throughput", "cycle p99");
        assertThat(found.get(0).median()).isPositive();
    }

    @Test
    void slow_rivals_are_only_where_threads_do_not_wait_and_not_in_a_quick_run() {
        assertThat(PoolBenchmark.CONNECTION.forks(false, List.of("statement-t8", "contended-t8", "postgres")))
                .extracting(Rival::title)
                .hasSize(39)
                .startsWith(
                        "Hatch, statement-t8",
                        "HikariCP, statement-t8",
                        "Agroal, statement-t8",
                        "Vibur, statement-t8",
                        "Tomcat JDBC, statement-t8",
                        "dbcp2, statement-t8",
                        "c3p0, statement-t8",
                        "Hatch, contended-t8",
                        "HikariCP, contended-t8",
                        "Agroal, contended-t8",
                        "Hatch, postgres");
        assertThat(PoolBenchmark.CONNECTION.forks(true, List.of("cycle-t1")))
                .extracting(Rival::title)
                .containsExactly("Hatch, cycle-t1", "HikariCP, cycle-t1", "Agroal, cycle-t1");
    }

    @Test
    void a_quick_run_has_no_database_to_start() {
        assertThat(PoolBenchmark.CONNECTION.cases(true))
                .containsExactly("cycle-t1", "cycle-t8", "statement-t1", "contended-t8", "seed-defaults");
        assertThat(PoolBenchmark.CONNECTION.cases(false))
                .containsExactly(
                        "cycle-t1",
                        "cycle-t2",
                        "cycle-t8",
                        "cycle-t32",
                        "statement-t1",
                        "statement-t8",
                        "contended-t8",
                        "seed-defaults",
                        "postgres",
                        "observed-t1",
                        "observed-t8");
    }

    @ParameterizedTest
    @EnumSource(names = {"HATCH", "HATCH_UNOBSERVED"})
    void what_it_costs_to_know_what_a_pool_does_is_compared_with_a_pool_that_nobody_watches(ConnectionRival rival)
            throws Exception {
        List<Measurement> found = CycleFork.measure(new PoolRun(rival, ConnectionCase.OBSERVED_T8, TINY));

        assertThat(found.get(0).median()).isPositive();
    }

    @Test
    void a_run_survives_the_command_line() {
        PoolRun run = new PoolRun(ConnectionRival.C3P0, ConnectionCase.STATEMENT_T1, PoolSettings.FULL);

        assertThat(PoolRun.ofArguments(run.toArguments())).isEqualTo(run);
    }
}
