package dev.hatch.server.admin;

import dev.hatch.arrow.RecordBuilderPool;
import dev.hatch.micrometer.ConnectionPoolMetrics;
import dev.hatch.micrometer.MeterNames;
import dev.hatch.micrometer.RecordBuilderPoolMetrics;
import dev.hatch.pool.jdbc.ConnectionPool;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.EnumSet;

/** The pools' meters, as Prometheus reads them. */
final class Meters implements AutoCloseable {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ConnectionPoolMetrics connections;
    private final RecordBuilderPoolMetrics records;

    Meters(ConnectionPool pool, RecordBuilderPool builders) {
        connections = new ConnectionPoolMetrics(pool, Tags.empty(), EnumSet.of(MeterNames.OPEN_TELEMETRY));
        records = new RecordBuilderPoolMetrics(builders, pool.name());
        connections.bindTo(registry);
        records.bindTo(registry);
    }

    String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        connections.close();
        records.close();
        registry.close();
    }
}
