package dev.hatch.conformance;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * A database that is running, and what there is to leave on a connection to it.
 *
 * @param driver the driver's class
 * @param initialSql what a pool is to run on each new connection, so that it is seen whether that holds
 * @param setUp what is run before each pool is opened
 */
record TestedDatabase(
        String name,
        String driver,
        String url,
        Map<String, String> driverProperties,
        String initialSql,
        List<String> setUp,
        List<Trace> traces,
        List<Trace> alone) {

    /** A connection that no pool has. */
    Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.putAll(driverProperties);
        return DriverManager.getConnection(url, properties);
    }

    void setUp(Connection admin) throws SQLException {
        for (String sql : setUp) {
            Trace.execute(admin, sql);
        }
    }

    /** With versions. */
    String title(Connection admin) throws SQLException {
        DatabaseMetaData metaData = admin.getMetaData();
        // DuckDB's driver says 1.0 of itself.
        String driverVersion = System.getProperty("version." + name, metaData.getDriverVersion());
        return name + " " + first(metaData.getDatabaseProductVersion()) + ", driver " + first(driverVersion);
    }

    private static String first(String version) {
        // So MariaDB begins for clients that know MySQL only.
        return version.replaceFirst("^5\\.5\\.5-", "").replaceFirst("^\\D*([\\d.]+).*", "$1");
    }
}
