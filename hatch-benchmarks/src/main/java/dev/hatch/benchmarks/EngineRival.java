package dev.hatch.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import dev.hatch.server.Versions;
import io.agroal.api.AgroalDataSource;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.time.Duration;
import org.apache.commons.pool2.ObjectPool;

/** Who is compared in the benchmark {@code engine}. */
enum EngineRival implements PoolRival {
    HATCH(Rival.HATCH),
    HIKARI("HikariCP"),
    AGROAL("Agroal"),
    COMMONS("commons-pool2"),
    STORMPOT("Stormpot");

    private final String title;

    EngineRival(String title) {
        this.title = title;
    }

    @Override
    public String title() {
        return title;
    }

    /** Hatch and the pools of connections; the others only go round in cycles. */
    boolean isForServices() {
        return this == HATCH || this == HIKARI || this == AGROAL;
    }

    /** Whether this JVM is new enough for it. */
    boolean runsHere() {
        return this != STORMPOT || Runtime.version().feature() >= 21;
    }

    @Override
    public String classPath() {
        String here = PoolRival.super.classPath();
        return this == STORMPOT ? here + File.pathSeparator + Rival.jarsOf("stormpot") : here;
    }

    @Override
    public BenchPool open(PoolCase benchmarkCase, Duration timeout) throws Exception {
        int size = benchmarkCase.size();
        return switch (this) {
            case HATCH -> new HatchBenchPool(size, timeout);
            case HIKARI -> ConnectionBenchPool.hikari(size, benchmarkCase.database(), timeout);
            case AGROAL -> ConnectionBenchPool.agroal(size, benchmarkCase.database(), timeout);
            case COMMONS -> new CommonsBenchPool(size, timeout);
            case STORMPOT -> new StormpotBenchPool(size, timeout);
        };
    }

    @Override
    public String version() throws IOException, URISyntaxException {
        return switch (this) {
            case HATCH -> Versions.hatch();
            case HIKARI -> LibraryVersion.of(HikariDataSource.class);
            case AGROAL -> LibraryVersion.of(AgroalDataSource.class);
            case COMMONS -> LibraryVersion.of(ObjectPool.class);
            case STORMPOT -> LibraryVersion.of(StormpotBenchPool.libraryClass());
        };
    }
}
