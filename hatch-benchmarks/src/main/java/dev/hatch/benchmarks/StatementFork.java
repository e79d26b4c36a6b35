package dev.hatch.benchmarks;

import java.util.List;
import org.openjdk.jmh.runner.RunnerException;

/** One fork that counts cycles in which each connection executes one statement. */
final class StatementFork {
    private StatementFork() {}

    public static void main(String[] args) {
        PoolRun.main(args, StatementFork::measure);
    }

    static List<Measurement> measure(PoolRun run) throws RunnerException {
        return CycleFork.measure(run, Cycle.class, "statement");
    }
}
