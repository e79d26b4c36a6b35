package dev.hatch.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import dev.hatch.server.Versions;
import io.agroal.api.AgroalDataSource;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.commons.pool2.ObjectPool;

/** Who is compared in the benchmark {@code engine}. */
enum EngineRival {
    HATCH(Rival.HATCH),
    HIKARI("HikariCP"),
    AGROAL("Agroal"),
    COMMONS("commons-pool2"),
    STORMPOT("Stormpot");

    private final String title;

    EngineRival(String title) {
        this.title = title;
    }

    String title() {
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

    /** Of its forks. */
    String classPath() {
        String here = Rival.classPathHere();
        if (this != STORMPOT) {
            return here;
        }
        // Where the build puts it, beside the jar or the classes of the benchmarks.
        URI built = URI.create(EngineRival.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toString());
        return here + File.pathSeparator + Path.of(built).resolveSibling("rivals/stormpot") + File.separator + "*";
    }

    /**
     * Opens a pool of a fixed size and waits until it is full. Whatever else can be set has the rival's default.
     *
     * @param timeout how long a caller waits
     */
    BenchPool open(int size, Duration timeout) throws Exception {
        BenchPool pool = switch (this) {
            case HATCH -> new HatchBenchPool(size, timeout);
            case HIKARI -> ConnectionBenchPool.hikari(size, timeout);
            case AGROAL -> ConnectionBenchPool.agroal(size, timeout);
            case COMMONS -> new CommonsBenchPool(size, timeout);
            case STORMPOT -> new StormpotBenchPool(size, timeout);
        };
        pool.fill(size);
        return pool;
    }

    String version() throws IOException, URISyntaxException {
        return switch (this) {
            case HATCH -> Versions.hatch();
            case HIKARI -> LibraryVersion.of(HikariDataSource.class);
            case AGROAL -> LibraryVersion.of(AgroalDataSource.class);
            case COMMONS -> LibraryVersion.of(ObjectPool.class);
            case STORMPOT -> LibraryVersion.of(StormpotBenchPool.libraryClass());
        };
    }
}
