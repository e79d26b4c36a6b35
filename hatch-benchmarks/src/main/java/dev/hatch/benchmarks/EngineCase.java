package dev.hatch.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The cases of the benchmark {@code engine}. */
enum EngineCase {
    CYCLE_T1(CycleFork.class, 32, 1, true),
    CYCLE_T2(CycleFork.class, 32, 2, false),
    CYCLE_T8(CycleFork.class, 32, 8, true),
    CYCLE_T32(CycleFork.class, 32, 32, false),
    CONTENDED_T8(CycleFork.class, 2, 8, true);

    private final Class<?> fork;
    private final int size;
    private final int threads;
    private final boolean quick;

    /**
     * @param fork what measures it
     * @param size of the pool
     * @param quick whether a quick run has it
     */
    EngineCase(Class<?> fork, int size, int threads, boolean quick) {
        this.fork = fork;
        this.size = size;
        this.threads = threads;
        this.quick = quick;
    }

    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    Class<?> fork() {
        return fork;
    }

    int size() {
        return size;
    }

    int threads() {
        return threads;
    }

    boolean isQuick() {
        return quick;
    }

    List<EngineRival> rivals() {
        return Stream.of(EngineRival.values()).filter(EngineRival::runsHere).toList();
    }
}
