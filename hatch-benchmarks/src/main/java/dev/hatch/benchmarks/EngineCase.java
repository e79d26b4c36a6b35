package dev.hatch.benchmarks;

import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The cases of the benchmark {@code engine}. */
enum EngineCase implements PoolCase {
    CYCLE_T1(CycleFork.class, 32, 1, true),
    CYCLE_T2(CycleFork.class, 32, 2, false),
    CYCLE_T8(CycleFork.class, 32, 8, true),
    CYCLE_T32(CycleFork.class, 32, 32, false),
    CONTENDED_T8(CycleFork.class, 2, 8, true),
    HOLD_T8(HoldFork.class, 4, 8, false),
    HOLD_T32(HoldFork.class, 4, 32, true),
    HOLD_T64(HoldFork.class, 4, 64, false),
    HOLD_T256(HoldFork.class, 4, 256, false),
    VIRTUAL(VirtualFork.class, 16, 10_000, true),
    PARKED(ParkedFork.class, 1, 100, false),
    IDLE(IdleFork.class, 32, 0, false);

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

    @Override
    public Class<?> fork() {
        return fork;
    }

    @Override
    public @Nullable String missing() {
        if (this == VIRTUAL && Runtime.version().feature() < 21) {
            return "Java 21 or newer";
        }
        return this == IDLE && !Files.isDirectory(LinuxTasks.FOLDER) ? "Linux's " + LinuxTasks.FOLDER : null;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public int threads() {
        return threads;
    }

    @Override
    public boolean isQuick() {
        return quick;
    }

    /** Where others wait, too, the pools of connections, which are what such a service would use. */
    @Override
    public List<EngineRival> rivals(boolean quickly) {
        return Stream.of(EngineRival.values())
                .filter(rival -> rival.runsHere() && (fork == CycleFork.class || rival.isForServices()))
                .toList();
    }
}
