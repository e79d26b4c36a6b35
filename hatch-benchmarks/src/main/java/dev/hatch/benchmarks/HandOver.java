package dev.hatch.benchmarks;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One array at a time on its way from one thread to another. Allocates nothing, and waits without parking. */
final class HandOver {
    private static final int SPINS = 1_000;

    private final AtomicReference<Object @Nullable []> array = new AtomicReference<>();
    private volatile @Nullable Throwable failure;

    /** Waits until there is room. */
    void put(Object[] given) {
        for (int spins = 0; array.get() != null; spins++) {
            spin(spins);
        }
        array.set(given);
    }

    /** Waits until there is one. */
    Object[] take() {
        Object[] taken = array.get();
        for (int spins = 0; taken == null; spins++) {
            spin(spins);
            taken = array.get();
        }
        array.set(null);
        return taken;
    }

    /** Ends all waits: one of the threads has failed. */
    void fail(Throwable why) {
        failure = why;
    }

    /** Both threads have a processor, or one has to let the other run. */
    @SuppressWarnings("ThreadPriorityCheck")
    private void spin(int spins) {
        if (spins < SPINS) {
            Thread.onSpinWait();
            return;
        }
        Throwable why = failure;
        if (why != null) {
            throw new IllegalStateException("the other thread has failed", why);
        }
        Thread.yield();
    }
}
