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
class IsolationForkTest {
    private static final Duration MOMENT = Duration.ofMillis(50);
    private static final PoolSettings TINY =
            new PoolSettings(0, 1, MOMENT, MOMENT, Duration.ofMillis(200), MOMENT, MOMENT, 20);

    @ParameterizedTest
    @EnumSource(names = {"HATCH", "HIKARI"})
    void a_statement_on_duckdb_is_timed_with_the_reset_of_each_pool(ConnectionRival rival) throws Exception {
        assertThroughput(SelectFork.measure(new PoolRun(rival, IsolationCase.DUCKDB_SELECT, TINY)));
    }

    @ParameterizedTest
    @EnumSource(names = {"HATCH", "HIKARI"})
    void a_statement_on_postgresql_is_timed_with_a_reset_by_the_pool_or_by_hand(ConnectionRival rival)
            throws Exception {
        assertThroughput(SelectFork.measure(new PoolRun(rival, IsolationCase.POSTGRES_RESET, TINY)));
    }

    private static void assertThroughput(List<Measurement> found) {
        assertThat(found).extracting(Measurement::metric).contains("throughput", "cycle p99");
        assertThat(found.get(0).median()).isPositive();
    }

    @Test
    void what_a_lease_adds_is_the_difference_of_two_medians() throws Exception {
        List<Measurement> found =
                LeaseFork.measure(new PoolRun(ConnectionRival.HATCH, IsolationCase.DUCKDB_LEASE, TINY));

        assertThat(found)
                .extracting(Measurement::metric)
                .containsExactly("statement in a lease p50", "statement alone p50", "added p50");
        assertThat(found.get(2).median())
                .isCloseTo(found.get(0).median() - found.get(1).median(), org.assertj.core.data.Offset.offset(1e-6));
    }

    @Test
    void hatch_resets_as_its_database_has_it_and_the_rival_by_hand() {
        assertThat(IsolationCase.POSTGRES_RESET.resetPolicy()).isNull();
        assertThat(IsolationCase.POSTGRES_RESET.resetByHand()).isEqualTo("DISCARD ALL");
        assertThat(IsolationCase.DUCKDB_SELECT.resetByHand()).isNull();
    }
}
