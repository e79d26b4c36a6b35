package dev.hatch.benchmarks;

import dev.hatch.pool.jdbc.ResetPolicy;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One case of a benchmark of pools: an enum for each benchmark. */
interface PoolCase {
    /** Of the enum. */
    String name();

    /** Of the enum. */
    Class<?> getDeclaringClass();

    default String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The class whose {@code main} measures it. */
    Class<?> fork();

    /** The most that the pool holds. */
    int size();

    /** The most that Hatch's pool of connections keeps while they are not used. */
    default int idle() {
        return size();
    }

    /** The size of the buffers that are taken: of all, or of the largest. */
    default int bytes() {
        return 0;
    }

    int threads();

    /** Windows before those that count, of so many that the benchmark has. */
    default int warmUps(int usual) {
        return usual;
    }

    /** What Hatch's pool of connections undoes; null for all that the database lets it. Default: what its rivals undo, too. */
    default @Nullable ResetPolicy resetPolicy() {
        return ResetPolicy.ATTRIBUTES;
    }

    /** Whether Hatch's pool of connections has meters. */
    default boolean isObserved() {
        return false;
    }

    /** What the users of other pools run before they give a connection back; null for nothing. */
    default @Nullable String resetByHand() {
        return null;
    }

    /** Of the JVMs of its forks, beside those of its rivals. */
    default List<String> flags() {
        return List.of();
    }

    /** Whether a quick run has it. */
    boolean isQuick();

    /** What it needs and is not here; null if nothing. */
    default @Nullable String missing() {
        return null;
    }

    /** Who is compared: all, or those of a quick run. */
    List<? extends PoolRival> rivals(boolean quick);

    /** Starts what pools of connections are to connect to. */
    default BenchDatabase database() throws Exception {
        return new StubDatabase();
    }
}
