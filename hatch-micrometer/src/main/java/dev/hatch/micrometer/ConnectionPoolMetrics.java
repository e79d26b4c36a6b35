package dev.hatch.micrometer;

import dev.hatch.pool.DestroyReason;
import dev.hatch.pool.LeaseInfo;
import dev.hatch.pool.PoolListener;
import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolListener;
import dev.hatch.pool.jdbc.ConnectionPoolStats;
import dev.hatch.pool.jdbc.HealthStatus;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A connection pool as meters, by the names of OpenTelemetry and of HikariCP, and {@code hatch.pool.*} for what those do not have. The
 * pool's name is a tag, so pools of one registry need different names.
 *
 * <p>Counts and gauges are exact. The timers are told by a listener, so of a pool that gives one connection to more than 1,024 users in a
 * second they have a part only: all waits, all uses longer than 2 s, and of the rest the first 1,024 of each connection and second, see
 * {@link PoolListener#returned}. Their count is no count of leases then.
 *
 * <p>Thread-safe. May be bound to several registries; {@link #close} takes it out of all.
 */
public final class ConnectionPoolMetrics extends PoolMeters<ConnectionPoolStats> {
    private final ConnectionPool pool;
    private final Tags tags;
    private final Set<MeterNames> names;

    /** By all names, without further tags. */
    public ConnectionPoolMetrics(ConnectionPool pool) {
        this(pool, Tags.empty());
    }

    /** By all names. */
    public ConnectionPoolMetrics(ConnectionPool pool, Iterable<Tag> tags) {
        this(pool, tags, EnumSet.allOf(MeterNames.class));
    }

    /**
     * @param tags further ones of each meter
     * @param names by which the meters are there; none leaves Hatch's own only
     */
    public ConnectionPoolMetrics(ConnectionPool pool, Iterable<Tag> tags, Set<MeterNames> names) {
        super(pool::stats);
        this.pool = pool;
        this.tags = Tags.of(tags);
        this.names = Set.copyOf(names);
    }

    @Override
    void register(Meters<ConnectionPoolStats> meters) {
        Tags own = tags.and("pool", pool.name());
        Timings timings = new Timings(
                meters.counter("hatch.pool.held.long", own, "Leases that were held for too long without being used"));
        registerOwn(meters, own);
        if (names.contains(MeterNames.HIKARI)) {
            registerHikari(meters, own, timings);
        }
        if (names.contains(MeterNames.OPEN_TELEMETRY)) {
            registerOpenTelemetry(meters, tags.and("db.client.connection.pool.name", pool.name()), timings);
        }
        pool.addListener(timings);
        meters.whenClosed(() -> pool.removeListener(timings));
    }

    private static void registerOwn(Meters<ConnectionPoolStats> meters, Tags tags) {
        for (DestroyReason reason : DestroyReason.values()) {
            meters.counter(
                    "hatch.pool.closed",
                    tags.and("reason", lowerCase(reason)),
                    "Connections that were closed",
                    stats -> closed(stats, reason));
        }
        meters.counter(
                "hatch.pool.leaks",
                tags,
                "Leases that became unreachable without having been closed",
                stats -> closed(stats, DestroyReason.LEAKED));
        meters.counter(
                "hatch.pool.deadlocks",
                tags,
                "Callers that were told that all connections are held by threads that wait for another",
                ConnectionPoolStats::deadlocks);
        meters.counter(
                "hatch.pool.refusals",
                tags,
                "Callers that were refused because too many were waiting",
                ConnectionPoolStats::refusals);
        meters.counter(
                "hatch.pool.failed.connects",
                tags,
                "Attempts to connect that failed",
                ConnectionPoolStats::failedConnects);
        meters.gauge(
                "hatch.pool.suspended",
                tags,
                "1 while the pool lends nothing until it is resumed, else 0",
                stats -> stats.suspended() ? 1 : 0);
        for (HealthStatus status : HealthStatus.values()) {
            meters.gauge(
                    "hatch.pool.health",
                    tags.and("status", lowerCase(status)),
                    "1 for what the last health check found, 0 for the others",
                    stats -> stats.healthCheckStatus() == status ? 1 : 0);
        }
    }

    private static void registerHikari(Meters<ConnectionPoolStats> meters, Tags tags, Timings timings) {
        meters.gauge(
                "hikaricp.connections",
                tags,
                "Connections that exist or are being opened",
                ConnectionPoolStats::openConnections);
        meters.gauge("hikaricp.connections.active", tags, "Connections in use", ConnectionPoolStats::inUse);
        meters.gauge("hikaricp.connections.idle", tags, "Idle connections", ConnectionPoolStats::idle);
        meters.gauge(
                "hikaricp.connections.pending",
                tags,
                "Callers that wait for a connection",
                ConnectionPoolStats::waiting);
        meters.gauge(
                "hikaricp.connections.max", tags, "The bound on connections", ConnectionPoolStats::maxOpenConnections);
        meters.gauge(
                "hikaricp.connections.min",
                tags,
                "How many idle connections are kept at hand",
                ConnectionPoolStats::minIdleConnections);
        meters.counter(
                "hikaricp.connections.timeout",
                tags,
                "Callers that got no connection in time",
                ConnectionPoolStats::timeouts);
        timings.creation.add(
                meters.timer("hikaricp.connections.creation", tags, "Time that opening a connection took", false));
        timings.wait.add(meters.timer(
                "hikaricp.connections.acquire", tags, "Time that a caller waited for its connection", false));
        timings.use.add(meters.timer("hikaricp.connections.usage", tags, "Time that a connection was in use", false));
    }

    private static void registerOpenTelemetry(Meters<ConnectionPoolStats> meters, Tags tags, Timings timings) {
        String prefix = "db.client.connection.";
        String state = prefix + "state";
        String count = "Connections in that state";
        meters.gauge(prefix + "count", tags.and(state, "idle"), count, ConnectionPoolStats::idle);
        meters.gauge(prefix + "count", tags.and(state, "used"), count, ConnectionPoolStats::inUse);
        meters.gauge(
                prefix + "idle.max",
                tags,
                "How many idle connections are kept",
                ConnectionPoolStats::maxIdleConnections);
        meters.gauge(
                prefix + "idle.min",
                tags,
                "How many idle connections are kept at hand",
                ConnectionPoolStats::minIdleConnections);
        meters.gauge(prefix + "max", tags, "The bound on connections", ConnectionPoolStats::maxOpenConnections);
        meters.gauge(
                prefix + "pending_requests", tags, "Callers that wait for a connection", ConnectionPoolStats::waiting);
        meters.counter(
                prefix + "timeouts", tags, "Callers that got no connection in time", ConnectionPoolStats::timeouts);
        timings.creation.add(meters.timer(prefix + "create_time", tags, "Time that opening a connection took", true));
        timings.wait.add(
                meters.timer(prefix + "wait_time", tags, "Time that a caller waited for its connection", true));
        timings.use.add(meters.timer(prefix + "use_time", tags, "Time that a connection was in use", true));
    }

    private static long closed(ConnectionPoolStats stats, DestroyReason reason) {
        return stats.closedBy().getOrDefault(reason, 0L);
    }

    private static String lowerCase(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Records what a snapshot does not have. Its lists are filled before the pool has it, and not after. */
    private static final class Timings implements ConnectionPoolListener {
        final List<Timer> creation = new ArrayList<>();
        final List<Timer> wait = new ArrayList<>();
        final List<Timer> use = new ArrayList<>();
        private final Counter heldLong;

        Timings(Counter heldLong) {
            this.heldLong = heldLong;
        }

        private static void record(List<Timer> timers, Duration took) {
            for (Timer timer : timers) {
                timer.record(took);
            }
        }

        @Override
        public void created(String resource, Duration took) {
            record(creation, took);
        }

        @Override
        public void acquired(Duration waited) {
            record(wait, waited);
        }

        @Override
        public void returned(String resource, Duration held) {
            record(use, held);
        }

        @Override
        public void heldLong(LeaseInfo lease, List<StackTraceElement> present) {
            heldLong.increment();
        }
    }
}
