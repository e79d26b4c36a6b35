package dev.hatch.server.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.hatch.arrow.RecordBuilderPoolStats;
import dev.hatch.pool.DestroyReason;
import dev.hatch.pool.LeaseInfo;
import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolStats;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The server's state as JSON: what the live page and {@code hatch top} show. Counts are totals since the start, and
 * what happened lately is the difference of two snapshots, which is the reader's to take. Of lists it has the first
 * few, and how long they are, so that it stays small however busy the server is.
 */
final class Snapshot {
    private static final int LISTED = 25;
    private static final int SQL_CHARS = 500;

    private final AdminView view;
    private final PoolEvents events;

    Snapshot(AdminView view, PoolEvents events) {
        this.view = view;
        this.events = events;
    }

    Readiness readiness() {
        return Readiness.of(view.phase(), view.pool().stats(), events.failure());
    }

    void write(JsonGenerator json) throws IOException {
        Readiness readiness = readiness();
        json.writeStartObject();
        json.writeStringField("version", view.version());
        json.writeStringField("uri", view.uri().orElse(""));
        json.writeStringField("phase", view.phase().name().toLowerCase(Locale.ROOT));
        json.writeBooleanField("ready", readiness.isReady());
        json.writeStringField("reason", readiness.reason());
        json.writeNumberField("time", System.currentTimeMillis());
        json.writeNumberField("upSeconds", ManagementFactory.getRuntimeMXBean().getUptime() / 1e3);
        json.writeArrayFieldStart("pools");
        writePool(json, view.pool());
        json.writeEndArray();
        writeStatements(json, view.running());
        writeBuilders(json, view.builders().stats());
        json.writeObjectFieldStart("arrow");
        json.writeNumberField("allocatedBytes", view.arrowBytes());
        json.writeNumberField("peakBytes", view.arrowPeakBytes());
        json.writeEndObject();
        json.writeEndObject();
    }

    private void writePool(JsonGenerator json, ConnectionPool pool) throws IOException {
        ConnectionPoolStats stats = pool.stats();
        json.writeStartObject();
        json.writeStringField("name", pool.name());
        json.writeNumberField("inUse", stats.inUse());
        json.writeNumberField("idle", stats.idle());
        json.writeNumberField("open", stats.openConnections());
        json.writeNumberField("waiting", stats.waiting());
        json.writeNumberField("max", stats.maxOpenConnections());
        json.writeNumberField("maxIdle", stats.maxIdleConnections());
        json.writeNumberField("minIdle", stats.minIdleConnections());
        json.writeBooleanField("suspended", stats.suspended());
        json.writeStringField("health", word(stats.healthCheckStatus()));
        json.writeNumberField("healthTime", stats.lastHealthCheck().toEpochMilli());
        json.writeNumberField("waits", stats.waitCount());
        writeSeconds(json, "waitSeconds", stats.waitDuration());
        json.writeNumberField("timeouts", stats.timeouts());
        json.writeNumberField("refusals", stats.refusals());
        json.writeNumberField("deadlocks", stats.deadlocks());
        json.writeNumberField("created", stats.created());
        json.writeNumberField("destroyed", stats.destroyed());
        json.writeNumberField("failedConnects", stats.failedConnects());
        json.writeNumberField("leaks", stats.closedBy().getOrDefault(DestroyReason.LEAKED, 0L));
        json.writeObjectFieldStart("closedBy");
        for (DestroyReason reason : DestroyReason.values()) {
            long closed = stats.closedBy().getOrDefault(reason, 0L);
            if (closed > 0) {
                json.writeNumberField(word(reason), closed);
            }
        }
        json.writeEndObject();
        writeWaitTimes(json);
        writeLeases(json, pool.leases());
        json.writeEndObject();
    }

    /** Each bucket's bound in seconds, and how many waits are in it and in no bucket before. */
    private void writeWaitTimes(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("waitTimes");
        json.writeArrayFieldStart("below");
        for (int bucket = 0; bucket < PoolEvents.BUCKETS; bucket++) {
            json.writeNumber(PoolEvents.upperMicros(bucket) / 1e6);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("count");
        for (int bucket = 0; bucket < PoolEvents.BUCKETS; bucket++) {
            json.writeNumber(events.waits(bucket));
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void writeLeases(JsonGenerator json, List<LeaseInfo> leases) throws IOException {
        json.writeNumberField("leaseCount", leases.size());
        json.writeArrayFieldStart("leases");
        for (LeaseInfo lease : leases.subList(0, Math.min(LISTED, leases.size()))) {
            json.writeStartObject();
            json.writeStringField("connection", withoutPackage(lease.resource()));
            writeSeconds(json, "heldSeconds", lease.held());
            writeIfKnown(json, "holder", lease.holder());
            writeIfKnown(json, "acquiredAt", caller(lease.acquired()));
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** What a class that says nothing else of itself is called, {@code DuckDBConnection@40cbd282}. */
    private static String withoutPackage(String resource) {
        return resource.replaceFirst("^(?:[a-z_0-9]+\\.)+(?=[A-Z][\\w$]*@[0-9a-f]+$)", "");
    }

    /** Who asked the pool; null if that was not noted. */
    private static @Nullable String caller(List<StackTraceElement> acquired) {
        return acquired.isEmpty() ? null : acquired.get(0).toString();
    }

    private static void writeStatements(JsonGenerator json, List<RunningStatement> running) throws IOException {
        json.writeNumberField("statementCount", running.size());
        json.writeArrayFieldStart("statements");
        for (RunningStatement statement : running.subList(0, Math.min(LISTED, running.size()))) {
            json.writeStartObject();
            json.writeStringField("kind", statement.kind());
            json.writeBooleanField("waiting", statement.waiting());
            writeSeconds(json, "ageSeconds", statement.age());
            writeIfKnown(json, "peer", statement.peer());
            writeIfKnown(json, "thread", statement.thread());
            writeIfKnown(json, "sql", statement.sql() == null ? null : shortened(statement.sql()));
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void writeBuilders(JsonGenerator json, RecordBuilderPoolStats stats) throws IOException {
        json.writeObjectFieldStart("builders");
        json.writeNumberField("out", stats.out());
        json.writeNumberField("idle", stats.idle());
        json.writeNumberField("idleBytes", stats.idleBytes());
        json.writeNumberField("hits", stats.hits());
        json.writeNumberField("misses", stats.misses());
        json.writeNumberField("unreachable", stats.unreachable());
        json.writeNumberField("evicted", stats.evicted());
        json.writeNumberField("schemas", stats.schemas().size());
        json.writeNumberField("allocatedBytes", stats.allocatedBytes());
        json.writeNumberField("peakBytes", stats.peakBytes());
        json.writeEndObject();
    }

    private static void writeIfKnown(JsonGenerator json, String name, @Nullable String value) throws IOException {
        if (value != null) {
            json.writeStringField(name, value);
        }
    }

    /** To the microsecond, for no reader needs more digits. */
    private static void writeSeconds(JsonGenerator json, String name, Duration duration) throws IOException {
        json.writeNumberField(name, TimeUnit.NANOSECONDS.toMicros(duration.toNanos()) / 1e6);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    static String shortened(String sql) {
        if (sql.length() <= SQL_CHARS) {
            return sql;
        }
        int end = Character.isHighSurrogate(sql.charAt(SQL_CHARS - 1)) ? SQL_CHARS - 1 : SQL_CHARS;
        return sql.substring(0, end) + "…";
    }
}
