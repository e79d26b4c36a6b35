package dev.hatch.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One fork with a full pool that nobody uses: how often does its busiest thread wake? Linux counts that. */
final class IdleFork {
    static final Path TASKS = Path.of("/proc/self/task");

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final String SWITCHES = "voluntary_ctxt_switches:";

    /** As much of a thread's name as Linux keeps. */
    private static final int NAME_LENGTH = 15;

    private IdleFork() {}

    public static void main(String[] args) {
        EngineFork.main(args, IdleFork::measure);
    }

    static List<Measurement> measure(EngineRival rival, EngineCase benchmarkCase, EngineSettings settings)
            throws Exception {
        Set<Thread> threadsBefore = Thread.getAllStackTraces().keySet();
        Set<Path> tasksBefore = tasks();
        BenchPool pool = rival.open(benchmarkCase.size(), TIMEOUT);
        try {
            TimeUnit.NANOSECONDS.sleep(settings.warmUp().toNanos());
            Map<Path, Long> before = switches(threadsOfThePool(threadsBefore, tasksBefore));
            TimeUnit.NANOSECONDS.sleep(settings.idle().toNanos());
            long most = 0;
            for (Map.Entry<Path, Long> after : switches(before.keySet()).entrySet()) {
                most = Math.max(most, after.getValue() - before.getOrDefault(after.getKey(), 0L));
            }
            return List.of(new Measurement(
                    benchmarkCase.title(),
                    "wakes",
                    "wakes/s",
                    Better.LOWER,
                    List.of(most * 1e9 / settings.idle().toNanos())));
        } finally {
            pool.close();
        }
    }

    /** Those that are new and not the JVM's own, such as one more for the JIT. */
    private static Set<Path> threadsOfThePool(Set<Thread> threadsBefore, Set<Path> tasksBefore) throws IOException {
        Set<String> names = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !threadsBefore.contains(thread))
                .map(thread -> thread.getName()
                        .substring(0, Math.min(NAME_LENGTH, thread.getName().length())))
                .collect(Collectors.toSet());
        Set<Path> tasks = tasks();
        tasks.removeAll(tasksBefore);
        tasks.retainAll(withNames(tasks, names));
        return tasks;
    }

    private static Set<Path> tasks() throws IOException {
        try (Stream<Path> tasks = Files.list(TASKS)) {
            return tasks.collect(Collectors.toSet());
        }
    }

    private static Set<Path> withNames(Set<Path> tasks, Set<String> names) throws IOException {
        Map<Path, String> found = new HashMap<>();
        for (Path task : tasks) {
            try {
                found.put(task, Files.readString(task.resolve("comm")).strip());
            } catch (NoSuchFileException e) {
                // It has ended.
            }
        }
        found.values().retainAll(names);
        return found.keySet();
    }

    private static Map<Path, Long> switches(Set<Path> tasks) throws IOException {
        Map<Path, Long> switches = new HashMap<>();
        for (Path task : tasks) {
            try {
                for (String line : Files.readAllLines(task.resolve("status"))) {
                    if (line.startsWith(SWITCHES)) {
                        switches.put(
                                task,
                                Long.parseLong(line.substring(SWITCHES.length()).strip()));
                    }
                }
            } catch (NoSuchFileException e) {
                // It has ended.
            }
        }
        return switches;
    }
}
