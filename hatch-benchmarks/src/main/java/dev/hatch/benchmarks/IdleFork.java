package dev.hatch.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** One fork with a full pool that nobody uses: how often does its busiest thread wake? Linux counts that. */
final class IdleFork {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private IdleFork() {}

    public static void main(String[] args) {
        PoolRun.main(args, IdleFork::measure);
    }

    static List<Measurement> measure(PoolRun run) throws Exception {
        Set<Thread> threadsBefore = Thread.getAllStackTraces().keySet();
        Set<Path> tasksBefore = LinuxTasks.all();
        BenchPool pool = run.open(TIMEOUT);
        try {
            TimeUnit.NANOSECONDS.sleep(run.settings().warmUp().toNanos());
            Set<Path> tasks = tasksOfThePool(threadsBefore, tasksBefore);
            Map<Path, Long> before = LinuxTasks.switches(tasks);
            TimeUnit.NANOSECONDS.sleep(run.settings().idle().toNanos());
            long most = 0;
            for (Map.Entry<Path, Long> after : LinuxTasks.switches(tasks).entrySet()) {
                most = Math.max(most, after.getValue() - before.getOrDefault(after.getKey(), 0L));
            }
            return List.of(new Measurement(
                    run.title(),
                    "wakes",
                    "wakes/s",
                    Better.LOWER,
                    List.of(most * 1e9 / run.settings().idle().toNanos())));
        } finally {
            pool.close();
        }
    }

    /** Those that are new and not the JVM's own, such as one more for the JIT. */
    private static Set<Path> tasksOfThePool(Set<Thread> threadsBefore, Set<Path> tasksBefore) throws IOException {
        Set<String> names = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !threadsBefore.contains(thread))
                .map(Thread::getName)
                .map(name -> name.substring(0, Math.min(LinuxTasks.NAME_LENGTH, name.length()))
                        .strip())
                .collect(Collectors.toSet());
        Set<Path> tasks = LinuxTasks.all();
        tasks.removeAll(tasksBefore);
        Map<Path, String> found = LinuxTasks.names(tasks);
        found.values().retainAll(names);
        return found.keySet();
    }
}
