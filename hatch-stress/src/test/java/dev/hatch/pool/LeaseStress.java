package dev.hatch.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.hatch.pool.Pools.StringLease;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Closing leases of a real pool. The invariants are those of docs/design.md, "The engine". */
public final class LeaseStress {
    private LeaseStress() {}

    /** Invariant 1: two closes of one lease return its resource once, so that it can be lent once. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "lent once")
    @Outcome(expect = FORBIDDEN, desc = "lent twice, or lost")
    @State
    public static class CloseAgainstClose {
        private final ResourcePool<String, StringLease> pool = Pools.open(new Pools.Counting(), null);
        private final StringLease lease = pool.tryAcquire().orElseThrow();

        @Actor
        public void one() {
            lease.close();
        }

        @Actor
        public void other() {
            lease.close();
        }

        @Arbiter
        public void after(ZZ_Result r) {
            r.r1 = pool.tryAcquire().isPresent();
            r.r2 = pool.tryAcquire().isPresent();
        }
    }

    /** Invariant 1: a close that is late does not take the resource away from whoever has it by then. */
    @JCStressTest
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "the next holder keeps it")
    @Outcome(expect = FORBIDDEN, desc = "the next holder lost it, or there was nothing to have after a close")
    @State
    public static class CloseAgainstNextHolder {
        private final ResourcePool<String, StringLease> pool = Pools.open(new Pools.Counting(), null);
        private final StringLease lease = pool.tryAcquire().orElseThrow();
        private StringLease next;

        @Actor
        public void one() {
            lease.close();
        }

        @Actor
        public void other(ZZ_Result r) {
            lease.close();
            next = pool.tryAcquire().orElse(null);
            r.r1 = next != null;
        }

        @Arbiter
        public void after(ZZ_Result r) {
            r.r2 = next != null && next.isOpen();
        }
    }
}
