package dev.hatch.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import com.zaxxer.hikari.HikariDataSource;
import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadata;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

class HatchAutoConfigurationTest {
    private final FakeSource database = new FakeSource();

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    HatchAutoConfiguration.class,
                    DataSourceAutoConfiguration.class,
                    JdbcTemplateAutoConfiguration.class));

    /** On the fake, which shows with what settings it was opened. */
    private ApplicationContextRunner fake() {
        Supplier<ConnectionPoolCustomizer> source = () -> builder -> builder.source(database);
        return application
                .withPropertyValues("spring.datasource.url=jdbc:fake:orders")
                .withBean("source", ConnectionPoolCustomizer.class, source);
    }

    private ConnectionPoolConfig settings() {
        return Objects.requireNonNull(database.config);
    }

    @Test
    void an_application_with_a_url_of_duckdb_gets_a_pool_on_it() {
        for (String url : new String[] {"jdbc:duckdb:", ":memory:"}) {
            application
                    .withPropertyValues("spring.datasource.url=" + url, "spring.datasource.name=orders")
                    .run(context -> {
                        assertThat(context).hasSingleBean(DataSource.class).hasSingleBean(ConnectionPool.class);
                        assertThat(context.getBean(ConnectionPool.class).name()).isEqualTo("orders");
                        assertThat(context.getBean(JdbcTemplate.class).queryForObject("SELECT 40 + 2", Integer.class))
                                .isEqualTo(42);
                    });
        }
    }

    @Test
    void settings_are_taken_in_each_of_springs_spellings() {
        fake().withPropertyValues(
                        "spring.datasource.username=sally",
                        "spring.datasource.password=secret",
                        "spring.datasource.hatch.max-open-connections=7",
                        "spring.datasource.hatch.connectionTimeout=3s",
                        "spring.datasource.hatch.min_idle_connections=2",
                        "spring.datasource.hatch.reset-policy=replace",
                        "spring.datasource.hatch.name=mine",
                        "spring.datasource.hatch.driver-properties.sslmode=require",
                        "spring.datasource.hatch.driver-properties.ApplicationName=orders",
                        "spring.datasource.hatch.driver-properties[a.b]=c",
                        "spring.datasource.name=other")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(settings().dsn()).isEqualTo("jdbc:fake:orders");
                    assertThat(settings().name()).isEqualTo("mine");
                    assertThat(settings().maxOpenConnections()).isEqualTo(7);
                    assertThat(settings().minIdleConnections()).isEqualTo(2);
                    assertThat(settings().connectionTimeout()).isEqualTo(Duration.ofSeconds(3));
                    assertThat(settings().driverProperties())
                            .containsOnly(
                                    entry("sslmode", "require"), entry("ApplicationName", "orders"), entry("a.b", "c"));
                    assertThat(Objects.requireNonNull(settings().credentials()).get())
                            .satisfies(credentials ->
                                    assertThat(credentials.user()).isEqualTo("sally"))
                            .satisfies(credentials ->
                                    assertThat(credentials.password()).isEqualTo("secret"));
                });
    }

    @Test
    void the_environment_wins_over_a_file() {
        fake().withPropertyValues("spring.datasource.hatch.max-open-connections=7")
                .withInitializer(context -> context.getEnvironment()
                        .getPropertySources()
                        .addFirst(new SystemEnvironmentPropertySource(
                                "systemEnvironment",
                                Map.of(
                                        "SPRING_DATASOURCE_HATCH_MAXOPENCONNECTIONS", "9",
                                        "SPRING_DATASOURCE_HATCH_MAX_IDLE_CONNECTIONS", "4"))))
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(settings().maxOpenConnections()).isEqualTo(9);
                    assertThat(settings().maxIdleConnections()).isEqualTo(4);
                });
    }

    @Test
    void a_wrong_key_is_an_error_that_suggests_the_nearest_and_does_not_quote_the_value() {
        fake().withPropertyValues("spring.datasource.hatch.max-open-conections=s3cret")
                .run(context -> {
                    Throwable failure = rootOf(context.getStartupFailure());
                    assertThat(failure)
                            .hasMessageContaining("'spring.datasource.hatch.max-open-conections'")
                            .hasMessageContaining("did you mean maxOpenConnections?")
                            .hasMessageNotContaining("s3cret");
                    FailureAnalysis analysis = new HatchSettingFailureAnalyzer().analyze(context.getStartupFailure());
                    assertThat(Objects.requireNonNull(analysis).getDescription())
                            .contains("did you mean maxOpenConnections?");
                });
    }

    @Test
    void a_wrong_value_is_an_error_that_quotes_it() {
        fake().withPropertyValues("spring.datasource.hatch.connection-timeout=soon")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .satisfies(root -> assertThat(rootMessages(context.getStartupFailure()))
                                .contains("'spring.datasource.hatch.connection-timeout'")
                                .contains("connectionTimeout is 'soon'")));
    }

    @Test
    void what_spring_has_a_property_for_is_said_there() {
        fake().withPropertyValues("spring.datasource.hatch.password=s3cret")
                .run(context -> assertThat(rootMessages(context.getStartupFailure()))
                        .contains("say 'spring.datasource.password'")
                        .doesNotContain("s3cret"));
    }

    private static Throwable rootOf(Throwable failure) {
        Throwable found = failure;
        while (!(found instanceof HatchSettingException)) {
            found = Objects.requireNonNull(found.getCause());
        }
        return found;
    }

    private static String rootMessages(Throwable failure) {
        return rootOf(failure).getMessage();
    }

    @Test
    void without_a_url_spring_says_what_is_missing() {
        application
                .withClassLoader(new FilteredClassLoader("org.h2", "org.hsqldb"))
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("Failed to determine suitable jdbc url"));
    }

    @Test
    void connection_details_of_a_service_come_before_the_properties() {
        fake().withBean(JdbcConnectionDetails.class, () -> new JdbcConnectionDetails() {
                    @Override
                    public String getUsername() {
                        return "container";
                    }

                    @Override
                    public String getPassword() {
                        return "";
                    }

                    @Override
                    public String getJdbcUrl() {
                        return "jdbc:fake:container";
                    }
                })
                .run(context -> {
                    assertThat(context).hasSingleBean(JdbcConnectionDetails.class);
                    assertThat(settings().dsn()).isEqualTo("jdbc:fake:container");
                    assertThat(Objects.requireNonNull(settings().credentials())
                                    .get()
                                    .user())
                            .isEqualTo("container");
                });
    }

    @Test
    void the_users_own_data_source_is_left_alone() {
        DataSource own = new SimpleDriverDataSource();
        application
                .withBean("own", DataSource.class, () -> own)
                .run(context -> assertThat(context)
                        .hasSingleBean(DataSource.class)
                        .doesNotHaveBean(ConnectionPool.class)
                        .getBean(DataSource.class)
                        .isSameAs(own));
    }

    @Test
    void hikari_stays_if_it_is_asked_for_by_name() {
        application
                .withPropertyValues(
                        "spring.datasource.url=jdbc:duckdb:",
                        "spring.datasource.driver-class-name=org.duckdb.DuckDBDriver",
                        "spring.datasource.type=com.zaxxer.hikari.HikariDataSource")
                .run(context -> assertThat(context)
                        .hasSingleBean(HikariDataSource.class)
                        .doesNotHaveBean(ConnectionPool.class));
    }

    @Test
    void the_pool_may_be_asked_for_by_name() {
        fake().withPropertyValues("spring.datasource.type=dev.hatch.pool.jdbc.ConnectionPool")
                .run(context -> assertThat(context)
                        .hasSingleBean(ConnectionPool.class)
                        .doesNotHaveBean(HikariDataSource.class));
    }

    @Test
    void a_driver_class_that_is_not_there_is_an_error() {
        fake().withPropertyValues("spring.datasource.driver-class-name=com.example.NoDriver")
                .run(context -> assertThat(context).hasFailed());
    }

    @Test
    void spring_sees_how_many_connections_are_in_use() {
        fake().withPropertyValues(
                        "spring.datasource.hatch.max-open-connections=4",
                        "spring.datasource.hatch.min-idle-connections=1")
                .run(context -> {
                    ConnectionPool pool = context.getBean(ConnectionPool.class);
                    DataSourcePoolMetadata metadata = Objects.requireNonNull(
                            context.getBean("hatchPoolMetadataProvider", DataSourcePoolMetadataProvider.class)
                                    .getDataSourcePoolMetadata(new DelegatingDataSource(pool)));
                    try (var held = pool.getConnection()) {
                        assertThat(held.isClosed()).isFalse();
                        assertThat(metadata.getActive()).isEqualTo(1);
                        assertThat(metadata.getMax()).isEqualTo(4);
                        assertThat(metadata.getMin()).isEqualTo(1);
                        assertThat(metadata.getUsage()).isEqualTo(0.25f);
                    }
                    assertThat(metadata.getActive()).isZero();
                    assertThat(metadata.getIdle()).isPositive();
                });
    }

    @Test
    void the_pool_ends_with_its_application() {
        fake().run(context -> {
            ConnectionPool pool = context.getBean(ConnectionPool.class);
            context.close();
            assertThat(pool.stats().openConnections()).isZero();
            assertThatThrownBy(pool::getConnection)
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08003"));
        });
    }
}
