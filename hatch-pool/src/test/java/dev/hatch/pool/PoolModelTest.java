package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Lets Lincheck try the interleavings of claims, waits and returns. Every operation returns the same, so what is checked is
 * that none hangs, which a lost wake-up would make it; that none throws, as it does when two hold one resource; and that at
 * the end of each run all places are there. A fault of each kind is planted, and must be found as what it is.
 */
@Tag("once")
final class PoolModelTest {
    private static final Duration FAR = Duration.ofDays(1);

    /** Time stands still, so that slots are freed: one resource, so that two of three threads wait. */
    public static class Freeing {
        private final ResourcePool<Thing, ThingLease> pool = filled(still(ThingLease::new, new ModelQueue()));

        @Operation
        public boolean use() throws InterruptedException {
            try (ThingLease lease = pool.acquire(FAR)) {
                hold(lease.thing());
            }
            return true;
        }

        @Operation
        public boolean useIfFree() throws InterruptedException {
            try (ThingLease lease = pool.acquire(Duration.ZERO)) {
                hold(lease.thing());
            } catch (AcquireTimeoutException e) {
                // Somebody else has it.
            }
            return true;
        }

        @Operation
        public boolean closeTwice() throws InterruptedException {
            ThingLease lease = pool.acquire(FAR);
            hold(lease.thing());
            lease.close();
            lease.close();
            return true;
        }

        @Validate
        public void allPlacesAreThere() {
            requirePlaces(pool);
        }
    }

    /** Time leaps by 3 ms with every look, so that slots are handed over and waiters give up while they are. */
    public static class HandingOver {
        private final ResourcePool<Thing, ThingLease> pool = filled(leaping(ThingLease::new, new ModelQueue()));

        @Operation
        public boolean use() throws InterruptedException {
            try (ThingLease lease = pool.acquire(FAR)) {
                hold(lease.thing());
            }
            return true;
        }

        @Operation
        public boolean useInTime() throws InterruptedException {
            try (ThingLease lease = pool.acquire(Duration.ofMillis(7))) {
                hold(lease.thing());
            } catch (AcquireTimeoutException e) {
                // Others were quicker.
            }
            return true;
        }

        @Operation
        public boolean useInterrupted() {
            Thread.currentThread().interrupt();
            try (ThingLease lease = pool.acquire(FAR)) {
                hold(lease.thing());
            } catch (InterruptedException e) {
                // As asked for.
            } finally {
                Thread.interrupted();
            }
            return true;
        }

        @Validate
        public void allPlacesAreThere() {
            requirePlaces(pool);
        }
    }

    /** Two resources, so that what is freed and what is handed over cross, and a waiter may find another than it was woken for. */
    public static class TwoPlaces {
        private final ResourcePool<Thing, ThingLease> pool =
                filled(leaping(ThingLease::new, new ModelQueue()).maxSize(2));

        @Operation
        public boolean use() throws InterruptedException {
            try (ThingLease lease = pool.acquire(FAR)) {
                hold(lease.thing());
            }
            return true;
        }

        @Operation
        public boolean useBoth() throws InterruptedException {
            try (ThingLease lease = pool.acquire(FAR)) {
                pool.tryAcquire().ifPresent(other -> {
                    hold(other.thing());
                    other.close();
                });
                hold(lease.thing());
            }
            return true;
        }

        @Operation
        public boolean useInTime() throws InterruptedException {
            try (ThingLease lease = pool.acquire(Duration.ofMillis(7))) {
                hold(lease.thing());
            } catch (AcquireTimeoutException e) {
                // Others were quicker.
            }
            return true;
        }

        @Validate
        public void allPlacesAreThere() {
            requirePlaces(pool);
        }
    }

    /** One place of a pool that is suspended and resumed while others want it. */
    public static class Suspending {
        private final ResourcePool<Thing, ThingLease> pool = filled(still(ThingLease::new, new ModelQueue()));

        @Operation
        public boolean use() throws InterruptedException {
            try (ThingLease lease = pool.acquire(FAR)) {
                hold(lease.thing());
            }
            return true;
        }

        @Operation
        public boolean suspendAndResume() {
            pool.suspend();
            pool.resume();
            return true;
        }

        @Validate
        public void allPlacesAreThere() {
            requirePlaces(pool);
        }
    }

    /** A resume that forgets those who wait. */
    public static class ForgottenAtResume {
        private final ResourcePool<Thing, ThingLease> pool = filled(still(ThingLease::new, new ModelQueue() {
            @Override
            void resume() {
                // Whoever has it still believes that nothing is handed over, and nobody woken.
            }
        }));

        @Operation
        public boolean use() throws InterruptedException {
            pool.acquire(FAR).close();
            return true;
        }

        @Operation
        public boolean suspendAndResume() {
            pool.suspend();
            pool.resume();
            return true;
        }
    }

    /** Every other creation fails. Nobody waits: creation is on the caller's thread here. */
    public static class Creating {
        private final ResourcePool<Thing, ThingLease> pool = creating(new Ledger());

