package dev.hatch.spring;

import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import java.sql.SQLException;
import javax.sql.DataSource;
import javax.sql.XADataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.jdbc.autoconfigure.JndiDataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.XADataSourceAutoConfiguration;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseType;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Makes a {@link ConnectionPool} the application's {@link DataSource}, from {@code spring.datasource.url}, {@code username},
 * {@code password} and {@code spring.datasource.hatch.*}.
 *
 * <p>It comes before Spring Boot's own choice, and so takes the place of HikariCP, unless {@code spring.datasource.type} names another
 * class than {@link ConnectionPool}, or there is a {@link DataSource} already: one that the application defines, one of JNDI, or XA.
 */
@AutoConfiguration(
        before = DataSourceAutoConfiguration.class,
        after = {JndiDataSourceAutoConfiguration.class, XADataSourceAutoConfiguration.class})
@ConditionalOnClass({ConnectionPool.class, EmbeddedDatabaseType.class})
public final class HatchAutoConfiguration {

    /** The pool itself. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnMissingBean(
            value = {DataSource.class, XADataSource.class},
            type = "io.r2dbc.spi.ConnectionFactory")
    @ConditionalOnProperty(
            name = "spring.datasource.type",
            havingValue = "dev.hatch.pool.jdbc.ConnectionPool",
            matchIfMissing = true)
    @EnableConfigurationProperties(DataSourceProperties.class)
    static class Pool {

        @Bean
        @ConditionalOnMissingBean
        JdbcConnectionDetails hatchConnectionDetails(DataSourceProperties properties) {
            return new PropertiesDetails(properties);
        }

        @Bean
        ConnectionPool dataSource(
                Environment environment,
                DataSourceProperties properties,
                JdbcConnectionDetails details,
                ObjectProvider<ConnectionPoolCustomizer> customizers)
                throws SQLException {
            String driver = properties.getDriverClassName();
            if (StringUtils.hasText(driver)) {
                // Whoever says so has one that does not register itself.
                ClassUtils.resolveClassName(driver, properties.getClassLoader());
            }
            ConnectionPoolConfig.Builder builder = new HatchSettings(environment).builder(properties.getName());
            builder.dsn(details.getJdbcUrl());
            String user = details.getUsername();
            String password = details.getPassword();
            if (StringUtils.hasText(user)) {
                builder.user(user);
            }
            if (password != null && (StringUtils.hasText(user) || !password.isEmpty())) {
                builder.password(password);
            }
            customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
            return ConnectionPool.create(builder.build());
        }

        @Bean
        static DrainOnShutdown hatchDrainOnShutdown(Environment environment) {
            return new DrainOnShutdown(new HatchSettings(environment).shutdownDrain());
        }
    }

    /** For {@code jdbc.connections.*}, of pools that the application makes itself as well. */
    @Bean
    DataSourcePoolMetadataProvider hatchPoolMetadataProvider() {
        return dataSource -> {
            ConnectionPool pool = DataSourceUnwrapper.unwrap(dataSource, ConnectionPool.class);
            return pool == null ? null : new PoolMetadata(pool);
        };
    }

    /** What the properties say; a DSN that is no URL is DuckDB's, of which Spring Boot knows no default user. */
    private record PropertiesDetails(DataSourceProperties properties) implements JdbcConnectionDetails {
        @Override
        public String getJdbcUrl() {
            return properties.determineUrl();
        }

        private boolean isUrl() {
            return getJdbcUrl().startsWith("jdbc:");
        }

        @Override
        public @Nullable String getUsername() {
            return isUrl() ? properties.determineUsername() : properties.getUsername();
        }

        @Override
        public @Nullable String getPassword() {
            return isUrl() ? properties.determinePassword() : properties.getPassword();
        }
    }
}
