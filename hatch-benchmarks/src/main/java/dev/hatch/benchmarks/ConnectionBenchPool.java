package dev.hatch.benchmarks;

import com.mchange.v2.c3p0.ComboPooledDataSource;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.hatch.micrometer.ConnectionPoolMetrics;
import dev.hatch.pool.LeaseTracking;
import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.pool.jdbc.ResetPolicy;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.beans.PropertyVetoException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.apache.commons.dbcp2.BasicDataSource;
import org.apache.tomcat.jdbc.pool.PoolProperties;
import org.vibur.dbcp.ViburDBCPDataSource;

/** A pool of connections. */
final class ConnectionBenchPool implements BenchPool {
    private static final Duration LONGEST_FILL = Duration.ofSeconds(30);

    private final BenchDatabase database;
    private final DataSource pool;
    private final Runnable close;
    private final boolean fillsItself;

    private ConnectionBenchPool(BenchDatabase database, DataSource pool, boolean fillsItself, Runnable close) {
        this.database = database;
        this.pool = pool;
        this.fillsItself = fillsItself;
        this.close = close;
    }

    static ConnectionBenchPool hatch(PoolCase benchmarkCase, BenchDatabase database, Duration timeout)
            throws SQLException {
        ConnectionPool pool =
                ConnectionPool.create(config(benchmarkCase, database, timeout).build());
        if (benchmarkCase.isObserved()) {
            new ConnectionPoolMetrics(pool).bindTo(new SimpleMeterRegistry());
        }
        return new ConnectionBenchPool(database, pool, false, pool::close);
    }

    static ConnectionBenchPool unobserved(PoolCase benchmarkCase, BenchDatabase database, Duration timeout)
            throws SQLException {
        ConnectionPool pool = ConnectionPool.create(config(benchmarkCase, database, timeout)
                .leaseTracking(LeaseTracking.OFF)
                .heldLongAfter(Duration.ZERO)
                .detectDeadlocks(false)
                .build());
        return new ConnectionBenchPool(database, pool, false, pool::close);
    }

    private static ConnectionPoolConfig.Builder config(
            PoolCase benchmarkCase, BenchDatabase database, Duration timeout) {
        int size = benchmarkCase.size();
        int idle = benchmarkCase.idle();
        ConnectionPoolConfig.Builder config = ConnectionPoolConfig.builder()
                .name("bench")
                .dsn(database.url())
                .maxOpenConnections(size)
                .maxIdleConnections(idle)
                // As full as the others are by themselves; where it may not stay full, it is as by default.
                .minIdleConnections(idle == size ? size : 0)
                .connectionTimeout(timeout);
        ResetPolicy resetPolicy = benchmarkCase.resetPolicy();
        if (resetPolicy != null) {
            config.resetPolicy(resetPolicy);
        }
        return config;
    }

    static ConnectionBenchPool hikari(int size, BenchDatabase database, Duration timeout) {
        HikariConfig config = new HikariConfig();
        config.setDriverClassName(database.driver().getName());
        config.setJdbcUrl(database.url());
        config.setMaximumPoolSize(size);
        config.setConnectionTimeout(timeout.toMillis());
        HikariDataSource pool = new HikariDataSource(config);
        return new ConnectionBenchPool(database, pool, true, pool::close);
    }

    static ConnectionBenchPool agroal(int size, BenchDatabase database, Duration timeout) throws SQLException {
        AgroalDataSource pool = AgroalDataSource.from(new AgroalDataSourceConfigurationSupplier()
                .connectionPoolConfiguration(config -> config.initialSize(size)
                        .minSize(size)
                        .maxSize(size)
                        .acquisitionTimeout(timeout)
                        .connectionFactoryConfiguration(factory -> factory.connectionProviderClass(database.driver())
                                .jdbcUrl(database.url()))));
        return new ConnectionBenchPool(database, pool, true, pool::close);
    }

    static ConnectionBenchPool vibur(int size, BenchDatabase database, Duration timeout) {
        ViburDBCPDataSource pool = new ViburDBCPDataSource();
        pool.setDriverClassName(database.driver().getName());
        pool.setJdbcUrl(database.url());
        // It cannot do without.
        pool.setUsername("");
        pool.setPassword("");
        pool.setPoolInitialSize(size);
        pool.setPoolMaxSize(size);
        pool.setConnectionTimeoutInMs(timeout.toMillis());
        pool.start();
        return new ConnectionBenchPool(database, pool, true, pool::close);
    }

    static ConnectionBenchPool tomcat(int size, BenchDatabase database, Duration timeout) throws SQLException {
        PoolProperties config = new PoolProperties();
        config.setDriverClassName(database.driver().getName());
        config.setUrl(database.url());
        config.setInitialSize(size);
        config.setMinIdle(size);
        config.setMaxIdle(size);
        config.setMaxActive(size);
        config.setMaxWait((int) timeout.toMillis());
        org.apache.tomcat.jdbc.pool.DataSource pool = new org.apache.tomcat.jdbc.pool.DataSource(config);
        pool.createPool();
        return new ConnectionBenchPool(database, pool, true, pool::close);
    }

    static ConnectionBenchPool dbcp2(int size, BenchDatabase database, Duration timeout) throws SQLException {
        BasicDataSource pool = new BasicDataSource();
        pool.setDriverClassName(database.driver().getName());
        pool.setUrl(database.url());
        pool.setInitialSize(size);
        pool.setMinIdle(size);
        pool.setMaxIdle(size);
        pool.setMaxTotal(size);
        pool.setMaxWait(timeout);
        pool.start();
        return new ConnectionBenchPool(database, pool, true, () -> {
            try {
                pool.close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    static ConnectionBenchPool c3p0(int size, BenchDatabase database, Duration timeout)
            throws SQLException, PropertyVetoException {
        ComboPooledDataSource pool = new ComboPooledDataSource();
        pool.setDriverClass(database.driver().getName());
        pool.setJdbcUrl(database.url());
        pool.setInitialPoolSize(size);
        pool.setMinPoolSize(size);
        pool.setMaxPoolSize(size);
        pool.setCheckoutTimeout((int) timeout.toMillis());
        // It makes none before the first is asked for.
        pool.getConnection().close();
        return new ConnectionBenchPool(database, pool, true, pool::close);
    }

    /** By themselves, all others fill up to their minimum; Agroal forgets now and then to tell one who waits meanwhile. */
    @Override
    public void fill(int size) throws Exception {
        if (!fillsItself) {
            BenchPool.super.fill(size);
            return;
        }
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
