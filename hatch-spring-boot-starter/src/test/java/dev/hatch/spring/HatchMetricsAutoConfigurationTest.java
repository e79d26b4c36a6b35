package dev.hatch.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hatch.micrometer.ConnectionPoolMetrics;
import dev.hatch.micrometer.MeterNames;
import dev.hatch.pool.jdbc.ConnectionPool;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.metrics.DataSourcePoolMetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

class HatchMetricsAutoConfigurationTest {
    private final MeterRegistry registry = new SimpleMeterRegistry();

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    HatchAutoConfiguration.class,
                    HatchMetricsAutoConfiguration.class,
                    DataSourceAutoConfiguration.class,
                    MetricsAutoConfiguration.class,
                    CompositeMeterRegistryAutoConfiguration.class,
                    DataSourcePoolMetricsAutoConfiguration.class))
            .withBean("registry", MeterRegistry.class, () -> registry, bean -> bean.setDestroyMethodName(""))
            .withPropertyValues("spring.datasource.url=:memory:", "spring.datasource.name=orders");

    @Test
    void the_pool_has_meters_by_all_names_until_the_application_ends() {
        application.run(context -> {
            try (var held = context.getBean(ConnectionPool.class).getConnection()) {
                assertThat(held.isClosed()).isFalse();
                for (String name : new String[] {"hikaricp.connections.active", "jdbc.connections.active"}) {
                    await().untilAsserted(() ->
                            assertThat(registry.get(name).gauge().value()).isEqualTo(1));
                }
                assertThat(registry.get("db.client.connection.count")
                                .tag("db.client.connection.pool.name", "orders")
                                .meters())
                        .hasSize(2);
            }
            context.close();
            assertThat(registry.find("hikaricp.connections.active").meter()).isNull();
        });
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnMetrics {
        @Bean
        ConnectionPoolMetrics own(ConnectionPool pool) {
            return new ConnectionPoolMetrics(pool, Tags.empty(), Set.of(MeterNames.HIKARI));
        }
    }

    @Test
    void an_application_that_defines_the_metrics_itself_has_those() {
        application.withUserConfiguration(OwnMetrics.class).run(context -> {
            assertThat(context).doesNotHaveBean(HatchMetricsAutoConfiguration.PoolMeters.class);
            assertThat(registry.find("hikaricp.connections.max").meter()).isNotNull();
            assertThat(registry.find("db.client.connection.max").meter()).isNull();
        });
    }

    @Test
    void without_hatch_micrometer_springs_own_meters_are_there() {
        application
                .withClassLoader(new FilteredClassLoader("dev.hatch.micrometer"))
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(registry.get("jdbc.connections.max").gauge().value())
                            .isEqualTo(25);
                    assertThat(registry.find("hikaricp.connections.max").meter())
                            .isNull();
                });
    }
}
