package dev.hatch.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hatch.pool.LeaseTracking;
import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConnectionPoolMetricsTest {
    private final FakeSource database = new FakeSource();
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private ConnectionPool pool;
    private ConnectionPoolMetrics metrics;

    private static ConnectionPoolConfig.Builder settings() {
        return ConnectionPoolConfig.builder().name("orders").dsn("fake");
    }

    private void open(ConnectionPoolConfig.Builder settings) throws SQLException {
        pool = ConnectionPool.create(settings.source(database).build());
        metrics = new ConnectionPoolMetrics(pool);
        metrics.bindTo(registry);
    }

    @AfterEach
    void close() {
        metrics.close();
        pool.close();
        assertThat(registry.getMeters()).isEmpty();
    }

    private double value(String name, String... tags) {
        return Readings.value(registry, name, tags);
    }

    private void awaitValue(double expected, String name, String... tags) {
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(value(name, tags)).isEqualTo(expected));
    }

    @Test
    void all_meters_are_there_by_their_names_types_and_tags() throws SQLException {
        open(settings());

        assertThat(Readings.of(registry))
                .containsExactly(
                        "COUNTER db.client.connection.timeouts{db.client.connection.pool.name=orders}",
                        "COUNTER hatch.pool.closed{pool=orders, reason=broken}",
                        "COUNTER hatch.pool.closed{pool=orders, reason=closed}",
                        "COUNTER hatch.pool.closed{pool=orders, reason=drained}",
                        "COUNTER hatch.pool.closed{pool=orders, reason=idle_time}",
                        "COUNTER hatch.pool.closed{pool=orders, reason=invalid}",
                        "COUNTER hatch.pool.closed{pool=orders, reason=late}",
                        "COUNTER hatch.pool.closed{pool=orders, reason=leaked}",
                        "COUNTER hatch.pool.closed{pool=orders, reason=lifetime}",
                        "COUNTER hatch.pool.closed{pool=orders, reason=refreshed}",
                        "COUNTER hatch.pool.closed{pool=orders, reason=reset_failed}",
                        "COUNTER hatch.pool.closed{pool=orders, reason=resized}",
                        "COUNTER hatch.pool.closed{pool=orders, reason=surplus}",
                        "COUNTER hatch.pool.deadlocks{pool=orders}",
                        "COUNTER hatch.pool.failed.connects{pool=orders}",
                        "COUNTER hatch.pool.held.long{pool=orders}",
                        "COUNTER hatch.pool.leaks{pool=orders}",
                        "COUNTER hatch.pool.refusals{pool=orders}",
                        "COUNTER hikaricp.connections.timeout{pool=orders}",
                        "GAUGE db.client.connection.count{db.client.connection.pool.name=orders,"
                                + " db.client.connection.state=idle}",
                        "GAUGE db.client.connection.count{db.client.connection.pool.name=orders,"
                                + " db.client.connection.state=used}",
                        "GAUGE db.client.connection.idle.max{db.client.connection.pool.name=orders}",
                        "GAUGE db.client.connection.idle.min{db.client.connection.pool.name=orders}",
                        "GAUGE db.client.connection.max{db.client.connection.pool.name=orders}",
                        "GAUGE db.client.connection.pending_requests{db.client.connection.pool.name=orders}",
                        "GAUGE hatch.pool.health{pool=orders, status=degraded}",
                        "GAUGE hatch.pool.health{pool=orders, status=healthy}",
                        "GAUGE hatch.pool.health{pool=orders, status=unhealthy}",
                        "GAUGE hatch.pool.health{pool=orders, status=unknown}",
                        "GAUGE hatch.pool.suspended{pool=orders}",
                        "GAUGE hikaricp.connections.active{pool=orders}",
                        "GAUGE hikaricp.connections.idle{pool=orders}",
                        "GAUGE hikaricp.connections.max{pool=orders}",
                        "GAUGE hikaricp.connections.min{pool=orders}",
                        "GAUGE hikaricp.connections.pending{pool=orders}",
                        "GAUGE hikaricp.connections{pool=orders}",
                        "TIMER db.client.connection.create_time{db.client.connection.pool.name=orders}",
                        "TIMER db.client.connection.use_time{db.client.connection.pool.name=orders}",
                        "TIMER db.client.connection.wait_time{db.client.connection.pool.name=orders}",
                        "TIMER hikaricp.connections.acquire{pool=orders}",
                        "TIMER hikaricp.connections.creation{pool=orders}",
                        "TIMER hikaricp.connections.usage{pool=orders}");
    }

    @Test
    void one_set_of_names_may_be_chosen_or_none_and_tags_added() throws SQLException {
        open(settings());
        MeterRegistry chosen = new SimpleMeterRegistry();

        try (ConnectionPoolMetrics hikari =
                new ConnectionPoolMetrics(pool, Tags.of("zone", "a"), EnumSet.of(MeterNames.HIKARI))) {
            hikari.bindTo(chosen);
            assertThat(Readings.of(chosen))
                    .contains("GAUGE hikaricp.connections.active{pool=orders, zone=a}")
                    .contains("GAUGE hatch.pool.suspended{pool=orders, zone=a}")
                    .noneMatch(meter -> meter.contains("db.client"));
        }
        try (ConnectionPoolMetrics own = new ConnectionPoolMetrics(pool, Tags.empty(), Set.of())) {
            own.bindTo(chosen);
            assertThat(Readings.of(chosen)).isNotEmpty().allMatch(meter -> meter.contains(" hatch.pool."));
        }
    }

    @Test
    void a_held_connection_is_in_use_and_its_time_is_recorded_when_it_comes_back() throws SQLException {
        open(settings().maxOpenConnections(7).maxIdleConnections(4).minIdleConnections(1));

        Connection held = pool.getConnection();

        awaitValue(1, "hikaricp.connections.active");
        awaitValue(1, "db.client.connection.count", "db.client.connection.state", "used");
        assertThat(value("hikaricp.connections.max")).isEqualTo(7);
        assertThat(value("db.client.connection.max")).isEqualTo(7);
        assertThat(value("db.client.connection.idle.max")).isEqualTo(4);
        assertThat(value("db.client.connection.idle.min")).isEqualTo(1);
        assertThat(value("hikaricp.connections.min")).isEqualTo(1);
        assertThat(registry.get("hikaricp.connections.acquire").timer().count()).isEqualTo(1);
        assertThat(registry.get("hikaricp.connections.usage").timer().count()).isZero();

        held.close();

        awaitValue(0, "hikaricp.connections.active");
        awaitValue(0, "db.client.connection.count", "db.client.connection.state", "used");
        assertThat(registry.get("hikaricp.connections.usage").timer().count()).isEqualTo(1);
        Timer use = registry.get("db.client.connection.use_time").timer();
        assertThat(use.count()).isEqualTo(1);
        assertThat(use.totalTime(TimeUnit.NANOSECONDS)).isPositive();
    }

    @Test
    void a_connection_that_is_opened_is_timed() throws SQLException {
        open(settings());

        try (Connection one = pool.getConnection();
                Connection other = pool.getConnection()) {
            assertThat(one).isNotSameAs(other);
            await().untilAsserted(() -> assertThat(registry.get("db.client.connection.create_time")
                            .timer()
                            .count())
                    .isPositive());
            assertThat(registry.get("hikaricp.connections.creation").timer().count())
                    .isPositive();
            awaitValue(2, "hikaricp.connections.active");
            assertThat(value("hikaricp.connections")).isEqualTo(2 + value("hikaricp.connections.idle"));
        }
    }

    @Test
    void a_caller_that_waits_is_pending_and_its_wait_is_timed() throws Exception {
        open(settings().maxOpenConnections(1));
        Connection held = pool.getConnection();

        CompletableFuture<Void> waiter = borrowElsewhere();
        awaitValue(1, "hikaricp.connections.pending");
        awaitValue(1, "db.client.connection.pending_requests");
        held.close();
        waiter.get(10, TimeUnit.SECONDS);

        awaitValue(0, "hikaricp.connections.pending");
        Timer waits = registry.get("db.client.connection.wait_time").timer();
        assertThat(waits.count()).isEqualTo(2);
        assertThat(waits.max(TimeUnit.NANOSECONDS)).isPositive();
        assertThat(registry.get("hikaricp.connections.acquire").timer().count()).isEqualTo(2);
    }

    @Test
    void a_caller_that_gets_nothing_in_time_is_counted() throws Exception {
        open(settings().maxOpenConnections(1).detectDeadlocks(false));

        try (Connection held = pool.getConnection()) {
            assertThatThrownBy(() -> pool.getConnection(Duration.ofMillis(10)))
                    .isInstanceOf(SQLTransientConnectionException.class);
            assertThat(held.isClosed()).isFalse();
        }

        awaitValue(1, "hikaricp.connections.timeout");
        awaitValue(1, "db.client.connection.timeouts");
    }

    @Test
    void a_caller_that_is_refused_is_counted() throws Exception {
        open(settings().maxOpenConnections(1).maxWaiters(1));
        Connection held = pool.getConnection();
        CompletableFuture<Void> waiter = borrowElsewhere();
        awaitValue(1, "hikaricp.connections.pending");

        assertThatThrownBy(pool::getConnection).hasMessageContaining("refused");

        awaitValue(1, "hatch.pool.refusals");
        held.close();
        waiter.get(10, TimeUnit.SECONDS);
    }

    private CompletableFuture<Void> borrowElsewhere() {
        return CompletableFuture.runAsync(() -> {
            try (Connection late = pool.getConnection()) {
                assertThat(late.isClosed()).isFalse();
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void a_thread_that_waits_for_itself_is_counted_as_a_deadlock() throws Exception {
        open(settings().maxOpenConnections(1));

        try (Connection held = pool.getConnection()) {
            assertThatThrownBy(pool::getConnection)
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));
            assertThat(held.isClosed()).isFalse();
        }

        awaitValue(1, "hatch.pool.deadlocks");
    }

    @Test
    void a_lease_that_nobody_closed_is_a_leak() throws Exception {
        open(settings().leaseTracking(LeaseTracking.ALL));

        assertThat(pool.getConnection().isClosed()).isFalse();

        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            System.gc();
            assertThat(value("hatch.pool.leaks")).isEqualTo(1);
        });
        awaitValue(1, "hatch.pool.closed", "reason", "leaked");
    }

    @Test
    void a_lease_that_is_out_for_too_long_is_counted_once() throws Exception {
        open(settings().heldLongAfter(Duration.ofMillis(50)));

        try (Connection held = pool.getConnection()) {
            awaitValue(1, "hatch.pool.held.long");
            assertThat(held.isClosed()).isFalse();
        }
    }

    @Test
    void what_the_pool_closed_is_counted_by_reason() throws Exception {
        open(settings());
        try (Connection one = pool.getConnection()) {
            one.abort(Runnable::run);
        }
        pool.refresh();

        awaitValue(1, "hatch.pool.closed", "reason", "broken");
    }

    @Test
    void a_database_that_cannot_be_reached_shows_in_health_and_failed_connects() throws Exception {
        database.refuses = true;
        open(settings().startWhileDown(true));

        awaitValue(1, "hatch.pool.health", "status", "unknown");
        pool.healthCheck(Duration.ofMillis(200));

        awaitValue(1, "hatch.pool.health", "status", "unhealthy");
        awaitValue(0, "hatch.pool.health", "status", "unknown");
        assertThat(value("hatch.pool.failed.connects")).isPositive();

        database.refuses = false;
        await().untilAsserted(() -> {
            pool.healthCheck(Duration.ofSeconds(1));
            assertThat(value("hatch.pool.health", "status", "healthy")).isEqualTo(1);
        });
    }

    @Test
    void a_suspended_pool_says_so() throws Exception {
        open(settings());

        pool.suspend();
        awaitValue(1, "hatch.pool.suspended");
        pool.resume();
        awaitValue(0, "hatch.pool.suspended");
    }

    @Test
    void a_closed_binder_records_nothing_more_and_leaves_what_is_not_its_own() throws Exception {
        open(settings());
        MeterRegistry other = new SimpleMeterRegistry();
        other.counter("mine");
        ConnectionPoolMetrics bound = new ConnectionPoolMetrics(pool);
        bound.bindTo(other);
        Timer use = other.get("hikaricp.connections.usage").timer();

        bound.close();
        pool.getConnection().close();

        assertThat(Readings.of(other)).containsExactly("COUNTER mine{}");
        assertThat(use.count()).isZero();
        assertThat(registry.get("hikaricp.connections.usage").timer().count()).isEqualTo(1);
    }

    @Test
    void a_binder_bound_twice_counts_once_and_may_be_bound_to_several_registries() throws Exception {
        open(settings());
        MeterRegistry other = new SimpleMeterRegistry();
        metrics.bindTo(registry);
        metrics.bindTo(other);

        pool.getConnection().close();

        assertThat(registry.get("hikaricp.connections.usage").timer().count()).isEqualTo(1);
        assertThat(other.get("hikaricp.connections.usage").timer().count()).isEqualTo(1);
        metrics.close();
        assertThat(other.getMeters()).isEmpty();
    }

    @Test
    void prometheus_has_them_by_the_names_of_its_dashboards() throws Exception {
        open(settings());
        PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        metrics.bindTo(prometheus);

        try (Connection held = pool.getConnection()) {
            assertThat(held.isClosed()).isFalse();
            await().untilAsserted(() -> assertThat(prometheus.scrape())
                    .contains("hikaricp_connections_active{pool=\"orders\"} 1.0\n")
                    .contains("db_client_connection_count{db_client_connection_pool_name=\"orders\","
                            + "db_client_connection_state=\"used\"} 1.0\n"));
        }

        assertThat(prometheus.scrape())
                .contains("hikaricp_connections{pool=\"orders\"} 1.0\n")
                .contains("hikaricp_connections_idle{pool=\"orders\"}")
                .contains("hikaricp_connections_pending{pool=\"orders\"} 0.0\n")
                .contains("hikaricp_connections_max{pool=\"orders\"} 25.0\n")
                .contains("hikaricp_connections_min{pool=\"orders\"} 0.0\n")
                .contains("hikaricp_connections_timeout_total{pool=\"orders\"} 0.0\n")
                .contains("hikaricp_connections_usage_seconds_count{pool=\"orders\"} 1\n")
                .contains("hikaricp_connections_acquire_seconds_sum{pool=\"orders\"}")
                .contains("hikaricp_connections_creation_seconds_max{pool=\"orders\"}")
                .contains("db_client_connection_timeouts_total{db_client_connection_pool_name=\"orders\"} 0.0\n")
                .contains(
                        "db_client_connection_use_time_seconds_bucket{db_client_connection_pool_name=\"orders\",le=\"")
                .contains("hatch_pool_closed_total{pool=\"orders\",reason=\"leaked\"} 0.0\n")
                .contains("hatch_pool_health{pool=\"orders\",status=\"healthy\"} 1.0\n");
    }
}