        @Operation
        public boolean useOrCreate() {
            pool.tryAcquire().ifPresent(lease -> {
                hold(lease.thing());
                lease.breakIt();
                lease.close();
            });
            return true;
        }

        @Validate
        public void allPlacesAreThere() {
            requirePlaces(pool);
        }
    }

    /** As {@link PlantedFaults.LostWakeUp}. */
    public static class LostWakeUp {
        private final ResourcePool<Thing, ThingLease> pool = filled(still(ThingLease::new, new ModelQueue() {
            @Override
            boolean needsAttention() {
                return false;
            }
        }));

        @Operation
        public boolean use() throws InterruptedException {
            pool.acquire(FAR).close();
            return true;
        }
    }

    /** A waiter that was woken once counts as awake for ever, also when somebody else was quicker and it sleeps again. */
    public static class AwakeForEver {
        private final ResourcePool<Thing, ThingLease> pool = filled(still(ThingLease::new, new ModelQueue() {
            @Override
            Waiter waiter(long sinceNanos, long deadlineNanos) {
                return new ModelWaiter(sinceNanos, deadlineNanos) {
                    @Override
                    void sleepy() {}
                };
            }
        }));

        @Operation
        public boolean use() throws InterruptedException {
            pool.acquire(FAR).close();
            return true;
        }
    }

    /** A waiter that gives up does not look whether it was handed a slot meanwhile. */
    public static class LeftWithASlot {
        private final ResourcePool<Thing, ThingLease> pool = filled(leaping(ThingLease::new, new ModelQueue() {
            @Override
            boolean end(Waiter waiter, Object how) {
                return super.end(waiter, how) || how == Waiter.End.LEFT;
            }
        }));

        @Operation
        public boolean useInterrupted() {
            Thread.currentThread().interrupt();
            try (ThingLease lease = pool.acquire(FAR)) {
                hold(lease.thing());
            } catch (InterruptedException e) {
                // As asked for.
            } finally {
                Thread.interrupted();
            }
            return true;
        }

        @Operation
        public boolean use() throws InterruptedException {
            try (ThingLease lease = pool.acquire(FAR)) {
                hold(lease.thing());
            }
            return true;
        }

        @Validate
        public void allPlacesAreThere() {
            requirePlaces(pool);
        }
    }

    /** With {@link PlantedFaults.DoubleReturn}. */
    public static class DoubleReturn {
        private final ResourcePool<Thing, ThingLease> pool =
                filled(still(PlantedFaults.DoubleReturn::new, new ModelQueue()));

        @Operation
        public boolean closeTwice() throws InterruptedException {
            ThingLease lease = pool.acquire(FAR);
            hold(lease.thing());
            lease.close();
            lease.close();
            return true;
        }
    }

    /** With {@link PlantedFaults.LostPlace}. */
    public static class LostPlace {
        private final ResourcePool<Thing, ThingLease> pool = creating(new PlantedFaults.LostPlace());

        @Operation
        public boolean useOrCreate() {
            pool.tryAcquire().ifPresent(ThingLease::close);
            return true;
        }

        @Validate
        public void allPlacesAreThere() {
            requirePlaces(pool);
        }
    }

    /**
     * Lincheck lets every park return for no reason, which would hide a lost wake-up. It knows monitors better: whoever
     * waits on one and is never notified is a deadlock.
     */
    private static class ModelQueue extends WaitQueue {
        ModelQueue() {
            super(1 << 29);
        }

        @Override
        Waiter waiter(long sinceNanos, long deadlineNanos) {
            return new ModelWaiter(sinceNanos, deadlineNanos);
        }
    }

    private static class ModelWaiter extends Waiter {
        private boolean permit;

        ModelWaiter(long sinceNanos, long deadlineNanos) {
            super(sinceNanos, deadlineNanos);
        }

