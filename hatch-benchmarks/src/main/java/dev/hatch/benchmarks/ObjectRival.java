package dev.hatch.benchmarks;

import dev.hatch.server.Versions;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.pool2.ObjectPool;

/** Who lends objects in the benchmark {@code buffer}. */
enum ObjectRival implements PoolRival {
    HATCH(Rival.HATCH),
    COMMONS("commons-pool2"),
    STORMPOT("Stormpot");

    private final String title;

    ObjectRival(String title) {
        this.title = title;
    }

    /** Those for which this JVM is new enough. */
    static List<ObjectRival> here() {
        return Stream.of(values())
                .filter(rival -> rival != STORMPOT || Runtime.version().feature() >= 21)
                .toList();
    }

    @Override
    public String title() {
        return title;
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
            case HATCH -> new HatchObjectBenchPool();
            case COMMONS -> new CommonsBenchPool(size, timeout);
            case STORMPOT -> new StormpotBenchPool(size, timeout);
        };
    }

    @Override
    public String version() throws IOException, URISyntaxException {
        return switch (this) {
            case HATCH -> Versions.hatch();
            case COMMONS -> LibraryVersion.of(ObjectPool.class);
            case STORMPOT -> LibraryVersion.of(StormpotBenchPool.libraryClass());
        };
    }
}
