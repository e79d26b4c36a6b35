package dev.hatch.benchmarks;

import java.util.List;

/** The cases of the benchmark {@code record}. */
enum RecordCase implements PoolCase {
    ROWS,
    ROWS_BY_NUMBER,
    ROWS_UNSAFE,
    BULK,
    HANDOVER,
    EVERYDAY;

    @Override
    public Class<?> fork() {
        return RecordFork.class;
    }

    /** Of rows in a batch. */
    @Override
    public int size() {
        return RecordData.ROWS;
    }

    @Override
    public int threads() {
        return 1;
    }

    @Override
    public boolean isQuick() {
        return true;
    }

    @Override
    public List<String> flags() {
        return List.of("-Darrow.enable_unsafe_memory_access=" + (this == ROWS_UNSAFE));
    }

    @Override
    public List<? extends PoolRival> rivals(boolean quick) {
        return List.of(RecordRival.values());
    }
}
