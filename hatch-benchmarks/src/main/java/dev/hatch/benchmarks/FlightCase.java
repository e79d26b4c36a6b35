package dev.hatch.benchmarks;

import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The cases of the benchmark {@code flight}. */
enum FlightCase {
    STREAM(1),
    SELECT1_C1(1),
    SELECT1_C8(8),
    /** Hatch's clients prepare their query; the others' send its text with another key each time. */
    POINT_C8(8),
    INGEST(1),
    SLOW_READERS(100);

    private final int clients;

    /** @param clients at once */
    FlightCase(int clients) {
        this.clients = clients;
    }

    static FlightCase of(String title) {
        return Stream.of(values())
                .filter(found -> found.title().equals(title))
                .findFirst()
                .orElseThrow();
    }

    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Clients at once. */
    int clients() {
        return clients;
    }

    /**
     * Who is compared. DazzleDuck does not wait for slow readers: it would have all of their results in memory. What it
     * ingests becomes a Parquet file.
     */
    List<FlightRival> rivals() {
        return switch (this) {
            case STREAM ->
                List.of(FlightRival.HATCH, FlightRival.PLAIN, FlightRival.DAZZLEDUCK, FlightRival.IN_PROCESS);
            case SELECT1_C1, SELECT1_C8, POINT_C8 ->
                List.of(FlightRival.HATCH, FlightRival.PLAIN, FlightRival.DAZZLEDUCK);
            case INGEST -> List.of(FlightRival.HATCH, FlightRival.APPENDER, FlightRival.ARROW_INSERT);
            case SLOW_READERS -> List.of(FlightRival.HATCH, FlightRival.PLAIN);
        };
    }

    /** What it needs and is not here; null if nothing. */
    @Nullable String missing() {
        return this == SLOW_READERS && !Files.isReadable(SlowReaders.STATUS) ? "Linux's " + SlowReaders.STATUS : null;
    }

    /**
     * Of the JVMs of its forks. Where memory is measured, the heap has its pages before that, so that what grows is what
     * the server takes beside it, of which it may take more than is good.
     */
    List<String> flags() {
        return this == SLOW_READERS
                ? List.of("-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch", "-XX:MaxDirectMemorySize=4g")
                : List.of("-Xmx2g");
    }
}
