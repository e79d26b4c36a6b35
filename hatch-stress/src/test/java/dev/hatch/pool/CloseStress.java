package dev.hatch.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.hatch.pool.Pools.Counting;
import dev.hatch.pool.Pools.StringLease;
import dev.hatch.pool.Pools.WatchedQueue;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Closing a pool that is in use: docs/design.md, "Close". */
public final class CloseStress {
    private CloseStress() {}

    /** What is freed while the pool closes is destroyed once, by whoever freed it or by the close. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "destroyed once")
    @Outcome(expect = FORBIDDEN, desc = "leaked, or destroyed twice")
    @State
    public static class CloseAgainstReturn {
        private static final long LONGEST_NANOS = 2_000_000_000;

        private final Counting lifecycle = new Counting();
        private final ResourcePool<String, StringLease> pool = Pools.open(lifecycle, null);
        private final StringLease lease = pool.tryAcquire().orElseThrow();

        @Actor
        public void closer() {
            pool.close(Duration.ZERO);
        }

        @Actor
        public void releaser() {
            lease.close();
        }

        @Arbiter
        public void after(II_Result r) {
            // A worker destroys it.
            long start = System.nanoTime();
            while (lifecycle.destroyed.get() == 0 && System.nanoTime() - start < LONGEST_NANOS) {
                Thread.onSpinWait();
            }
            r.r1 = lifecycle.destroyed.get();
            r.r2 = pool.stats().open();
        }
    }

    /** One who announced himself before the close, and may not yet have stood in the queue, is told of it. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "told at once")
    @Outcome(expect = FORBIDDEN, desc = "lent something, or left asleep")
    @State
    public static class CloseAgainstAcquire {
        private final WatchedQueue queue = new WatchedQueue();
        private final ResourcePool<String, StringLease> pool = Pools.open(new Counting(), queue);
        private final StringLease lease = pool.tryAcquire().orElseThrow();

        @Actor
        public void closer() {
            pool.close(Duration.ZERO);
        }

        @Actor
        public void caller(ZZ_Result r) {
            try {
                Pools.acquire(pool);
            } catch (PoolClosedException e) {
                r.r1 = true;
            }
        }

        @Arbiter
        public void after(ZZ_Result r) {
            r.r2 = queue.wasForgotten();
            lease.close();
        }
    }
}
