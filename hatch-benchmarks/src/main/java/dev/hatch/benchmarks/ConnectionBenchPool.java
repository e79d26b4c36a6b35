package dev.hatch.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
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
