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

/** A pool of connections to {@link StubDriver}. */
final class ConnectionBenchPool implements BenchPool {
    private static final Duration LONGEST_FILL = Duration.ofSeconds(30);

    private final DataSource pool;
    private final Runnable close;

    /** What {@link StubDriver#opened} was before this pool. */
    private final int openedBefore;

    private ConnectionBenchPool(int openedBefore, DataSource pool, Runnable close) {
        this.openedBefore = openedBefore;
        this.pool = pool;
        this.close = close;
    }

    static ConnectionBenchPool hikari(int size, Duration timeout) {
        int before = StubDriver.opened();
        HikariConfig config = new HikariConfig();
        config.setDriverClassName(StubDriver.class.getName());
        config.setJdbcUrl(StubDriver.URL);
        config.setMaximumPoolSize(size);
        config.setConnectionTimeout(timeout.toMillis());
        HikariDataSource pool = new HikariDataSource(config);
        return new ConnectionBenchPool(before, pool, pool::close);
    }

    static ConnectionBenchPool agroal(int size, Duration timeout) throws SQLException {
        int before = StubDriver.opened();
        AgroalDataSource pool = AgroalDataSource.from(new AgroalDataSourceConfigurationSupplier()
                .connectionPoolConfiguration(config -> config.initialSize(size)
                        .minSize(size)
                        .maxSize(size)
                        .acquisitionTimeout(timeout)
                        .connectionFactoryConfiguration(factory -> factory.connectionProviderClass(StubDriver.class)
                                .jdbcUrl(StubDriver.URL))));
        return new ConnectionBenchPool(before, pool, pool::close);
    }

    /** By themselves, both fill up to their minimum; Agroal forgets now and then to tell one who waits meanwhile. */
    @Override
    public void fill(int size) throws InterruptedException {
        long start = System.nanoTime();
        while (StubDriver.opened() - openedBefore < size) {
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
        close.run();
    }
}
