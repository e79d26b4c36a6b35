package dev.hatch.conformance;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.apache.commons.dbcp2.BasicDataSource;
import org.apache.tomcat.jdbc.pool.PoolProperties;

/** The pools of the page, each of one connection and otherwise as it comes. */
enum TestedPool {
    HATCH("Hatch") {
        @Override
        DataSource open(TestedDatabase database) throws SQLException {
            ConnectionPoolConfig.Builder config = ConnectionPoolConfig.builder()
                    .dsn(database.url())
                    .initialSql(database.initialSql())
                    .maxOpenConnections(1);
            database.driverProperties().forEach(config::driverProperty);
            return ConnectionPool.create(config.build());
        }
    },

    HIKARICP("HikariCP") {
        @Override
        DataSource open(TestedDatabase database) {
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl(database.url());
            config.setConnectionInitSql(database.initialSql());
            database.driverProperties().forEach(config::addDataSourceProperty);
            config.setMaximumPoolSize(1);
            return new HikariDataSource(config);
        }
    },

    AGROAL("Agroal") {
        @Override
        DataSource open(TestedDatabase database) throws SQLException {
            return AgroalDataSource.from(new AgroalDataSourceConfigurationSupplier()
                    .connectionPoolConfiguration(pool -> pool.maxSize(1).connectionFactoryConfiguration(factory -> {
                        factory.jdbcUrl(database.url()).initialSql(database.initialSql());
                        database.driverProperties().forEach((name, value) -> {
                            switch (name) {
                                case "user" -> factory.principal(new NamePrincipal(value));
                                case "password" -> factory.credential(new SimplePassword(value));
                                default -> factory.jdbcProperty(name, value);
                            }
                        });
                        return factory;
                    })));
        }
    },

    DBCP2("dbcp2") {
        @Override
        DataSource open(TestedDatabase database) {
            BasicDataSource pool = new BasicDataSource();
            pool.setUrl(database.url());
            pool.setConnectionInitSqls(java.util.List.of(database.initialSql()));
            database.driverProperties().forEach(pool::addConnectionProperty);
            pool.setMaxTotal(1);
            pool.setAccessToUnderlyingConnectionAllowed(true);
            return pool;
        }
    },

    TOMCAT("Tomcat") {
        @Override
        DataSource open(TestedDatabase database) {
            PoolProperties config = new PoolProperties();
            config.setUrl(database.url());
            config.setDriverClassName(database.driver());
            config.setInitSQL(database.initialSql());
            java.util.Properties properties = new java.util.Properties();
            database.driverProperties().forEach(properties::setProperty);
            config.setDbProperties(properties);
            config.setMaxActive(1);
            config.setMaxIdle(1);
            config.setInitialSize(0);
            config.setMinIdle(0);
            return new org.apache.tomcat.jdbc.pool.DataSource(config);
        }
    };

    private final String title;

    TestedPool(String title) {
        this.title = title;
    }

    abstract DataSource open(TestedDatabase database) throws SQLException;

    /** Name and version, as the build knows it. */
    String title() {
        String version = System.getProperty("version." + title);
        return version == null ? title : title + " " + version;
    }
}
