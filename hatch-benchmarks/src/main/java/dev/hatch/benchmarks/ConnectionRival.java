package dev.hatch.benchmarks;

import com.mchange.v2.c3p0.ComboPooledDataSource;
import com.zaxxer.hikari.HikariDataSource;
import dev.hatch.server.Versions;
import io.agroal.api.AgroalDataSource;
import java.io.IOException;
import java.net.URISyntaxException;
import java.time.Duration;
import org.apache.commons.dbcp2.BasicDataSource;
import org.apache.tomcat.jdbc.pool.PoolProperties;
import org.vibur.dbcp.ViburDBCPDataSource;

/** Who is compared in the benchmark {@code connection}. */
enum ConnectionRival implements PoolRival {
    HATCH(Rival.HATCH),
    HIKARI("HikariCP"),
    AGROAL("Agroal"),
    VIBUR("Vibur"),
    TOMCAT("Tomcat JDBC"),
    DBCP2("dbcp2"),
    C3P0("c3p0"),
    /** Without anything that watches what it does. */
    HATCH_UNOBSERVED("Hatch unobserved");

    private final String title;

    ConnectionRival(String title) {
        this.title = title;
    }

    @Override
    public String title() {
        return title;
    }

    /** Hatch and the fastest others. */
    boolean isMain() {
        return this == HATCH || this == HIKARI || this == AGROAL;
    }

    /** The idle limits of all but Hatch are the size. */
    @Override
    public BenchPool open(PoolCase benchmarkCase, Duration timeout) throws Exception {
        int size = benchmarkCase.size();
        BenchDatabase database = benchmarkCase.database();
        return switch (this) {
            case HATCH -> ConnectionBenchPool.hatch(benchmarkCase, database, timeout);
            case HATCH_UNOBSERVED -> ConnectionBenchPool.unobserved(benchmarkCase, database, timeout);
            case HIKARI -> ConnectionBenchPool.hikari(size, database, timeout);
            case AGROAL -> ConnectionBenchPool.agroal(size, database, timeout);
            case VIBUR -> ConnectionBenchPool.vibur(size, database, timeout);
            case TOMCAT -> ConnectionBenchPool.tomcat(size, database, timeout);
            case DBCP2 -> ConnectionBenchPool.dbcp2(size, database, timeout);
            case C3P0 -> ConnectionBenchPool.c3p0(size, database, timeout);
        };
    }

    @Override
    public String version() throws IOException, URISyntaxException {
        return switch (this) {
            case HATCH, HATCH_UNOBSERVED -> Versions.hatch();
            case HIKARI -> LibraryVersion.of(HikariDataSource.class);
            case AGROAL -> LibraryVersion.of(AgroalDataSource.class);
            case VIBUR -> LibraryVersion.of(ViburDBCPDataSource.class);
            case TOMCAT -> LibraryVersion.of(PoolProperties.class);
            case DBCP2 -> LibraryVersion.of(BasicDataSource.class);
            case C3P0 -> LibraryVersion.of(ComboPooledDataSource.class);
        };
    }
}
