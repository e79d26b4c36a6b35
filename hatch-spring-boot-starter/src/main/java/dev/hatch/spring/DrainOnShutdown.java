package dev.hatch.spring;

import dev.hatch.pool.jdbc.ConnectionPool;
import java.time.Duration;
import org.springframework.beans.factory.config.DestructionAwareBeanPostProcessor;

/**
 * Gives leases time to come back before their pool is closed. A pool is closed as its bean is destroyed: after the web server and all else
 * that has a lifecycle was stopped, and after the beans that depend on the pool. As a step of the lifecycle it would be too early for those
 * that use the database in their own destruction.
 */
final class DrainOnShutdown implements DestructionAwareBeanPostProcessor {
    private final Duration drain;

    DrainOnShutdown(Duration drain) {
        this.drain = drain;
    }

    @Override
    public boolean requiresDestruction(Object bean) {
        return bean instanceof ConnectionPool;
    }

    @Override
    public void postProcessBeforeDestruction(Object bean, String beanName) {
        if (bean instanceof ConnectionPool pool) {
            pool.close(drain);
        }
    }
}
