package dev.hatch.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/** A pool of connections. */
final class ConnectionBenchPool implements BenchPool {
    private static final Duration LONGEST_FILL = Duration.ofSeconds(30);

    private final BenchDatabase database;
    private final DataSource pool;
    private final Runnable close;

    private ConnectionBenchPool(BenchDatabase database, DataSource pool, Runnable close) {
        this.database = database;
        this.pool = pool;
        this.close = close;
    }

    static ConnectionBenchPool hikari(int size, BenchDatabase database, Duration timeout) {
        HikariConfig config = new HikariConfig();
        config.setDriverClassName(database.driver().getName());
        config.setJdbcUrl(database.url());
        config.setMaximumPoolSize(size);
        config.setConnectionTimeout(timeout.toMillis());
        HikariDataSource pool = new HikariDataSource(config);
        return new ConnectionBenchPool(database, pool, pool::close);
    }

    static ConnectionBenchPool agroal(int size, BenchDatabase database, Duration timeout) throws SQLException {
        AgroalDataSource pool = AgroalDataSource.from(new AgroalDataSourceConfigurationSupplier()
                .connectionPoolConfiguration(config -> config.initialSize(size)
                        .minSize(size)
                        .maxSize(size)
                        .acquisitionTimeout(timeout)
                        .connectionFactoryConfiguration(factory -> factory.connectionProviderClass(database.driver())
                                .jdbcUrl(database.url()))));
        return new ConnectionBenchPool(database, pool, pool::close);
    }

    /** By themselves, all fill up to their minimum; Agroal forgets now and then to tell one who waits meanwhile. */
    @Override
    public void fill(int size) throws InterruptedException, SQLException {
        long start = System.nanoTime();
        while (database.opened() < size) {
            if (System.nanoTime() - start > LONGEST_FILL.toNanos()) {
                throw new IllegalStateException("not full within " + LONGEST_FILL);
            }
            TimeUnit.MILLISECONDS.sleep(1);
        }
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
        try (database) {
            close.run();
        }
    }
}
