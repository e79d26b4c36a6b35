package dev.hatch.benchmarks;

import java.util.List;
import org.openjdk.jmh.runner.RunnerException;

/** One fork that counts buffers of mixed sizes that replace others. */
final class MixedFork {
    private MixedFork() {}

    public static void main(String[] args) {
        PoolRun.main(args, MixedFork::measure);
    }

    static List<Measurement> measure(PoolRun run) throws RunnerException {
        return CycleFork.measure(run, BufferCycle.class, "mixed");
    }
}
