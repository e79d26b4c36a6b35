package dev.hatch.spring;

import dev.hatch.micrometer.ConnectionPoolMetrics;
import dev.hatch.pool.jdbc.ConnectionPool;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;

/**
 * Registers the meters of each pool, by all names, if hatch-micrometer is on the class path. An application that defines
 * {@link ConnectionPoolMetrics} itself has those instead.
 */
@AutoConfiguration(
        after = {HatchAutoConfiguration.class, DataSourceAutoConfiguration.class},
        afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass({ConnectionPoolMetrics.class, MeterRegistry.class})
@ConditionalOnBean({ConnectionPool.class, MeterRegistry.class})
public final class HatchMetricsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(ConnectionPoolMetrics.class)
    PoolMeters hatchPoolMeters(ObjectProvider<ConnectionPool> pools) {
        return new PoolMeters(
                pools.orderedStream().map(ConnectionPoolMetrics::new).toList());
    }

    record PoolMeters(List<ConnectionPoolMetrics> all) implements MeterBinder, AutoCloseable {
        @Override
        public void bindTo(MeterRegistry registry) {
            all.forEach(one -> one.bindTo(registry));
        }

        @Override
        public void close() {
            all.forEach(ConnectionPoolMetrics::close);
        }
    }
}
