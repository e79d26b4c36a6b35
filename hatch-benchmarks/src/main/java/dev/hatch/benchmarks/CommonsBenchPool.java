package dev.hatch.benchmarks;

import java.time.Duration;
import org.apache.commons.pool2.BasePooledObjectFactory;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.impl.DefaultPooledObject;
import org.apache.commons.pool2.impl.GenericObjectPool;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;

/** The pool of commons-pool2. */
final class CommonsBenchPool implements BenchPool {
    private final GenericObjectPool<Object> pool;

    CommonsBenchPool(int size, Duration timeout) {
        GenericObjectPoolConfig<Object> config = new GenericObjectPoolConfig<>();
        config.setMaxTotal(size);
        config.setMaxIdle(size);
        config.setMinIdle(size);
        config.setBlockWhenExhausted(true);
        config.setMaxWait(timeout);
        pool = new GenericObjectPool<>(new Things(), config);
    }

    private static final class Things extends BasePooledObjectFactory<Object> {
        @Override
        public Object create() {
            return new Object();
        }

        @Override
        public PooledObject<Object> wrap(Object thing) {
            return new DefaultPooledObject<>(thing);
        }
    }

    @Override
    public Object acquire() throws Exception {
        return pool.borrowObject();
    }

    @Override
    public void release(Object lease) {
        pool.returnObject(lease);
    }

    @Override
    public void close() {
        pool.close();
    }
}
