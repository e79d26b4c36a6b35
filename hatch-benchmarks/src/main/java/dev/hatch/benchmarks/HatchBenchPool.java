package dev.hatch.benchmarks;

import dev.hatch.pool.Claim;
import dev.hatch.pool.Lease;
import dev.hatch.pool.ResourceLifecycle;
import dev.hatch.pool.ResourcePool;
import java.time.Duration;

/** Hatch's engine. */
final class HatchBenchPool implements BenchPool {
    private final ResourcePool<Object, ThingLease> pool;

    HatchBenchPool(int size, Duration timeout) {
        ResourceLifecycle<Object> things = Object::new;
        pool = ResourcePool.builder(things, ThingLease::new)
                .name("engine")
                .maxSize(size)
                .minIdle(size)
                .acquireTimeout(timeout)
                .build();
    }

    private static final class ThingLease extends Lease<Object> {
        ThingLease(Claim<Object> claim) {
            super(claim);
        }
    }

    @Override
    public Object acquire() throws InterruptedException {
        return pool.acquire();
    }

    @Override
    public void release(Object lease) {
        ((ThingLease) lease).close();
    }

    @Override
    public void close() {
        pool.close();
    }
}
