package dev.hatch.pool.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class PoolMonitorTest {
    private final FakeDatabase database = new FakeDatabase();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final ConnectionPool pool;
    private PoolMonitor monitor;

    PoolMonitorTest() throws SQLException {
        pool = ConnectionPool.create(ConnectionPoolConfig.builder()
                .name("watched")
                .dsn("fake")
                .source(database)
                .maxOpenConnections(1)
                .build());
    }

    @AfterEach
    void close() {
        if (monitor != null) {
            monitor.close();
        }
        pool.close();
    }

    private PoolMonitor.Builder settings() {
        return PoolMonitor.of(pool).name("watched").interval(Duration.ofMillis(5));
    }

    @Test
    void exhaustion_and_recovery_are_told_once_each() throws Exception {
        monitor = settings()
                .onExhausted(stats -> events.add("exhausted, waiting " + stats.waiting()))
                .onRecovered(stats -> events.add("recovered"))
                .start();
        FutureTask<Boolean> waiter;
        try (Connection held = pool.getConnection()) {
            waiter = new FutureTask<>(() -> {
                try (Connection lease = pool.getConnection()) {
                    return !lease.isClosed();
                }
            });
            new Thread(waiter).start();
            await().until(() -> events.size() == 1);
            assertThat(held.isClosed()).isFalse();
        }
        assertThat(waiter.get()).isTrue();
        await().until(() -> events.size() == 2);
        assertThat(events).containsExactly("exhausted, waiting 1", "recovered");
    }

    @Test
    void a_database_that_has_become_unhealthy_is_told() {
        monitor = settings().onUnhealthy(stats -> events.add("unhealthy")).start();
        database.failProbe.set(new SQLException("no answer from disk"));
        assertThat(pool.healthCheck().status()).isEqualTo(HealthStatus.UNHEALTHY);
        await().until(() -> events.contains("unhealthy"));
    }

    @Test
    void the_counts_are_logged_and_a_callback_that_fails_does_not_end_that() throws Exception {
        try (LogLines log = new LogLines(PoolMonitor.class)) {
            monitor = settings()
                    .onUnhealthy(stats -> {
                        throw new IllegalStateException("planted");
                    })
                    .start();
            database.failProbe.set(new SQLException("no answer from disk"));
            pool.healthCheck();
            await().until(() -> log.lines.contains("Pool 'watched': monitoring failed; it goes on"));
            log.lines.clear();
            await().until(() ->
                    log.lines.contains("Pool 'watched': open 0 of 1, in use 0, idle 0, waiting 0, health UNHEALTHY"));
        }
    }

    @Test
    void a_bad_interval_is_quoted() {
        assertThatThrownBy(() -> PoolMonitor.of(pool).interval(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("interval is PT0S; it must be more than zero");
    }
}
