package dev.hatch.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** One fork in which many threads wait for what is lent out, and nothing else happens: what does their waiting cost? */
final class ParkedFork {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private ParkedFork() {}

    public static void main(String[] args) {
        PoolRun.main(args, ParkedFork::measure);
    }

    static List<Measurement> measure(PoolRun run) throws Exception {
        try (BenchPool pool = run.open(TIMEOUT)) {
            List<Object> leases = new ArrayList<>();
            for (int i = 0; i < run.size(); i++) {
                leases.add(pool.acquire());
            }
            List<Caller> callers = new ArrayList<>();
            for (int i = 0; i < run.threads(); i++) {
                callers.add(new Caller(pool));
            }
            for (Caller caller : callers) {
                caller.awaitParked();
            }
            TimeUnit.NANOSECONDS.sleep(run.settings().warmUp().toNanos());
            long process = SYSTEM.getProcessCpuTime();
            Map<Long, Long> before = cpuNanos();
            TimeUnit.NANOSECONDS.sleep(run.settings().parked().toNanos());
            Map<Long, Long> after = cpuNanos();
            process = SYSTEM.getProcessCpuTime() - process;
            callers.forEach(Caller::interrupt);
            for (Object lease : leases) {
                pool.release(lease);
            }
            long nanos = after.entrySet().stream()
                    .mapToLong(thread -> thread.getValue() - before.getOrDefault(thread.getKey(), 0L))
                    .sum();
            return List.of(run.millis("cpu", process), run.millis("cpu of threads", nanos));
        }
    }

    /**
     * Of each thread but this, by its id. The JVM's own threads are not among them, which take more than the rest; and it
     * knows the time of the whole process only to within 10 ms.
     */
    private static Map<Long, Long> cpuNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        Map<Long, Long> nanos = new HashMap<>();
        for (long id : threads.getAllThreadIds()) {
            if (id != Thread.currentThread().getId()) {
                nanos.put(id, threads.getThreadCpuTime(id));
            }
        }
        return nanos;
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

        void interrupt() {
            thread.interrupt();
        }
    }
}
