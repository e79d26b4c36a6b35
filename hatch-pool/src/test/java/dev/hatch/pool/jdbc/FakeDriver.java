package dev.hatch.pool.jdbc;

import java.sql.Driver;
import java.sql.DriverPropertyInfo;
import java.util.Properties;
import java.util.logging.Logger;

/** What all drivers of tests have in common: the URLs that they accept, and nothing to say of themselves. */
abstract class FakeDriver implements Driver {
    private final String prefix;

    /** @param prefix of the URLs that it accepts */
    FakeDriver(String prefix) {
        this.prefix = prefix;
    }

    @Override
    public final boolean acceptsURL(String url) {
        return url.startsWith(prefix);
    }

    @Override
    public final DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
        return new DriverPropertyInfo[0];
    }

    @Override
    public final int getMajorVersion() {
        return 1;
    }

    @Override
    public final int getMinorVersion() {
        return 0;
    }

    @Override
    public final boolean jdbcCompliant() {
        return false;
    }

    @Override
    public final Logger getParentLogger() {
        return Logger.getGlobal();
    }
}
