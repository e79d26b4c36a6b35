package dev.hatch.spring;

import dev.hatch.pool.jdbc.ConnectionPool;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jdbc.metadata.AbstractDataSourcePoolMetadata;

/** A pool as Spring Boot sees all pools. */
final class PoolMetadata extends AbstractDataSourcePoolMetadata<ConnectionPool> {
    PoolMetadata(ConnectionPool pool) {
        super(pool);
    }

    @Override
    public Integer getActive() {
        return getDataSource().stats().inUse();
    }

    @Override
    public Integer getIdle() {
        return getDataSource().stats().idle();
    }

    @Override
    public Integer getMax() {
        return getDataSource().stats().maxOpenConnections();
    }

    @Override
    public Integer getMin() {
        return getDataSource().stats().minIdleConnections();
    }

    /** Not known: the pool's own check uses it. */
    @Override
    public @Nullable String getValidationQuery() {
        return null;
    }

    /** Not known: it is the driver's. */
    @Override
    public @Nullable Boolean getDefaultAutoCommit() {
        return null;
    }
}
