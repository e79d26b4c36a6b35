package dev.hatch.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/** The cases of the benchmark {@code connection}. */
enum ConnectionCase implements PoolCase {
    CYCLE_T1(CycleFork.class, 32, 1, true),
    CYCLE_T2(CycleFork.class, 32, 2, false),
    CYCLE_T8(CycleFork.class, 32, 8, true),
    CYCLE_T32(CycleFork.class, 32, 32, false),
    STATEMENT_T1(StatementFork.class, 32, 1, true),
    STATEMENT_T8(StatementFork.class, 32, 8, false),
    CONTENDED_T8(CycleFork.class, 2, 8, true),
    /** The limits that Hatch has unless it is told otherwise, and as many callers as connections. */
    SEED_DEFAULTS(ParkedHoldFork.class, 25, 25, true),
    POSTGRES(SelectFork.class, 4, 16, false),
    /** What it costs to know what the pool does: with meters and all that watches leases, and with nothing of it. */
    OBSERVED_T1(CycleFork.class, 32, 1, false),
    OBSERVED_T8(CycleFork.class, 32, 8, false);

    private final Class<?> fork;
    private final int size;
    private final int threads;
    private final boolean quick;

    /**
     * @param fork what measures it
     * @param size of the pool
     * @param quick whether a quick run has it
     */
    ConnectionCase(Class<?> fork, int size, int threads, boolean quick) {
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
    public int idle() {
        return this == SEED_DEFAULTS ? 5 : size;
    }

    @Override
    public BenchDatabase database() throws IOException {
        return this == POSTGRES ? new PostgresDatabase() : new StubDatabase();
    }

    @Override
    public boolean isObserved() {
        return this == OBSERVED_T1 || this == OBSERVED_T8;
    }

    /** All where threads do not wait; the fastest where they do, and in a quick run. */
    @Override
    public List<ConnectionRival> rivals(boolean quickly) {
        if (isObserved()) {
            return List.of(ConnectionRival.HATCH, ConnectionRival.HATCH_UNOBSERVED);
        }
        boolean all = !quickly && threads <= size && this != SEED_DEFAULTS;
        return Stream.of(ConnectionRival.values())
                .filter(rival -> rival != ConnectionRival.HATCH_UNOBSERVED)
                .filter(rival -> all || rival.isMain())
                .toList();
    }
}
