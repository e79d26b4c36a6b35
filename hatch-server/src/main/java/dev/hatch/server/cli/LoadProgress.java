package dev.hatch.server.cli;

import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/** How far a load is: a line that is painted over again and again on a terminal, and nothing before the end elsewhere. */
final class LoadProgress implements AutoCloseable {
    private static final long PAINT_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int BAR = 20;
    private static final String BACK_AND_CLEAR = "\r\033[K";

    private final Console console;
    private final LoadInput input;
    private final Optional<Terminal.Size> size;
    private final long start = System.nanoTime();
    private long painted = start;
    private boolean hasLine;
    private long rows;
    private long bytes;

    LoadProgress(Console console, LoadInput input) {
        this.console = console;
        this.input = input;
        size = console.errTerminal().size();
    }

    void sent(VectorSchemaRoot batch) {
        rows += batch.getRowCount();
        for (FieldVector vector : batch.getFieldVectors()) {
            bytes += vector.getBufferSize();
        }
        long now = System.nanoTime();
        if (size.isPresent() && now - painted >= PAINT_EVERY_NANOS) {
            painted = now;
            paint(now, size.get().columns());
        }
    }

    private void paint(long now, int columns) {
        double part = input.part(rows);
        int done = (int) Math.round(part * BAR);
        String bar = part < 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        "[%s%s] %3.0f %%  ",
                        "#".repeat(done),
                        "-".repeat(BAR - done),
                        Math.floor(part * 100));
        String line = bar + String.format(Locale.ROOT, "%,d rows  %,.1f MB  ", rows, bytes / 1e6) + speed(rows, now);
        console.err().print(BACK_AND_CLEAR + line.substring(0, Math.min(line.length(), columns - 1)));
        console.err().flush();
        hasLine = true;
    }

    private String speed(long count, long now) {
        return String.format(Locale.ROOT, "%,.0f rows/s", count / Math.max(1e-9, (now - start) / 1e9));
    }

    /** Says in a last line what has been done. */
    void finish(long loaded, String table) {
        close();
        long now = System.nanoTime();
        console.err()
                .printf(
                        Locale.ROOT,
                        "%,d %s loaded into %s in %.3f s: %,.1f MB, %s%n",
                        loaded,
                        loaded == 1 ? "row" : "rows",
                        table,
                        (now - start) / 1e9,
                        bytes / 1e6,
                        speed(loaded, now));
    }

    /** Takes the line away, so that what is said next has one of its own. */
    @Override
    public void close() {
        if (hasLine) {
            console.err().print(BACK_AND_CLEAR);
            console.err().flush();
            hasLine = false;
        }
    }
}
