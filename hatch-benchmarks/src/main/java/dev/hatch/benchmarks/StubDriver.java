package dev.hatch.benchmarks;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Gives connection pools their {@link StubConnection}s; public so that they can make one. */
public final class StubDriver implements Driver {
    static final String URL = "jdbc:stub:";

    private static final AtomicInteger OPENED = new AtomicInteger();

    // Loaded by DriverManager, which finds it as a service.
    static {
        try {
            DriverManager.registerDriver(new StubDriver());
        } catch (SQLException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** How many connections were opened in this JVM. */
    static int opened() {
        return OPENED.get();
    }

    @Override
    public @Nullable Connection connect(String url, Properties properties) {
        if (!acceptsURL(url)) {
            return null;
        }
        OPENED.incrementAndGet();
        return new StubConnection();
    }

    @Override
    public boolean acceptsURL(String url) {
        return url.equals(URL);
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties properties) {
        return new DriverPropertyInfo[0];
    }

    @Override
    public int getMajorVersion() {
        return 1;
    }

    @Override
    public int getMinorVersion() {
        return 0;
    }

    @Override
    public boolean jdbcCompliant() {
        return false;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("it logs nothing");
    }
}
