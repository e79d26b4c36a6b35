package dev.hatch.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Objects;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.health.DataSourceHealthContributorAutoConfiguration;
import org.springframework.boot.jdbc.health.DataSourceHealthIndicator;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

class HatchHealthAutoConfigurationTest {
    private final FakeSource database = new FakeSource();

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    HatchAutoConfiguration.class,
                    HatchHealthAutoConfiguration.class,
                    DataSourceAutoConfiguration.class,
                    DataSourceHealthContributorAutoConfiguration.class))
            .withBean("source", ConnectionPoolCustomizer.class, () -> builder -> builder.source(database))
            .withPropertyValues(
                    "spring.datasource.url=jdbc:fake:orders",
                    "spring.datasource.name=orders",
                    "spring.datasource.hatch.max-open-connections=2");

    private static Health health(ApplicationContext context) {
        return Objects.requireNonNull(
                context.getBean("dbHealthContributor", HealthIndicator.class).health());
    }

    @Test
    void a_pool_that_serves_is_up_and_says_how_much_of_it_is_in_use() {
        application.run(context -> {
            assertThat(context).hasSingleBean(HealthContributor.class);
            Health health = health(context);
            assertThat(health.getStatus()).isEqualTo(Status.UP);
            assertThat(health.getDetails())
                    .containsOnlyKeys(
                            "pool",
                            "busy",
                            "suspended",
                            "inUse",
                            "idle",
                            "waiting",
                            "max",
                            "lastCheck",
                            "latencyMillis",
                            "message")
                    .containsEntry("pool", "orders")
                    .containsEntry("busy", false)
                    .containsEntry("waiting", 0)
                    .containsEntry("max", 2);
            assertThat(Instant.parse((String) health.getDetails().get("lastCheck")))
                    .isAfter(Instant.EPOCH);
        });
    }

    @Test
    void a_busy_pool_is_up_at_once_and_says_that_it_is_busy() {
        application.run(context -> {
            ConnectionPool pool = context.getBean(ConnectionPool.class);
            try (var one = pool.getConnection();
                    var other = pool.getConnection()) {
                assertThat(one).isNotSameAs(other);
                Health health = health(context);
                assertThat(health.getStatus()).isEqualTo(Status.UP);
                assertThat(health.getDetails()).containsEntry("busy", true).containsEntry("inUse", 2);
            }
            assertThat(health(context).getDetails()).containsEntry("busy", false);
        });
    }

    @Test
    void a_broken_database_is_down_with_the_message_until_it_is_back() {
        application.run(context -> {
            database.broken = true;
            Health health = health(context);
            assertThat(health.getStatus()).isEqualTo(Status.DOWN);
            assertThat(health.getDetails()).containsEntry("busy", false);
            assertThat((String) health.getDetails().get("message")).contains("the disk is gone");

            database.broken = false;
            assertThat(health(context).getStatus()).isEqualTo(Status.UP);
        });
    }

    @Test
    void a_suspended_pool_is_not_taken_for_busy() {
        application.run(context -> {
            context.getBean(ConnectionPool.class).suspend();
            Health health = health(context);
            assertThat(health.getStatus()).isEqualTo(Status.UP);
            assertThat(health.getDetails()).containsEntry("busy", false).containsEntry("suspended", true);
        });
    }

    @Test
    void another_data_source_beside_a_pool_is_checked_as_spring_does() {
        application
                .withBean("second", ConnectionPool.class, () -> pool(database))
                .withBean("plain", DataSource.class, SimpleDriverDataSource::new)
                .run(context -> {
                    CompositeHealthContributor db =
                            context.getBean("dbHealthContributor", CompositeHealthContributor.class);
                    assertThat(db.getContributor("second")).isInstanceOf(PoolHealthIndicator.class);
                    assertThat(db.getContributor("plain")).isInstanceOf(DataSourceHealthIndicator.class);
                });
    }

    private static ConnectionPool pool(FakeSource database) {
        try {
            return ConnectionPool.create(
                    ConnectionPoolConfig.builder().dsn("fake").source(database).build());
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void it_is_turned_off_as_springs_own_is() {
        application
                .withPropertyValues("management.health.db.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(HealthContributor.class));
    }
}
