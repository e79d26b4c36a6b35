package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What users do wrong costs them an exception, and nobody else anything. */
@Timeout(60)
final class UserFaultsTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final FakeLifecycle lifecycle = new FakeLifecycle();
    private ResourcePool<Thing, ThingLease> pool = settings().build();

    private ResourcePoolBuilder<Thing, ThingLease> settings() {
        return ResourcePool.builder(lifecycle, ThingLease::new).name("test").maxSize(1);
    }

    @AfterEach
    void everything_is_accounted_for() {
        assertThat(pool.close(Duration.ofSeconds(10)).isClean()).isTrue();
        await().until(() -> lifecycle.destroyed.get() == lifecycle.created.get());
    }

    @Test
    void a_factory_that_closes_its_lease_and_throws_frees_nobody_elses() throws Exception {
        pool.close();
        AtomicReference<Optional<ThingLease>> others = new AtomicReference<>(Optional.empty());
        AtomicReference<ResourcePool<Thing, ThingLease>> itself = new AtomicReference<>();
        boolean[] fails = {false};
        pool = ResourcePool.builder(lifecycle, (Claim<Thing> claim) -> {
                    ThingLease lease = new ThingLease(claim);
                    if (fails[0]) {
                        fails[0] = false;
                        lease.close();
                        others.set(itself.get().tryAcquire());
                        throw new IllegalStateException("no lease");
                    }
                    return lease;
                })
                .maxSize(1)
                .build();
        itself.set(pool);
        pool.acquire(LONG).close();
        fails[0] = true;
        assertThatThrownBy(() -> pool.acquire(LONG)).hasMessage("no lease");
        ThingLease other = others.get().orElseThrow();
        assertThat(other.isOpen()).isTrue();
        assertThat(pool.tryAcquire()).isEmpty();
        other.close();
    }

    @Test
    void two_threads_that_close_one_broken_lease_both_succeed_and_it_is_destroyed_once() throws Exception {
        CyclicBarrier together = new CyclicBarrier(2);
        for (int i = 0; i < 2_000; i++) {
            ThingLease lease = pool.acquire(LONG);
            lease.breakIt();
            FutureTask<Void> other = new FutureTask<>(() -> {
                together.await();
                lease.close();
                return null;
            });
            new Thread(other).start();
            together.await();
            lease.close();
            other.get();
        }
        assertThat(pool.stats().destroyedBy()).containsEntry(DestroyReason.BROKEN, 2_000L);
    }

    @Test
    void a_reset_that_was_interrupted_leaves_the_thread_interrupted() throws Exception {
        lifecycle.failReset = new InterruptedException("planted");
        ThingLease lease = pool.acquire(LONG);
        lease.thing().dirty = true;
        lease.close();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void a_builder_that_is_used_again_leaves_the_pools_that_it_built_alone() {
        ResourcePoolBuilder<Thing, ThingLease> settings = settings();
        pool.close();
        pool = settings.build();
        settings.name("another").maxSize(9);
        assertThat(pool.name()).isEqualTo("test");
    }

    @Test
    void a_listener_that_throws_is_not_heard_of() throws Exception {
        pool.close();
        pool = settings()
                .listener(new PoolListener() {
                    @Override
                    public void created(String resource) {
                        throw new LinkageError("planted");
                    }

                    @Override
                    public void destroyed(String resource, DestroyReason reason) {
                        throw new IllegalStateException("planted");
                    }
                })
                .build();
        ThingLease lease = pool.acquire(LONG);
        lease.breakIt();
        lease.close();
        pool.acquire(LONG).close();
    }

    @Test
    void a_factory_that_gives_no_lease_costs_no_place() {
        pool.close();
        pool = ResourcePool.builder(lifecycle, (Claim<Thing> claim) -> noLease())
                .maxSize(1)
                .build();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> pool.acquire(LONG))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("the lease factory returned null");
            assertThatThrownBy(() -> pool.tryAcquire()).isInstanceOf(NullPointerException.class);
        }
        assertThat(pool.stats().idle()).isEqualTo(1);
    }

    @SuppressWarnings("NullAway") // The fault.
    private static ThingLease noLease() {
        return null;
    }

    @Test
    void a_claim_that_was_kept_makes_no_second_lease() throws Exception {
        pool.close();
        AtomicReference<Claim<Thing>> kept = new AtomicReference<>();
        pool = ResourcePool.builder(lifecycle, (Claim<Thing> claim) -> {
                    kept.set(claim);
                    return new ThingLease(claim);
                })
                .maxSize(1)
                .build();
        pool.acquire(LONG).close();
        assertThatThrownBy(() -> new ThingLease(kept.get()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("a claim is good for one lease");
        assertThat(pool.stats().idle()).isEqualTo(1);
    }

    @Test
    void what_needs_reset_throws_without_declaring_it_costs_no_place() throws Exception {
        pool.close();
        ResourceLifecycle<Thing> sneaky = new ResourceLifecycle<>() {
            @Override
            public Thing create() {
                return new Thing(lifecycle.created.incrementAndGet());
            }

            @Override
            public boolean needsReset(Thing thing) {
                throw UserFaultsTest.<RuntimeException>undeclared(new Exception("planted"));
            }

            @Override
            public void destroy(Thing thing) throws Exception {
                lifecycle.destroy(thing);
            }
        };
        pool = ResourcePool.builder(sneaky, ThingLease::new).maxSize(1).build();
        pool.acquire(LONG).close();
        assertThat(pool.stats().destroyedBy()).containsEntry(DestroyReason.RESET_FAILED, 1L);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // As Lombok and Kotlin do it.
    private static <T extends Throwable> T undeclared(Exception e) throws T {
        throw (T) e;
    }
}
