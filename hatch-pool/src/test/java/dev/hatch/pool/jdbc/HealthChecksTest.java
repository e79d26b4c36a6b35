package dev.hatch.pool.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a health check says of a database that answers, is broken or hangs, and whom it holds up. */
final class HealthChecksTest extends FakeDatabaseFixture {
    @Test
    void a_pool_that_lets_nobody_wait_is_made_and_checked() throws SQLException {
        try (ConnectionPool pool = ConnectionPool.create(config().maxWaiters(0).build())) {
            assertThat(pool.stats().healthCheckStatus()).isEqualTo(HealthStatus.HEALTHY);
            pool.refresh();
            assertThat(pool.healthCheck(LONG).status()).isEqualTo(HealthStatus.HEALTHY);
        }
    }

    @Test
    void an_error_of_the_driver_fails_the_health_check_and_creation_at_once() throws SQLException {
        database.failProbe.set(new NoClassDefFoundError("a class of the driver"));
        assertThatThrownBy(this::pool)
                .isInstanceOf(SQLException.class)
                .hasMessage("Pool 'test': the database cannot be reached: a class of the driver")
                .hasCause(database.failProbe.get());
        await().until(() -> database.openConnections() == 0);
        assertThat(database.databaseCloses).hasValue(1);
    }

    @Test
    void whoever_learns_that_a_check_failed_learns_why() {
        SQLException failure = new SQLException("no answer from disk");
        database.failProbe.set(failure);
        for (int i = 0; i < 500; i++) {
            assertThatThrownBy(this::pool).isInstanceOf(SQLException.class).hasCause(failure);
        }
    }

    @Test
    void a_health_check_tells_healthy_from_busy_from_broken() throws SQLException {
        try (ConnectionPool pool = pool()) {
            assertThat(pool.stats().healthCheckStatus()).isEqualTo(HealthStatus.HEALTHY);
            assertThat(pool.stats().lastHealthCheck()).isAfter(java.time.Instant.EPOCH);

            database.failProbe.set(new SQLException("no answer from disk"));
            assertThat(pool.healthCheck()).satisfies(check -> {
                assertThat(check.status()).isEqualTo(HealthStatus.UNHEALTHY);
                assertThat(check.message()).isEqualTo("no answer from disk");
            });
            assertThat(pool.stats().healthCheckStatus()).isEqualTo(HealthStatus.UNHEALTHY);
            await("what failed the probe is closed").until(() -> database.openConnections() == 0);
            database.failProbe.set(null);
            assertThat(pool.healthCheck().status()).isEqualTo(HealthStatus.HEALTHY);

            try (Connection one = pool.getConnection();
                    Connection two = pool.getConnection()) {
                assertThat(one).isNotEqualTo(two);
                assertThat(pool.healthCheck().status()).isEqualTo(HealthStatus.DEGRADED);
            }
            assertConserved(pool.stats());
        }
    }

    @Test
    void a_probe_that_hangs_is_unhealthy_in_time_and_holds_up_nobody() throws SQLException {
        try (ConnectionPool pool = pool()) {
            CountDownLatch hang = new CountDownLatch(1);
            database.hangProbe.set(hang);
            assertThat(pool.healthCheck(SHORT)).satisfies(check -> {
                assertThat(check.status()).isEqualTo(HealthStatus.UNHEALTHY);
                assertThat(check.message()).isEqualTo("no answer within 50 ms");
                assertThat(check.latency()).isBetween(SHORT, Duration.ofSeconds(5));
            });
            pool.getConnection().close();
            hang.countDown();
            await().until(() -> pool.stats().inUse() == 0);
            assertConserved(pool.stats());
        }
    }

    @Test
    void a_caller_is_not_held_up_by_a_check_that_hangs_while_connecting() throws Exception {
        try (LeasingConnectionPool pool = new LeasingConnectionPool(config().build(), database)) {
            CountDownLatch hang = new CountDownLatch(1);
            database.hangConnect.set(hang);
            assertThat(pool.healthCheck(SHORT).status()).isEqualTo(HealthStatus.UNHEALTHY);
            await().until(() -> database.connecting.get() == 1);
            database.hangConnect.set(null);
            pool.getConnection(Duration.ofSeconds(5)).close();
            hang.countDown();
            await().until(() -> pool.stats().idle() == 2);
            assertConserved(pool.stats());
        }
    }

