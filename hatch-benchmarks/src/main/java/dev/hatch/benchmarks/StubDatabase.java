package dev.hatch.benchmarks;

import java.sql.Driver;

/** Nothing: what {@link StubDriver} connects to. */
final class StubDatabase implements BenchDatabase {
    private final int openedBefore = StubDriver.opened();

    @Override
    public Class<? extends Driver> driver() {
        return StubDriver.class;
    }

    @Override
    public String url() {
        return StubDriver.URL;
    }

    @Override
    public int opened() {
        return StubDriver.opened() - openedBefore;
    }

    @Override
    public void close() {}
}
