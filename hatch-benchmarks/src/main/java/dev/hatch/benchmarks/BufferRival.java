package dev.hatch.benchmarks;

import dev.hatch.server.Versions;
import io.netty.buffer.ByteBufAllocator;
import io.undertow.server.DefaultByteBufferPool;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import org.apache.arrow.memory.RootAllocator;
import org.eclipse.jetty.io.ArrayByteBufferPool;

/** Who lends buffers in the benchmark {@code buffer}: direct ones, save for {@link #ALLOCATE}. */
enum BufferRival implements PoolRival {
    HATCH(Rival.HATCH),
    /** As fast as its flags and Netty's own threads make it. */
    NETTY_ADAPTIVE("Netty adaptive"),
    /** As fast as its flags and Netty's own threads make it. */
    NETTY_POOLED("Netty pooled"),
    NETTY_ADAPTIVE_AS_IT_COMES("Netty adaptive, as it comes"),
    NETTY_POOLED_AS_IT_COMES("Netty pooled, as it comes"),
    JETTY("Jetty"),
    UNDERTOW("Undertow"),
    ARROW_NETTY("Arrow Netty"),
    ARROW_UNSAFE("Arrow Unsafe"),
    ALLOCATE("allocate"),
    ALLOCATE_DIRECT("allocateDirect");

    /** Those that a quick run has, too. */
    static final List<BufferRival> MAIN = List.of(HATCH, NETTY_ADAPTIVE, NETTY_POOLED);

    /** Those that virtual threads use. Tuned ones are so by flags alone there: no such thread is Netty's. */
    static final List<BufferRival> FOR_VIRTUAL_THREADS =
            List.of(HATCH, NETTY_ADAPTIVE, NETTY_ADAPTIVE_AS_IT_COMES, NETTY_POOLED, JETTY);

    /**
     * From Java 25 on, Netty does without Unsafe unless it is allowed. What lets threads keep memory for themselves has a
     * property for the pooled allocator and another for the adaptive one; and they are to be Netty's threads.
     */
    private static final List<String> TUNED = List.of(
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dio.netty.leakDetection.level=disabled",
            "-Dio.netty.allocator.useCacheForAllThreads=true",
            "-Dio.netty.allocator.useCachedMagazinesForNonEventLoopThreads=true",
            "-Djmh.executor=CUSTOM",
            "-Djmh.executor.class=" + NettyThreads.class.getName());

    private final String title;

    BufferRival(String title) {
        this.title = title;
    }

    @Override
    public String title() {
        return title;
    }

    private boolean isNetty() {
        return isTuned() || this == NETTY_ADAPTIVE_AS_IT_COMES || this == NETTY_POOLED_AS_IT_COMES;
    }

    private boolean isTuned() {
        return this == NETTY_ADAPTIVE || this == NETTY_POOLED;
    }

    /** Whether it lends buffers of any size. */
    boolean hasAnySize() {
        return this != UNDERTOW;
    }

    @Override
    public String classPath() {
        String here = PoolRival.super.classPath();
        if (isNetty()) {
            // Before the Netty that is there.
            return Rival.jarsOf("netty") + File.pathSeparator + here;
        }
        return this == ARROW_UNSAFE ? here + File.pathSeparator + Rival.jarsOf("arrow-unsafe") : here;
    }

    @Override
    public List<String> flags() {
        return switch (this) {
            case NETTY_ADAPTIVE, NETTY_POOLED -> TUNED;
            case ARROW_NETTY -> arrow("Netty");
            case ARROW_UNSAFE -> arrow("Unsafe");
            default -> List.of();
        };
    }

    private static List<String> arrow(String manager) {
        List<String> flags = new ArrayList<>(Rival.ARROW_FLAGS);
        flags.add("-Darrow.allocation.manager.type=" + manager);
        return flags;
    }

    @Override
    public ExecutorService threads(int count) {
        return isTuned() ? new NettyThreads(count, "netty") : PoolRival.super.threads(count);
    }

    @Override
    public BenchPool open(PoolCase benchmarkCase, Duration timeout) {
        throw new UnsupportedOperationException(title + " lends buffers");
    }

    @Override
    public BufferPool openBuffers(PoolCase benchmarkCase) {
        return switch (this) {
            case HATCH -> new HatchBufferPool();
            case NETTY_ADAPTIVE, NETTY_ADAPTIVE_AS_IT_COMES -> NettyBufferPool.adaptive();
            case NETTY_POOLED, NETTY_POOLED_AS_IT_COMES -> NettyBufferPool.pooled();
            case JETTY -> new JettyBufferPool();
            case UNDERTOW -> new UndertowBufferPool(benchmarkCase.bytes());
            case ARROW_NETTY, ARROW_UNSAFE -> new ArrowBufferPool();
            case ALLOCATE -> new NoBufferPool(false);
            case ALLOCATE_DIRECT -> new NoBufferPool(true);
        };
    }

    /** What the JDK allocates has the JDK's. */
    @Override
    public String version() throws IOException, URISyntaxException {
        return switch (this) {
            case HATCH -> Versions.hatch();
            case NETTY_ADAPTIVE, NETTY_ADAPTIVE_AS_IT_COMES, NETTY_POOLED, NETTY_POOLED_AS_IT_COMES ->
                LibraryVersion.of(ByteBufAllocator.class);
            case JETTY -> LibraryVersion.of(ArrayByteBufferPool.class);
            case UNDERTOW -> LibraryVersion.of(DefaultByteBufferPool.class);
            case ARROW_NETTY, ARROW_UNSAFE -> LibraryVersion.of(RootAllocator.class);
            case ALLOCATE, ALLOCATE_DIRECT -> Runtime.version().toString();
        };
    }
}