        /** A deadline that is not far is near: the look at the clock that follows is past it. */
        @Override
        void park(boolean isFar, long nanos) {
            try {
                synchronized (this) {
                    while (!permit && isFar) {
                        wait();
                    }
                    permit = false;
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        void unpark() {
            synchronized (this) {
                permit = true;
                notifyAll();
            }
        }
    }

    private static void hold(Thing thing) {
        if (thing.holders.incrementAndGet() != 1) {
            throw new IllegalStateException("two hold " + thing);
        }
        thing.holders.decrementAndGet();
    }

    private static void requirePlaces(ResourcePool<Thing, ?> pool) {
        if (!pool.hasAllPlaces()) {
            throw new IllegalStateException("a place is lost: " + pool.stats());
        }
    }

    private static ResourcePoolBuilder<Thing, ThingLease> still(
            LeaseFactory<Thing, ThingLease> leases, WaitQueue queue) {
        ResourcePoolBuilder<Thing, ThingLease> settings =
                ResourcePool.builder(new FakeLifecycle(), leases).maxSize(1);
        settings.clock = () -> 0;
        settings.housekeeping = false;
        settings.queue = queue;
        settings.detectsDeadlocks = false;
        return settings;
    }

    private static ResourcePoolBuilder<Thing, ThingLease> leaping(
            LeaseFactory<Thing, ThingLease> leases, WaitQueue queue) {
        ResourcePoolBuilder<Thing, ThingLease> settings = still(leases, queue);
        AtomicLong clock = new AtomicLong();
        settings.clock = () -> clock.addAndGet(3_000_000);
        return settings;
    }

    private static ResourcePool<Thing, ThingLease> filled(ResourcePoolBuilder<Thing, ThingLease> settings) {
        ResourcePool<Thing, ThingLease> pool = settings.build();
        for (int number = 1; number <= settings.maxSize; number++) {
            pool.add(new Thing(number));
        }
        return pool;
    }

    private static ResourcePool<Thing, ThingLease> creating(Ledger ledger) {
        AtomicInteger creations = new AtomicInteger();
        ResourceLifecycle<Thing> everyOther = () -> {
            int number = creations.incrementAndGet();
            if (number % 2 == 1) {
                throw new IllegalStateException("planted");
            }
            return new Thing(number);
        };
        AtomicLong clock = new AtomicLong();
        ResourcePoolBuilder<Thing, ThingLease> settings =
                ResourcePool.builder(everyOther, ThingLease::new).maxSize(1);
        settings.clock = () -> clock.addAndGet(300_000_000);
        settings.housekeeping = false;
        settings.ledger = ledger;
        settings.workers = Runnable::run;
        return settings.build();
    }

    private static void check(Class<?> model, int scenarios, int invocations) {
        new ModelCheckingOptions()
                .threads(3)
                .actorsPerThread(2)
                .actorsBefore(0)
                .actorsAfter(0)
                .minimizeFailedScenario(false)
                .iterations(scenarios)
                .invocationsPerIteration(invocations)
                // Only counts and texts: switching threads within them would take most of the time and show nothing.
                .addGuarantee(forClasses(Waiting.class.getName())
                        .methods("timedOut", "waited")
                        .ignore())
                .addGuarantee(forClasses(Leases.class.getName(), WaitEvent.class.getName(), "jdk.jfr.Event")
                        .allMethods()
                        .ignore())
                .addGuarantee(forClasses(LongAdder.class.getName()).allMethods().treatAsAtomic())
                .check(model);
    }

    @Test
    void no_interleaving_of_frees_hangs_shares_or_loses() {
        check(Freeing.class, 5, 200);
    }

    @Test
    void no_interleaving_of_hand_overs_hangs_shares_or_loses() {
        check(HandingOver.class, 5, 200);
    }

    @Test
    void no_interleaving_of_failing_creations_loses_a_place() {
        check(Creating.class, 5, 200);
    }

    @Test
    void no_interleaving_with_a_suspended_pool_hangs_shares_or_loses() {
        check(Suspending.class, 5, 200);
    }

    @Test
    @Tag("full")
    void no_interleaving_with_a_suspended_pool_hangs_shares_or_loses_in_a_long_run() {
        check(Suspending.class, 100, 5_000);
    }

    @Test
    void a_resume_that_forgets_who_waits_is_found() {
        assertThatThrownBy(() -> check(ForgottenAtResume.class, 10, 500)).hasMessageContaining("deadlock");
    }

    @Test
    void no_interleaving_with_two_places_hangs_shares_or_loses() {
        check(TwoPlaces.class, 5, 200);
    }

    @Test
    @Tag("full")
    void no_interleaving_of_frees_hangs_shares_or_loses_in_a_long_run() {
        check(Freeing.class, 100, 10_000);
    }

    @Test
    @Tag("full")
    void no_interleaving_of_hand_overs_hangs_shares_or_loses_in_a_long_run() {
        check(HandingOver.class, 100, 10_000);
    }

    @Test
    @Tag("full")
    void no_interleaving_of_failing_creations_loses_a_place_in_a_long_run() {
        check(Creating.class, 100, 10_000);
    }

    @Test
    @Tag("full")
    void no_interleaving_with_two_places_hangs_shares_or_loses_in_a_long_run() {
        check(TwoPlaces.class, 100, 10_000);
    }

    @Test
    void a_lost_wake_up_is_found() {
        assertThatThrownBy(() -> check(LostWakeUp.class, 10, 500)).hasMessageContaining("deadlock");
    }

    @Test
    void a_waiter_that_is_believed_awake_is_found() {
        assertThatThrownBy(() -> check(AwakeForEver.class, 10, 1_000)).hasMessageContaining("deadlock");
    }

    @Test
    void a_waiter_that_leaves_with_a_slot_is_found() {
        assertThatThrownBy(() -> check(LeftWithASlot.class, 10, 1_000)).isInstanceOf(AssertionError.class);
    }

    @Test
    void a_double_return_is_found() {
        assertThatThrownBy(() -> check(DoubleReturn.class, 10, 1_000))
                .hasMessageMatching(
                        "(?s).*(two hold thing 1|used after its close|LeaseClosedException|a claim is good for one).*");
    }

    @Test
    void a_place_lost_when_creation_fails_is_found() {
        assertThatThrownBy(() -> check(LostPlace.class, 10, 100)).hasMessageContaining("a place is lost");
    }
}
