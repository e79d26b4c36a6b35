package dev.hatch.benchmarks;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The cases of the benchmark {@code buffer}. */
enum BufferCase implements PoolCase {
    CYCLE_256(BufferFork.class, 256, 1, false),
    CYCLE_1K(BufferFork.class, 1 << 10, 1, true),
    CYCLE_16K(BufferFork.class, 16 << 10, 1, false),
    CYCLE_1M(BufferFork.class, 1 << 20, 1, false),
    BURST16(BurstFork.class, 1 << 10, 1, true),
    MIXED_T2(MixedFork.class, MixedSizes.LARGEST, 2, false),
    MIXED_T8(MixedFork.class, MixedSizes.LARGEST, 8, true),
    CROSS_THREAD(CrossThreadFork.class, 1 << 10, 2, true),
    VIRTUAL(VirtualBufferFork.class, 1 << 10, 10_000, false),
    OBJECT_T1(CycleFork.class, 0, 1, true),
    OBJECT_T8(CycleFork.class, 0, 8, false);

    private static final int OBJECTS = 32;

    private final Class<?> fork;
    private final int bytes;
    private final int threads;
    private final boolean quick;

    /**
     * @param fork what measures it
     * @param bytes the size of the buffers; 0 for objects
     * @param quick whether a quick run has it
     */
    BufferCase(Class<?> fork, int bytes, int threads, boolean quick) {
        this.fork = fork;
        this.bytes = bytes;
        this.threads = threads;
        this.quick = quick;
    }

    @Override
    public Class<?> fork() {
        return fork;
    }

    @Override
    public @Nullable String missing() {
        return this == VIRTUAL && Runtime.version().feature() < 21 ? "Java 21 or newer" : null;
    }

    /** Of objects: pools of buffers are not told how many. */
    @Override
    public int size() {
        return OBJECTS;
    }

    @Override
    public int bytes() {
        return bytes;
    }

    @Override
    public int threads() {
        return threads;
    }

    /** Where threads have to share the processors, so do the compilers, which take longer. */
    @Override
    public int warmUps(int usual) {
        return threads > Runtime.getRuntime().availableProcessors() ? 4 * usual : usual;
    }

    @Override
    public boolean isQuick() {
        return quick;
    }

    @Override
    public List<? extends PoolRival> rivals(boolean quickly) {
        if (bytes == 0) {
            return ObjectRival.here();
        }
        List<BufferRival> fit = this == VIRTUAL ? BufferRival.FOR_VIRTUAL_THREADS : List.of(BufferRival.values());
        return fit.stream()
                .filter(rival -> !quickly || BufferRival.MAIN.contains(rival))
                .filter(rival -> fork != MixedFork.class || rival.hasAnySize())
                .toList();
    }
}
