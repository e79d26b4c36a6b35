package dev.hatch.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

/** A pool of connections to {@link StubDriver}. */
final class ConnectionBenchPool implements BenchPool {
    private final DataSource pool;
    private final Runnable close;

    private ConnectionBenchPool(DataSource pool, Runnable close) {
        this.pool = pool;
        this.close = close;
    }

    static ConnectionBenchPool hikari(int size, Duration timeout) {
        HikariConfig config = new HikariConfig();
        config.setDriverClassName(StubDriver.class.getName());
        config.setJdbcUrl(StubDriver.URL);
        config.setMaximumPoolSize(size);
        config.setConnectionTimeout(timeout.toMillis());
        HikariDataSource pool = new HikariDataSource(config);
        return new ConnectionBenchPool(pool, pool::close);
    }

    static ConnectionBenchPool agroal(int size, Duration timeout) throws SQLException {
        AgroalDataSource pool = AgroalDataSource.from(new AgroalDataSourceConfigurationSupplier()
                .connectionPoolConfiguration(config -> config.initialSize(size)
                        .minSize(size)
                        .maxSize(size)
                        .acquisitionTimeout(timeout)
                        .connectionFactoryConfiguration(factory -> factory.connectionProviderClass(StubDriver.class)
                                .jdbcUrl(StubDriver.URL))));
        return new ConnectionBenchPool(pool, pool::close);
    }

    @Override
    public Object acquire() throws SQLException {
        return pool.getConnection();
    }

    @Override
    public void release(Object lease) throws SQLException {
        ((Connection) lease).close();
    }

    @Override
    public void close() {
        close.run();
    }
}
