package dev.hatch.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import dev.hatch.server.Versions;
import java.io.IOException;
import java.net.URISyntaxException;
import java.time.Duration;

/** Who is compared in the benchmark {@code engine}. */
enum EngineRival {
    HATCH(Rival.HATCH) {
        @Override
        BenchPool open(int size, Duration timeout) {
            return new HatchBenchPool(size, timeout);
        }

        @Override
        String version() {
            return Versions.hatch();
        }
    },
    HIKARI("HikariCP") {
        @Override
        BenchPool open(int size, Duration timeout) {
            return ConnectionBenchPool.hikari(size, timeout);
        }

        @Override
        String version() throws IOException, URISyntaxException {
            return LibraryVersion.of(HikariDataSource.class);
        }
    };

    private final String title;

    EngineRival(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /**
     * Opens a pool of a fixed size; whatever else can be set has the rival's default.
     *
     * @param timeout how long a caller waits
     */
    abstract BenchPool open(int size, Duration timeout);

    abstract String version() throws IOException, URISyntaxException;

    /** Opens a pool and waits until it is full. */
    BenchPool openFull(int size, Duration timeout) throws Exception {
        BenchPool pool = open(size, timeout);
        try {
            pool.fill(size);
            return pool;
        } catch (Throwable e) {
            pool.close();
            throw e;
        }
    }
}
