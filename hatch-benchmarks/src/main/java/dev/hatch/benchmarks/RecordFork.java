package dev.hatch.benchmarks;

import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.runner.RunnerException;

/** One fork that builds record batches: how fast, with how much heap, and how often it asks Arrow for memory. */
final class RecordFork {
    private static final int BATCHES = 100;

    private RecordFork() {}

    public static void main(String[] args) {
        PoolRun.main(args, RecordFork::measure);
    }

    static RecordWriter open(PoolRun run) {
        return ((RecordRival) run.rival()).openWriter((RecordCase) run.benchmarkCase());
    }

    private static List<Measurement> measure(PoolRun run) throws RunnerException {
        List<Measurement> perRow = CycleFork.measure(run, RecordCycle.class, "batch");
        List<Double> bytes = perRow.get(1).values().stream()
                .map(value -> value * RecordData.ROWS)
                .toList();
        List<Measurement> all = new ArrayList<>();
        all.add(new Measurement(
                run.title(),
                "throughput",
                "rows/us",
                Better.HIGHER,
                perRow.get(0).values()));
        all.add(new Measurement(run.title(), "allocated", "bytes/batch", Better.LOWER, bytes));
        all.add(new Measurement(
                run.title(), "Arrow allocations", "per batch", Better.LOWER, List.of(allocations(run))));
        return all;
    }

    private static double allocations(PoolRun run) {
        RecordData data = new RecordData();
        try (RecordWriter writer = open(run)) {
            writer.done(writer.write(data));
            long before = writer.allocations();
            for (int i = 0; i < BATCHES; i++) {
                writer.done(writer.write(data));
            }
            return (double) (writer.allocations() - before) / BATCHES;
        }
    }
}
