package dev.hatch.pool.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What needs a database that fails or hangs as it is told; hatch-contract has what holds on any. */
final class ConnectionPoolTest extends FakeDatabaseFixture {
    private Thread waiting(Callable<?> task) {
        Thread thread = new Thread(() -> {
            try {
                task.call();
            } catch (Exception e) {
                // The test looks at what the task leaves behind.
            }
        });
        thread.start();
        return thread;
    }

    @Test
    void a_timeout_of_zero_takes_what_is_idle_and_does_not_wait() throws SQLException {
        try (ConnectionPool pool =
                ConnectionPool.create(config().maxOpenConnections(1).build())) {
            Connection idle = pool.getConnection(Duration.ZERO);
            assertThatThrownBy(() -> pool.getConnection(Duration.ZERO))
                    .isInstanceOf(SQLTransientConnectionException.class);
            idle.close();
            assertThat(pool.stats().waiting()).isZero();
        }
    }

    @Test
    void waiters_are_served_in_the_order_in_which_they_came() throws Exception {
        try (ConnectionPool pool = pool()) {
            Connection one = pool.getConnection();
            Connection two = pool.getConnection();
            ConcurrentLinkedQueue<Integer> order = new ConcurrentLinkedQueue<>();
            List<Thread> waiters = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                int number = i;
                waiters.add(waiting(() -> {
                    try (Connection lease = pool.getConnection(LONG)) {
                        order.add(number);
                        return lease;
                    }
                }));
                await().until(() -> pool.stats().waiting() == number + 1);
            }
            one.close();
            for (Thread waiter : waiters) {
                waiter.join();
            }
            assertThat(order).containsExactly(0, 1, 2, 3, 4);
            two.close();
            assertConserved(pool.stats());
        }
    }

    @Test
    void a_connect_that_hangs_makes_nobody_miss_his_deadline() throws SQLException {
        try (ConnectionPool pool = pool()) {
            CountDownLatch hang = new CountDownLatch(1);
            Connection idle = pool.getConnection();
            database.hangConnect.set(hang);
            long start = System.nanoTime();
            assertThatThrownBy(() -> pool.getConnection(SHORT)).isInstanceOf(SQLTransientConnectionException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            idle.close();
            pool.getConnection(SHORT).close();
            hang.countDown();
            await().until(() -> pool.stats().idle() == 2);
            assertConserved(pool.stats());
        }
    }

    @Test
    void a_connect_that_hangs_keeps_only_its_own_place() throws SQLException {
        try (ConnectionPool pool =
                        ConnectionPool.create(config().maxOpenConnections(3).build());
                Connection held = pool.getConnection()) {
            CountDownLatch hang = new CountDownLatch(1);
            database.hangConnect.set(hang);
            assertThatThrownBy(() -> pool.getConnection(SHORT)).isInstanceOf(SQLTransientConnectionException.class);
            await().until(() -> database.connecting.get() == 1);
            database.hangConnect.set(null);
            pool.getConnection(Duration.ofSeconds(5)).close();
            assertThat(held.isClosed()).isFalse();
            hang.countDown();
            await().until(() -> pool.stats().idle() == 2);
            assertConserved(pool.stats());
        }
    }

    @Test
    void a_waiter_outlives_failed_connects_and_a_late_one_learns_the_last_failure() throws Exception {
        try (ConnectionPool pool = pool()) {
            try (Connection held = pool.getConnection()) {
                SQLException down = new SQLException("the database is down");
                database.refuse.set(down);
                assertThatThrownBy(() -> pool.getConnection(SHORT))
                        .hasCause(down)
                        .hasMessageContaining(down.getMessage());
                Future<Connection> waiter = threads.submit(() -> pool.getConnection(LONG));
                await().until(() -> pool.stats().waiting() == 1);
                database.refuse.set(null);
                waiter.get().close();
                assertThat(held.isClosed()).isFalse();
            }
            assertThat(pool.stats().openConnections()).isEqualTo(2);
            assertConserved(pool.stats());
        }
    }

    @Test
    void an_error_while_connecting_loses_no_place() throws Exception {
        try (ConnectionPool pool = pool();
                Connection held = pool.getConnection()) {
            for (int i = 0; i < 10; i++) {
                database.refuse.set(new SQLException("down"));
                assertThatThrownBy(() -> pool.getConnection(SHORT)).isInstanceOf(SQLException.class);
            }
            database.refuse.set(null);
            pool.getConnection(LONG).close();
            assertThat(held.isClosed()).isFalse();
        }
    }

    @Test
    void an_error_of_the_driver_while_connecting_loses_no_place_and_is_the_cause() throws Exception {
        try (ConnectionPool pool = pool();
                Connection held = pool.getConnection()) {
            Error error = new OutOfMemoryError("native memory");
            database.refuse.set(error);
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> pool.getConnection(SHORT))
                        .isInstanceOf(SQLTransientConnectionException.class)
                        .hasCause(error);
            }
            await().until(() -> pool.stats().openConnections() == 1);
            database.refuse.set(null);
            pool.getConnection(LONG).close();
            assertThat(held.isClosed()).isFalse();
            assertConserved(pool.stats());
        }
    }

    @Test
    void an_error_of_the_driver_while_resetting_or_closing_loses_no_place() throws SQLException {
        try (ConnectionPool pool = pool()) {
            for (int i = 0; i < 3; i++) {
                Connection lease = pool.getConnection(LONG);
                database.failReset.set(new NoClassDefFoundError("a class of the driver"));
                database.failClose.set(new OutOfMemoryError("native memory"));
                lease.close();
                assertThat(pool.stats().openConnections()).isZero();
                database.failReset.set(null);
                database.failClose.set(null);
            }
            assertConserved(pool.stats());
        }
    }

    @Test
    void the_counts_come_in_the_order_that_callers_compile_against() {
        assertThat(ConnectionPoolStats.class.getRecordComponents())
                .extracting(java.lang.reflect.RecordComponent::getName)
                .containsExactly(
                        "openConnections",
                        "inUse",
                        "idle",
                        "waitCount",
                        "waitDuration",
                        "maxIdleClosed",
                        "maxLifetimeClosed",
                        "lastHealthCheck",
                        "healthCheckStatus",
                        "waiting",
                        "maxIdleTimeClosed",
                        "created",
                        "destroyed",
                        "maxOpenConnections",
                        "maxIdleConnections",
                        "minIdleConnections",
                        "timeouts",
                        "refusals",
                        "deadlocks",
                        "failedConnects",
                        "closedBy",
                        "suspended");
    }

    @Test
    void a_statement_is_closed_whoever_closes_the_lease_meanwhile() throws Exception {
        try (ConnectionPool pool = pool()) {
            for (int i = 0; i < 3000; i++) {
                Connection lease = pool.getConnection();
                Statement statement = lease.createStatement();
                CyclicBarrier start = new CyclicBarrier(2);
                Future<?> closing = threads.submit(() -> {
                    start.await();
                    statement.close();
                    return null;
                });
                start.await();
                lease.close();
                closing.get();
                assertThat(database.openStatements).hasValue(0);
            }
        }
    }

    @Test
    void a_result_set_that_is_a_value_leads_to_the_lease_and_not_past_it() throws SQLException {
        try (ConnectionPool pool = pool();
                Connection lease = pool.getConnection();
                Statement statement = lease.createStatement();
                ResultSet result = statement.executeQuery("SELECT a_cursor, 'a value'")) {
            ResultSet cursor = (ResultSet) result.getObject(1);
            assertThat(cursor.getStatement().getConnection()).isSameAs(lease);
            assertThat(result.getObject(2)).isEqualTo("a value");
            java.sql.Array array = result.getArray(3);
            assertThat(array.getBaseTypeName()).isEqualTo("INTEGER");
            assertThat(array.getResultSet().getStatement().getConnection()).isSameAs(lease);
            assertThat(array).hasToString("{1}");
            try (PreparedStatement insert = lease.prepareStatement("INSERT INTO t VALUES (?)")) {
                insert.setArray(1, array);
                assertThat(database.parameter.get()).as("the driver's own").isNotSameAs(array);
                assertThat(database.parameter.get()).hasToString("{1}");
            }
        }
    }

    @Test
    void a_statement_that_is_made_while_its_lease_is_closed_is_closed() throws Exception {
        try (ConnectionPool pool = pool()) {
            Connection lease = pool.getConnection();
            CountDownLatch hang = new CountDownLatch(1);
            database.hangStatements.set(hang);
            Future<Statement> made = threads.submit(() -> lease.createStatement());
            await().until(() -> database.makingStatement.get() == 1);
            lease.close();
            hang.countDown();
            assertThatThrownBy(made::get).hasRootCauseInstanceOf(SQLException.class);
            assertThat(database.openStatements).hasValue(0);
        }
    }

    @Test
    void a_connection_that_cannot_be_reset_is_replaced() throws SQLException {
        try (ConnectionPool pool = pool()) {
            Connection lease = pool.getConnection();
            database.failReset.set(new SQLException("dirty"));
            lease.close();
            assertThat(pool.stats().idle()).isZero();
            await().until(() -> database.openConnections() == 0);
            pool.getConnection().close();
            assertConserved(pool.stats());
        }
    }

    @Test
    void a_waiter_gets_a_new_connection_when_the_returned_one_is_destroyed() throws Exception {
        try (ConnectionPool pool = pool()) {
            Connection one = pool.getConnection();
            Connection two = pool.getConnection();
            Future<Connection> waiter = threads.submit(() -> pool.getConnection(LONG));
            await().until(() -> pool.stats().waiting() == 1);
            database.failReset.set(new SQLException("dirty"));
            one.close();
            waiter.get().close();
            two.close();
            assertThat(database.connects).hasValue(3);
            assertConserved(pool.stats());
        }
    }

    static List<SQLException> fatal() {
        return List.of(
                new SQLException("gone", "08006"),
                new SQLException("gone", "57P01"),
                new SQLException("gone", "JZ0C0"),
                new SQLRecoverableException("gone"),
                new SQLNonTransientConnectionException("gone"),
                // As only its source knows.
                new SQLException("gone", "HY000", FakeDatabase.FATAL_CODE));
    }

    @ParameterizedTest
    @MethodSource("fatal")
    void a_connection_is_not_lent_again_after_an_error_that_says_it_is_lost(SQLException failure) throws SQLException {
        try (ConnectionPool pool = pool()) {
            try (Connection lease = pool.getConnection();
                    Statement statement = lease.createStatement()) {
                database.failStatements.set(failure);
                assertThatThrownBy(() -> statement.executeQuery("SELECT 1")).hasMessage("gone");
            }
            await().until(() -> database.openConnections() == 0);
            assertThat(database.resets).hasValue(1); // That of the first health check.
            assertConserved(pool.stats());
        }
    }

    @Test
    void a_connection_is_lent_again_after_any_other_error() throws SQLException {
        try (ConnectionPool pool = pool()) {
            database.failStatements.set(new SQLException("no such table", "42P01", FakeDatabase.FATAL_CODE + 1));
            try (Connection lease = pool.getConnection();
                    Statement statement = lease.createStatement()) {
                assertThatThrownBy(() -> statement.executeQuery("SELECT 1")).hasMessage("no such table");
            }
            pool.getConnection().close();
            assertThat(database.connects).hasValue(1);
        }
    }

    @Test
    void a_pool_on_a_database_that_is_down_is_not_made() {
        database.refuse.set(new SQLException("connection refused"));
        assertThatThrownBy(this::pool)
                .isInstanceOf(SQLException.class)
                .hasMessage("Pool 'test': the database cannot be reached: connection refused")
                .hasCause(database.refuse.get());
        assertThat(database.databaseCloses).hasValue(1);
    }

    @Test
    void a_database_that_does_not_open_in_time_fails_creation_and_is_closed_if_it_comes_late() {
        CountDownLatch hang = new CountDownLatch(1);
        database.hangOpen.set(hang);
        assertThatThrownBy(() ->
                        ConnectionPool.create(config().connectionTimeout(SHORT).build()))
                .isInstanceOf(SQLTransientConnectionException.class)
                .hasMessage("Pool 'test': the database did not open within 50 ms");
        assertThat(database.databaseCloses).hasValue(0);
        hang.countDown();
        await().until(() -> database.databaseCloses.get() == 1);
        assertThat(database.connects).hasValue(0);
    }

    @Test
    void what_failed_in_opening_the_database_reaches_the_caller() {
        SQLException refused = new SQLException("no such file", "58030");
        database.failOpen.set(refused);
        assertThatThrownBy(this::pool).isSameAs(refused);
        database.failOpen.set(new UnsatisfiedLinkError("no native library"));
        assertThatThrownBy(this::pool).isInstanceOf(SQLException.class).hasCause(database.failOpen.get());
    }

    @Test
    void creation_can_be_interrupted_while_the_database_opens() throws Exception {
        CountDownLatch hang = new CountDownLatch(1);
        database.hangOpen.set(hang);
        ConcurrentLinkedQueue<Object> seen = new ConcurrentLinkedQueue<>();
        Thread creator = waiting(() -> {
            try {
                return pool();
            } catch (SQLException e) {
                seen.add(e.getMessage());
                seen.add(Thread.currentThread().isInterrupted());
                throw e;
            }
        });
        creator.interrupt();
        creator.join();
        assertThat(seen).containsExactly("Pool 'test': interrupted while the database was being opened", true);
        hang.countDown();
        await().until(() -> database.databaseCloses.get() == 1);
    }

    @Test
    void closing_fails_those_who_wait_and_refuses_those_who_come() throws Exception {
        ConnectionPool pool = pool();
        Connection one = pool.getConnection();
        Connection two = pool.getConnection();
        Future<Connection> waiter = threads.submit(() -> pool.getConnection(LONG));
        await().until(() -> pool.stats().waiting() == 1);
        pool.close();
        assertThatThrownBy(waiter::get)
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseMessage("Pool 'test' is closed");
        assertThatThrownBy(pool::getConnection).hasMessage("Pool 'test' is closed");
        assertThat(database.openConnections()).as("leases go on").isEqualTo(2);
        one.close();
        two.close();
        await().until(() -> database.openConnections() == 0);
        assertConserved(pool.stats());
        pool.close();
        assertThat(database.databaseCloses).hasValue(1);
    }

    @Test
    void nothing_is_lost_under_random_load_with_failures_timeouts_and_interrupts() throws Exception {
        ConnectionPool pool =
                ConnectionPool.create(config().maxOpenConnections(3).build());
        long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
        AtomicLong interrupts = new AtomicLong();
        List<Future<?>> users = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            users.add(threads.submit(() -> {
                ThreadLocalRandom random = ThreadLocalRandom.current();
                while (System.nanoTime() < end) {
                    if (random.nextInt(50) == 0) {
                        Thread.currentThread().interrupt();
                    }
                    try (Connection lease = pool.getConnection(Duration.ofNanos(random.nextInt(200_000)))) {
                        lease.createStatement();
                        if (random.nextInt(10) == 0) {
                            lease.abort(Runnable::run);
                        }
                    } catch (SQLException e) {
                        assertThat(e.getMessage()).contains("Pool 'test'");
                    }
                    boolean interrupted = Thread.interrupted();
                    interrupts.addAndGet(interrupted ? 1 : 0);
                    database.refuse.set(random.nextInt(20) == 0 ? new SQLException("down") : null);
                    database.failReset.set(random.nextInt(20) == 0 ? new SQLException("dirty") : null);
                    assertConserved(pool.stats());
                    assertThat(pool.stats().openConnections()).isLessThanOrEqualTo(3);
                }
            }));
        }
        for (Future<?> user : users) {
            user.get();
        }
        assertThat(interrupts.get()).isPositive();
        await().untilAsserted(() -> assertThat(pool.stats().openConnections())
                .isEqualTo(pool.stats().idle()));
        assertConserved(pool.stats());
        pool.close();
        assertConserved(pool.stats());
        await().until(() -> database.openConnections() == 0);
        assertThat(database.connects.get()).isEqualTo(database.closes.get());
        assertThat(database.openStatements).hasValue(0);
    }
}
