package dev.hatch.server.admin;

import dev.hatch.arrow.RecordBuilderPool;
import dev.hatch.pool.jdbc.ConnectionPool;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** The pools' meters, as Prometheus reads them. */
final class Meters implements AutoCloseable {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    Meters(ConnectionPool pool, RecordBuilderPool builders) {
        Gauge.builder("db.client.connection.count", pool, p -> p.stats().inUse())
                .tag("db.client.connection.pool.name", pool.name())
                .tag("db.client.connection.state", "used")
                .register(registry);
        Gauge.builder("db.client.connection.count", pool, p -> p.stats().idle())
                .tag("db.client.connection.pool.name", pool.name())
                .tag("db.client.connection.state", "idle")
                .register(registry);
        FunctionCounter.builder(
                        "db.client.connection.timeouts", pool, p -> p.stats().timeouts())
                .tag("db.client.connection.pool.name", pool.name())
                .register(registry);
        Gauge.builder("hatch.record.pool.out", builders, b -> b.stats().out()).register(registry);
    }

    String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        registry.close();
    }
}
