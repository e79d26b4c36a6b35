package dev.hatch.benchmarks;

import java.util.List;
import org.openjdk.jmh.runner.RunnerException;

/** One fork that counts bursts of buffers, all taken before the first is released. */
final class BurstFork {
    private BurstFork() {}

    public static void main(String[] args) {
        PoolRun.main(args, BurstFork::measure);
    }

    static List<Measurement> measure(PoolRun run) throws RunnerException {
        return CycleFork.measure(run, BufferCycle.class, "burst");
    }
}
