package dev.hatch.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
@Tag("once")
class BufferForkTest {
    private static final Duration MOMENT = Duration.ofMillis(50);
    private static final PoolSettings TINY = new PoolSettings(0, 1, MOMENT, MOMENT, MOMENT, MOMENT, MOMENT, 20);

    @ParameterizedTest
    @EnumSource
    void each_rival_takes_and_releases(BufferRival rival) throws Exception {
        List<Measurement> found = BufferFork.measure(new PoolRun(rival, BufferCase.CYCLE_1K, TINY));

        assertThat(found).extracting(Measurement::metric).containsExactly("cycles", "allocated");
        assertThat(found).extracting(Measurement::benchmarkCase).containsOnly("cycle-1k");
        assertThat(found.get(0).median()).isPositive();
        assertThat(rival.version()).matches("development|[\\d.]+.*");
    }

    @ParameterizedTest
    @EnumSource
    void each_rival_lends_what_another_thread_releases(BufferRival rival) throws Exception {
        List<Measurement> found = CrossThreadFork.measure(new PoolRun(rival, BufferCase.CROSS_THREAD, TINY));

        assertThat(found).extracting(Measurement::unit).containsExactly("buffers/us");
        assertThat(found.get(0).median()).isPositive();
    }

    @ParameterizedTest
    @EnumSource(names = {"NETTY_POOLED", "UNDERTOW"})
    void bursts_are_counted(BufferRival rival) throws Exception {
        assertThat(BurstFork.measure(new PoolRun(rival, BufferCase.BURST16, TINY))
                        .get(0)
                        .median())
                .isPositive();
    }

    /** Arrow's allocator fails when it is closed before all is released. */
    @ParameterizedTest
    @EnumSource(names = {"JETTY", "ARROW_NETTY"})
    void mixed_sizes_are_counted_and_all_is_released(BufferRival rival) throws Exception {
        assertThat(MixedFork.measure(new PoolRun(rival, BufferCase.MIXED_T8, TINY))
                        .get(0)
                        .median())
                .isPositive();
    }

    @ParameterizedTest
    @EnumSource(names = {"NETTY_ADAPTIVE", "JETTY"})
    void virtual_threads_are_counted_together(BufferRival rival) throws Exception {
        assumeThat(BufferCase.VIRTUAL.missing()).isNull();

        List<Measurement> found = VirtualBufferFork.measure(new PoolRun(rival, BufferCase.VIRTUAL, TINY));

        assertThat(found).extracting(Measurement::metric).containsExactly("throughput");
        assertThat(found.get(0).median()).isPositive();
    }

    @ParameterizedTest
    @EnumSource(names = {"HATCH", "COMMONS"})
    void objects_are_lent_by_pools_of_their_own(ObjectRival rival) throws Exception {
        List<Measurement> found = CycleFork.measure(new PoolRun(rival, BufferCase.OBJECT_T8, TINY));

        assertThat(found).extracting(Measurement::metric).containsExactly("cycles", "allocated");
        assertThat(found.get(0).median()).isPositive();
    }

    @ParameterizedTest
    @CsvSource({
        "CYCLE_1K, NETTY_ADAPTIVE, 4.2.17.Final",
        "CROSS_THREAD, NETTY_POOLED, 4.2.17.Final",
        "CYCLE_1K, NETTY_POOLED_AS_IT_COMES, 4.2.17.Final",
        "CYCLE_1K, ARROW_UNSAFE, 18.3.0",
    })
    void a_rival_that_clashes_with_the_rest_is_measured_on_a_class_path_of_its_own(
            BufferCase benchmarkCase, BufferRival rival, String version) throws Exception {
        ForkReport report = fork(new PoolRun(rival, benchmarkCase, TINY));

        assertThat(report.version()).isEqualTo(version);
        assertThat(report.measurements().get(0).median()).isPositive();
    }

    @Test
    void stormpot_lends_objects_on_a_class_path_of_its_own() throws Exception {
        assumeThat(ObjectRival.here()).contains(ObjectRival.STORMPOT);

        ForkReport report = fork(new PoolRun(ObjectRival.STORMPOT, BufferCase.OBJECT_T1, TINY));

        assertThat(report.version()).matches("[\\d.]+");
        assertThat(report.measurements()).hasSize(2);
    }

    private static ForkReport fork(PoolRun run) throws Exception {
        PrintStream progress = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        return new Forks("tiny", Duration.ofMinutes(1), progress)
                .run(List.of(PoolBenchmark.fork(run)))
                .get(0)
                .report();
    }

    @Test
    void a_failure_of_one_thread_ends_the_wait_of_the_other() {
        HandOver empty = new HandOver();
        IllegalStateException why = new IllegalStateException("told to");
        empty.fail(why);

        assertThatThrownBy(empty::take).hasCause(why);
    }

    @Test
    void virtual_threads_are_for_a_java_that_has_them() {
        assertThat(PoolBenchmark.BUFFER.missing("virtual"))
                .isEqualTo(Runtime.version().feature() < 21 ? "Java 21 or newer" : null);
        assertThat(PoolBenchmark.BUFFER.missing("cross-thread")).isNull();
    }

    @Test
    void a_pool_of_one_size_is_not_asked_for_mixed_ones() {
        assertThat(titles(BufferCase.CYCLE_16K)).hasSize(11).contains("Undertow");
        assertThat(titles(BufferCase.MIXED_T2)).hasSize(10).doesNotContain("Undertow");
    }

    private static List<String> titles(BufferCase benchmarkCase) {
        return benchmarkCase.rivals(false).stream().map(PoolRival::title).toList();
    }

    @Test
    void a_quick_run_has_the_main_rivals_in_a_few_cases() {
        assertThat(PoolBenchmark.BUFFER.forks(true, PoolBenchmark.BUFFER.cases(true)))
                .extracting(Rival::title)
                .startsWith("Hatch, cycle-1k", "Netty adaptive, cycle-1k", "Netty pooled, cycle-1k", "Hatch, burst16")
                .contains("commons-pool2, object-t1")
                .hasSize(12 + ObjectRival.here().size());
    }

    @Test
    void each_thread_takes_sizes_of_all_magnitudes_and_the_same_for_every_rival() {
        int[] sizes = MixedSizes.of(3);

        assertThat(sizes)
                .isEqualTo(MixedSizes.of(3))
                .isNotEqualTo(MixedSizes.of(4))
                .hasSize(MixedSizes.COUNT);
        assertThat(Arrays.stream(sizes).boxed().toList())
                .allMatch(size -> size >= MixedSizes.SMALLEST && size <= MixedSizes.LARGEST);
        // Half of them are below the geometric mean.
        assertThat(Arrays.stream(sizes).filter(size -> size < 4_096).count()).isBetween(1_900L, 2_200L);
    }

    @Test
    void a_run_survives_the_command_line() {
        PoolRun run = new PoolRun(BufferRival.ARROW_UNSAFE, BufferCase.CROSS_THREAD, PoolSettings.SHORT);
        PoolRun objects = new PoolRun(ObjectRival.COMMONS, BufferCase.OBJECT_T1, PoolSettings.QUICK);

        assertThat(PoolRun.ofArguments(run.toArguments())).isEqualTo(run);
        assertThat(PoolRun.ofArguments(objects.toArguments())).isEqualTo(objects);
    }
}
