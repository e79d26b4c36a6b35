package dev.hatch.spring;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;

/**
 * A bean that sets what has no text, such as a listener or a supplier of credentials, before the pool is made. It comes after the
 * properties, so what it sets is in effect.
 */
@FunctionalInterface
public interface ConnectionPoolCustomizer {
    /** Changes the settings of the pool that is about to be made. */
    void customize(ConnectionPoolConfig.Builder builder);
}
