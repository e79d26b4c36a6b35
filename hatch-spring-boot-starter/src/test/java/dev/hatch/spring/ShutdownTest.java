package dev.hatch.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hatch.pool.jdbc.ConnectionPool;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.mock.env.MockEnvironment;

class ShutdownTest {
    private final FakeSource database = new FakeSource();

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(HatchAutoConfiguration.class, DataSourceAutoConfiguration.class))
            .withBean("source", ConnectionPoolCustomizer.class, () -> builder -> builder.source(database))
            .withPropertyValues("spring.datasource.url=jdbc:fake:orders");

    @Test
    void leases_may_come_back_while_nothing_new_is_lent() {
        application.run(context -> {
            ConnectionPool pool = context.getBean(ConnectionPool.class);
            Connection held = pool.getConnection();

            CompletableFuture<Void> closing = CompletableFuture.runAsync(context::close);
            await().untilAsserted(() -> assertThatThrownBy(() -> {
                        try (Connection another = pool.getConnection()) {
                            assertThat(another).isNotNull();
                        }
                    })
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08003")));
            assertThat(closing).isNotDone();
            assertThat(held.isClosed()).isFalse();

            held.close();
            closing.get(10, TimeUnit.SECONDS);
            assertThat(database.cancels).hasValue(0);
        });
    }

    @Test
    void what_is_out_longer_than_the_drain_is_cancelled() {
        application
                .withPropertyValues("spring.datasource.hatch.shutdown-drain=50ms")
                .run(context -> {
                    try (Connection held = context.getBean(ConnectionPool.class).getConnection()) {
                        context.close();
                        await().untilAsserted(
                                        () -> assertThat(database.cancels.get()).isPositive());
                        assertThat(held).isNotNull();
                    }
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class UsesThePoolAtTheEnd {
        static final AtomicReference<Boolean> WAS_OPEN = new AtomicReference<>();

        @Bean
        DisposableBean lastWords(ConnectionPool pool) {
            return () -> {
                try (Connection last = pool.getConnection()) {
                    WAS_OPEN.set(!last.isClosed());
                }
            };
        }
    }

    @Test
    void beans_that_depend_on_the_pool_may_use_it_until_they_are_destroyed() {
        UsesThePoolAtTheEnd.WAS_OPEN.set(null);
        application.withUserConfiguration(UsesThePoolAtTheEnd.class).run(context -> {
            context.close();
            assertThat(UsesThePoolAtTheEnd.WAS_OPEN).hasValue(true);
        });
    }

    @Test
    void the_drain_is_as_long_as_springs_shutdown_phases_unless_it_is_set() {
        MockEnvironment environment = new MockEnvironment();
        assertThat(new HatchSettings(environment).shutdownDrain()).isEqualTo(Duration.ofSeconds(30));

        environment.setProperty("spring.lifecycle.timeout-per-shutdown-phase", "20s");
        assertThat(new HatchSettings(environment).shutdownDrain()).isEqualTo(Duration.ofSeconds(20));

        environment.setProperty("spring.datasource.hatch.shutdown-drain", "5s");
        assertThat(new HatchSettings(environment).shutdownDrain()).isEqualTo(Duration.ofSeconds(5));
    }
}
