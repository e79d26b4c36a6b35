package dev.hatch.benchmarks;

import dev.hatch.server.Versions;
import java.io.IOException;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import org.apache.arrow.memory.RootAllocator;

/** Who builds record batches in the benchmark {@code record}. */
enum RecordRival implements PoolRival {
    HATCH(Rival.HATCH),
    /** Arrow's vectors and their own setters, in the way that the case says. */
    ARROW("Arrow");

    private final String title;

    RecordRival(String title) {
        this.title = title;
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public List<String> flags() {
        return Rival.ARROW_FLAGS;
    }

    @Override
    public BenchPool open(PoolCase benchmarkCase, Duration timeout) {
        throw new UnsupportedOperationException(title + " builds records");
    }

    RecordWriter openWriter(RecordCase benchmarkCase) {
        return this == HATCH ? new HatchRecordWriter(benchmarkCase) : new ArrowRecordWriter(benchmarkCase);
    }

    @Override
    public String version() throws IOException, URISyntaxException {
        return this == HATCH ? Versions.hatch() : LibraryVersion.of(RootAllocator.class);
    }
}
