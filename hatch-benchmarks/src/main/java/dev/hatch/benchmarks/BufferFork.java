package dev.hatch.benchmarks;

import java.util.List;
import org.openjdk.jmh.runner.RunnerException;

/** One fork that counts cycles of take and release with nothing between them. */
final class BufferFork {
    private BufferFork() {}

    public static void main(String[] args) {
        PoolRun.main(args, BufferFork::measure);
    }

    static List<Measurement> measure(PoolRun run) throws RunnerException {
        return CycleFork.measure(run, BufferCycle.class, "cycle");
    }
}
