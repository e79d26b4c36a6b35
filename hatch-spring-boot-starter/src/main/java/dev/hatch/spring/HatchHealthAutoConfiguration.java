package dev.hatch.spring;

import dev.hatch.pool.jdbc.ConnectionPool;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.health.DataSourceHealthContributorAutoConfiguration;
import org.springframework.boot.jdbc.health.DataSourceHealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * The health of pools as {@code db}, in place of Spring Boot's own: that one takes a connection as any caller does, so it waits when all
 * are in use, and then says that the database is down. Other data sources beside a pool are checked as Spring Boot does.
 */
@AutoConfiguration(
        before = DataSourceHealthContributorAutoConfiguration.class,
        after = {HatchAutoConfiguration.class, DataSourceAutoConfiguration.class})
@ConditionalOnClass({ConnectionPool.class, DataSourceHealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(ConnectionPool.class)
@ConditionalOnEnabledHealthIndicator("db")
public final class HatchHealthAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = {"dbHealthIndicator", "dbHealthContributor"})
    HealthContributor dbHealthContributor(Map<String, DataSource> dataSources) {
        return dataSources.size() == 1
                ? contributor(dataSources.values().iterator().next())
                : CompositeHealthContributor.fromMap(dataSources, HatchHealthAutoConfiguration::contributor);
    }

    private static HealthContributor contributor(DataSource dataSource) {
        ConnectionPool pool = DataSourceUnwrapper.unwrap(dataSource, ConnectionPool.class);
        return pool == null ? new DataSourceHealthIndicator(dataSource) : new PoolHealthIndicator(pool);
    }
}
