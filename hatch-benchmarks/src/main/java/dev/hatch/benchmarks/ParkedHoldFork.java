package dev.hatch.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** One fork in which each thread is parked while it holds a connection: how many are opened after the warm-up? */
final class ParkedHoldFork {
    private static final long HOLD_NANOS = Duration.ofMillis(1).toNanos();

    private ParkedHoldFork() {}

    public static void main(String[] args) {
        PoolRun.main(args, ParkedHoldFork::measure);
    }

    static List<Measurement> measure(PoolRun run) throws Exception {
        AtomicInteger opened = new AtomicInteger();
        List<Measurement> all =
                new ArrayList<>(HoldFork.measure(run, lease -> park(), () -> opened.set(StubDriver.opened())));
        all.add(new Measurement(
                run.title(),
                "opened after warm-up",
                "connections",
                Better.LOWER,
                List.of((double) StubDriver.opened() - opened.get())));
        return all;
    }

    private static void park() {
        long start = System.nanoTime();
        for (long left = HOLD_NANOS; left > 0; left = HOLD_NANOS - (System.nanoTime() - start)) {
            LockSupport.parkNanos(left);
        }
    }
}
