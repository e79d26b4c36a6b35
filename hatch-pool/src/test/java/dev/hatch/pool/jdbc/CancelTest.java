package dev.hatch.pool.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What runs longer than its lease, its pool, or its time. */
final class CancelTest extends FakeDatabaseFixture {
    private Future<Boolean> execute(Statement statement) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        database.executing.set(begun);
        Future<Boolean> running = threads.submit(() -> statement.execute("SELECT slow()"));
        begun.await();
        return running;
    }

    @Test
    void what_runs_when_its_lease_is_closed_is_cancelled_until_it_ends() throws Exception {
        try (ConnectionPool pool = pool()) {
            Connection lease = pool.getConnection();
            Future<Boolean> running = execute(lease.createStatement());
            lease.close();
            assertThatThrownBy(() -> running.get(30, TimeUnit.SECONDS)).hasMessageContaining("cancelled");
            assertThat(database.cancels.get()).isGreaterThan(1);
            assertThat(database.connectionCancels.get()).isGreaterThan(1);
            assertThat(pool.stats().idle()).isOne();
        }
    }

    @Test
    void what_runs_when_its_pool_is_closed_is_cancelled_until_it_ends() throws Exception {
        ConnectionPool pool = pool();
        Connection lease = pool.getConnection();
        Future<Boolean> running = execute(lease.createStatement());
        pool.close();
        assertThatThrownBy(() -> running.get(30, TimeUnit.SECONDS)).hasMessageContaining("cancelled");
        lease.close();
        await().until(() -> database.openConnections() == 0);
    }

    @Test
    void a_lease_without_open_statements_is_closed_without_a_cancel() throws SQLException {
        try (ConnectionPool pool = pool()) {
            try (Connection lease = pool.getConnection();
                    Statement statement = lease.createStatement()) {
                statement.execute("SELECT 1");
            }
            assertThat(database.cancels).hasValue(0);
            assertThat(database.connectionCancels).hasValue(0);
        }
    }

    @Test
    void a_statement_has_the_time_that_the_pool_gives_it_in_whole_seconds() throws SQLException {
        try (ConnectionPool pool = ConnectionPool.create(
                        config().statementTimeout(Duration.ofMillis(1_001)).build());
                Connection lease = pool.getConnection()) {
            lease.createStatement();
            assertThat(database.queryTimeout).hasValue(2);
            lease.prepareStatement("SELECT 1").setQueryTimeout(7);
            assertThat(database.queryTimeout).hasValue(7);
        }
    }

    @Test
    void a_statement_has_all_the_time_by_default() throws SQLException {
        try (ConnectionPool pool = pool();
                Connection lease = pool.getConnection()) {
            lease.createStatement();
            assertThat(database.queryTimeout.get()).isNull();
        }
    }
}
