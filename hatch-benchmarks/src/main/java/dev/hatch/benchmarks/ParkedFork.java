package dev.hatch.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** One fork in which many threads wait for what is lent out, and nothing else happens: what does their waiting cost? */
final class ParkedFork {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private ParkedFork() {}

    public static void main(String[] args) {
        EngineFork.main(args, ParkedFork::measure);
    }

    static List<Measurement> measure(EngineRival rival, EngineCase benchmarkCase, EngineSettings settings)
            throws Exception {
        try (BenchPool pool = rival.open(benchmarkCase.size(), TIMEOUT)) {
            List<Object> leases = new ArrayList<>();
            for (int i = 0; i < benchmarkCase.size(); i++) {
                leases.add(pool.acquire());
            }
            List<Caller> callers = new ArrayList<>();
            for (int i = 0; i < settings.threads(benchmarkCase); i++) {
                callers.add(new Caller(pool));
            }
            for (Caller caller : callers) {
                caller.awaitParked();
            }
            TimeUnit.NANOSECONDS.sleep(settings.warmUp().toNanos());
            long nanos = cpuNanos();
            TimeUnit.NANOSECONDS.sleep(settings.parked().toNanos());
            nanos = cpuNanos() - nanos;
            for (Object lease : leases) {
                pool.release(lease);
            }
            for (Caller caller : callers) {
                caller.end();
            }
            return List.of(EngineFork.millis(benchmarkCase.title(), "cpu", nanos));
        }
    }

    /** Of the whole process: whatever a pool does for those who wait counts, on whichever thread. */
    private static long cpuNanos() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }

    /** A thread that acquires once. */
    private static final class Caller {
        private final FutureTask<Boolean> call;
        private final Thread thread;

        Caller(BenchPool pool) {
            call = new FutureTask<>(() -> {
                pool.release(pool.acquire());
                return true;
            });
            thread = new Thread(call, "caller");
            thread.setDaemon(true);
            thread.start();
        }

        void awaitParked() throws InterruptedException, ExecutionException {
            while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TIMED_WAITING) {
                if (call.isDone()) {
                    throw new IllegalStateException("it did not wait: " + call.get());
                }
                TimeUnit.MILLISECONDS.sleep(1);
            }
        }

        void end() throws InterruptedException, ExecutionException {
            call.get();
        }
    }
}
