package dev.hatch.benchmarks;

import dev.hatch.pool.jdbc.ResetPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The cases of the benchmark {@code isolation}. */
enum IsolationCase implements PoolCase {
    DUCKDB_SELECT(SelectFork.class, 4, 1, true),
    /** As many callers as processors here, so that what is done on other threads than theirs counts in full. */
    DUCKDB_SELECT_T2(SelectFork.class, 4, 2, true),
    DUCKDB_LEASE(LeaseFork.class, 4, 1, true),
    POSTGRES_RESET(SelectFork.class, 4, 16, true);

    private final Class<?> fork;
    private final int size;
    private final int threads;
    private final boolean quick;

    /**
     * @param fork what measures it
     * @param size of the pool
     * @param quick whether a quick run has it
     */
    IsolationCase(Class<?> fork, int size, int threads, boolean quick) {
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

    @Override
    public BenchDatabase database() throws Exception {
        return this == POSTGRES_RESET ? new PostgresDatabase() : new DuckDbDatabase();
    }

    /** As the database has it. */
    @Override
    public @Nullable ResetPolicy resetPolicy() {
        return null;
    }

    @Override
    public @Nullable String resetByHand() {
        return this == POSTGRES_RESET ? "DISCARD ALL" : null;
    }

    @Override
    public List<ConnectionRival> rivals(boolean quickly) {
        return this == DUCKDB_LEASE
                ? List.of(ConnectionRival.HATCH)
                : List.of(ConnectionRival.HATCH, ConnectionRival.HIKARI);
    }
}
