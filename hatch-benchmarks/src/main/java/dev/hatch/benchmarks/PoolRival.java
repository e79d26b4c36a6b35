package dev.hatch.benchmarks;

import java.io.IOException;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Who is compared in a benchmark of pools: an enum for each benchmark. */
interface PoolRival {
    /** Of the enum. */
    String name();

    /** What tables call it. */
    String title();

    /** Of its forks. */
    default String classPath() {
        return Rival.classPathHere();
    }

    /** Of the JVMs of its forks, beside those that all have. */
    default List<String> flags() {
        return List.of();
    }

    /** Threads of the kind that it is used on, where they are not JMH's. */
    default ExecutorService threads(int count) {
        return Executors.newFixedThreadPool(count);
    }

    /**
     * Opens a pool of the size that the case says, which may not be full yet. Whatever else can be set has the rival's
     * default.
     *
     * @param timeout how long a caller waits
     */
    BenchPool open(PoolCase benchmarkCase, Duration timeout) throws Exception;

    /** Opens a pool of buffers for the case. */
    default BufferPool openBuffers(PoolCase benchmarkCase) {
        throw new UnsupportedOperationException(title() + " lends no buffers");
    }

    String version() throws IOException, URISyntaxException;
}
