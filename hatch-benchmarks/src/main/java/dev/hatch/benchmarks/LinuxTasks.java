package dev.hatch.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What Linux counts of each thread of this process. There is nothing of one that has ended. */
final class LinuxTasks {
    static final Path FOLDER = Path.of("/proc/self/task");

    /** As much of a thread's name as Linux keeps. */
    static final int NAME_LENGTH = 15;

    private static final String SWITCHES = "voluntary_ctxt_switches:";

    private LinuxTasks() {}

    private interface Read<T> {
        T from(Path task) throws IOException;
    }

    static Set<Path> all() throws IOException {
        try (Stream<Path> tasks = Files.list(FOLDER)) {
            return tasks.collect(Collectors.toSet());
        }
    }

    static Map<Path, String> names(Set<Path> tasks) {
        return read(tasks, task -> Files.readString(task.resolve("comm")).strip());
    }

    /** How often each gave up its processor, to wait for something. */
    static Map<Path, Long> switches(Set<Path> tasks) {
        return read(tasks, task -> {
            String line = Files.readAllLines(task.resolve("status")).stream()
                    .filter(found -> found.startsWith(SWITCHES))
                    .findFirst()
                    .orElseThrow();
            return Long.parseLong(line.substring(SWITCHES.length()).strip());
        });
    }

    private static <T> Map<Path, T> read(Set<Path> tasks, Read<T> read) {
        Map<Path, T> found = new HashMap<>();
        for (Path task : tasks) {
            try {
                found.put(task, read.from(task));
            } catch (IOException e) {
                // It has ended.
            }
        }
        return found;
    }
}
