package dev.hatch.benchmarks;

/** Who is compared in the benchmark {@code flight}. */
enum FlightRival {
    HATCH(Rival.HATCH),
    PLAIN("plain Flight"),
    IN_PROCESS("in-process DuckDB");

    private final String title;

    FlightRival(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