    @Test
    void a_check_that_hangs_takes_one_place_only_and_the_next_says_since_when() throws SQLException {
        try (LeasingConnectionPool pool = new LeasingConnectionPool(config().build(), database)) {
            CountDownLatch hang = new CountDownLatch(1);
            database.hangProbe.set(hang);
            assertThat(pool.healthCheck(SHORT).message()).isEqualTo("no answer within 50 ms");
            for (int i = 1; i <= 3; i++) {
                assertThat(pool.healthCheck(LONG)).satisfies(check -> {
                    assertThat(check.status()).isEqualTo(HealthStatus.UNHEALTHY);
                    assertThat(check.message()).matches("the last check has had no answer for \\d+ ms");
                });
            }
            assertThat(pool.stats().inUse()).isOne();
            assertThat(pool.stats().healthCheckStatus()).isEqualTo(HealthStatus.UNHEALTHY);
            database.hangProbe.set(null);
            hang.countDown();
            await().until(() -> pool.healthCheck(LONG).status() == HealthStatus.HEALTHY);
            assertConserved(pool.stats());
        }
    }

    @Test
    void checks_that_are_asked_for_at_once_share_one_probe() throws Exception {
        try (ConnectionPool pool = pool()) {
            CountDownLatch hang = new CountDownLatch(1);
            database.hangProbe.set(hang);
            Future<HealthCheck> first = threads.submit(() -> pool.healthCheck(LONG));
            await().until(() -> pool.stats().inUse() == 1);
            CountDownLatch asked = new CountDownLatch(1);
            Future<HealthCheck> second = threads.submit(() -> {
                asked.countDown();
                return pool.healthCheck(LONG);
            });
            asked.await();
            hang.countDown();
            assertThat(first.get().status()).isEqualTo(HealthStatus.HEALTHY);
            assertThat(second.get().status()).isEqualTo(HealthStatus.HEALTHY);
            assertThat(pool.stats().created()).isOne();
        }
    }

    @Test
    void a_pool_that_is_filled_by_hanging_connects_is_not_called_busy() throws Exception {
        try (LeasingConnectionPool pool =
                new LeasingConnectionPool(config().maxOpenConnections(1).build(), database)) {
            CountDownLatch hang = new CountDownLatch(1);
            database.hangConnect.set(hang);
            assertThatThrownBy(() -> pool.getConnection(SHORT)).isInstanceOf(SQLTransientConnectionException.class);
            assertThat(pool.healthCheck(SHORT)).satisfies(check -> {
                assertThat(check.status()).isEqualTo(HealthStatus.UNHEALTHY);
                assertThat(check.message()).contains("within");
            });
            hang.countDown();
            await().until(() -> pool.stats().idle() == 1);
        }
    }

    @Test
    void a_check_while_all_are_being_opened_waits_for_the_first_of_them() throws Exception {
        CountDownLatch hang = new CountDownLatch(1);
        database.hangConnect.set(hang);
        try (LeasingConnectionPool pool = new LeasingConnectionPool(
                config().maxOpenConnections(2).minIdleConnections(2).build(), database)) {
            await().until(() -> database.connecting.get() == 2);
            Future<HealthCheck> check = threads.submit(() -> pool.healthCheck(LONG));
            await().until(() -> pool.stats().waiting() == 1);
            hang.countDown();
            assertThat(check.get().status()).isEqualTo(HealthStatus.HEALTHY);
        }
    }

    @Test
    void a_check_of_a_closed_pool_answers_at_once_and_is_not_recorded() throws SQLException {
        ConnectionPool pool = pool();
        Instant last = pool.stats().lastHealthCheck();
        pool.close();
        long start = System.nanoTime();
        assertThat(pool.healthCheck(LONG)).satisfies(check -> {
            assertThat(check.status()).isEqualTo(HealthStatus.UNHEALTHY);
            assertThat(check.message()).isEqualTo("the pool is closed");
        });
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(pool.stats().lastHealthCheck()).isEqualTo(last);
        assertThat(pool.stats().healthCheckStatus()).isEqualTo(HealthStatus.HEALTHY);
    }

    @Test
    void a_check_ends_when_its_pool_is_closed() throws Exception {
        CountDownLatch hang = new CountDownLatch(1);
        ConnectionPool pool = pool();
        database.hangProbe.set(hang);
        Future<HealthCheck> check = threads.submit(() -> pool.healthCheck(LONG));
        await().until(() -> pool.stats().inUse() == 1);
        pool.close();
        assertThat(check.get(5, TimeUnit.SECONDS).message()).isEqualTo("the pool is closed");
        assertThat(pool.stats().healthCheckStatus()).isEqualTo(HealthStatus.HEALTHY);
        hang.countDown();
        await().until(() -> database.openConnections() == 0);
    }
}
