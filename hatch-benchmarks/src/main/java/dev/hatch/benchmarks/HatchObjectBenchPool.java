package dev.hatch.benchmarks;

import dev.hatch.pool.ObjectPool;

/** Hatch's pool of objects, with its defaults. */
final class HatchObjectBenchPool implements BenchPool {
    private final ObjectPool<Object> pool = ObjectPool.builder(Object::new).build();

    @Override
    public Object acquire() {
        return pool.get();
    }

    @Override
    public void release(Object lease) {
        pool.put(lease);
    }

    @Override
    public void close() {
        pool.close();
    }
}
