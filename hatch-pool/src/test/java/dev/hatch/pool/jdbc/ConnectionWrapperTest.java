package dev.hatch.pool.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is run again and what is not, and what reaches the database. */
@Timeout(60)
final class ConnectionWrapperTest {
    private static final RetryPolicy IDEMPOTENT = RetryPolicy.forIdempotent();

    private final ScriptedDatabase database = new ScriptedDatabase();
    private final ConnectionPool pool;
    private final Orders orders;

    ConnectionWrapperTest() throws SQLException {
        pool = ConnectionPool.create(ConnectionPoolConfig.builder()
                .name("test")
                .dsn("scripted")
                .source(database)
                .maxOpenConnections(2)
                .connectionTimeout(Duration.ofSeconds(5))
                .build());
        orders = new Orders(pool);
    }

    @AfterEach
    void nothing_is_out() {
        assertThat(pool.stats().inUse()).isZero();
        pool.close();
    }

    /** As a user would extend it. */
    private static final class Orders extends ConnectionWrapper {
        Orders(ConnectionPool pool) {
            super(pool);
        }
    }

    @Test
    void a_statement_is_bound_executed_and_its_connection_given_back() throws SQLException {
        assertThat(orders.execute("UPDATE orders SET total = ? WHERE id = ?", 7, null))
                .isEqualTo(3);
        assertThat(database.log).containsExactly("UPDATE orders SET total = ? WHERE id = ? [7, null]");
    }

    @Test
    void the_rows_of_a_query_are_mapped_in_their_order() throws SQLException {
        assertThat(orders.query("SELECT id FROM orders WHERE total > ?", row -> row.getInt(1), 5))
                .containsExactly(1, 2, 3);
        assertThat(database.log).containsExactly("SELECT id FROM orders WHERE total > ? [5]");
    }

    @Test
    void where_nothing_commits_by_itself_a_statement_is_committed() throws SQLException {
        database.autoCommit = false;
        orders.execute("DELETE FROM orders");
        assertThat(database.log).contains("DELETE FROM orders []", "commit");
    }

    @Test
    void an_idempotent_statement_is_tried_again_after_failures_that_may_pass() throws SQLException {
        database.failures.add(new SQLTransientException("busy"));
        database.failures.add(new SQLException("deadlock", "40P01"));
        database.failures.add(new SQLException("terminated", "57P01"));
        database.failures.add(new SQLException("lost", "08006"));
        assertThat(orders.executeWithRetry(IDEMPOTENT, "DELETE FROM orders")).isEqualTo(3);
        assertThat(database.log).hasSize(5);
    }

    @Test
    void what_may_have_been_executed_is_not_repeated_unless_the_caller_allows_it() {
        database.failures.add(new SQLException("lost", "08006"));
        assertThatThrownBy(() -> orders.executeWithRetry(RetryPolicy.ifNotSent(), "INSERT INTO orders VALUES (1)"))
                .hasMessage("lost");
        assertThat(database.log).hasSize(1);
    }

    @Test
    void what_was_not_sent_is_tried_again_in_any_case() throws SQLException {
        try (Connection one = pool.getConnection();
                Connection two = pool.getConnection()) {
            assertThatThrownBy(() -> orders.executeWithRetry(
                            RetryPolicy.ifNotSent().within(Duration.ofMillis(50)), "INSERT INTO orders VALUES (1)"))
                    .isInstanceOf(SQLTransientException.class)
                    .hasMessageContaining("had no connection within");
            assertThat(one.isClosed() || two.isClosed()).isFalse();
        }
        assertThat(database.log).isEmpty();
    }

    @Test
    void a_failure_that_will_not_pass_is_not_tried_again_whatever_its_text_says() {
        database.failures.add(new SQLIntegrityConstraintViolationException("duplicate key: timeout, retry", "23505"));
        assertThatThrownBy(() -> orders.executeWithRetry(IDEMPOTENT, "INSERT INTO orders VALUES (1)"))
                .isInstanceOf(SQLIntegrityConstraintViolationException.class);
        assertThat(database.log).hasSize(1);
    }

    @Test
    void nothing_is_tried_again_within_a_transaction() {
        database.autoCommit = false;
        database.failures.add(new SQLException("deadlock", "40P01"));
        assertThatThrownBy(() -> orders.executeWithRetry(IDEMPOTENT, "DELETE FROM orders"))
                .hasMessage("deadlock");
        assertThat(database.log).containsOnlyOnce("DELETE FROM orders []");
    }

    @Test
    void tries_end_at_the_deadline_with_the_last_failure_and_the_earlier_ones_beside_it() {
        for (int i = 0; i < 1_000; i++) {
            database.failures.add(new SQLTransientException("busy " + i));
        }
        RetryPolicy policy = new RetryPolicy(true, Duration.ofMillis(100), Duration.ofMillis(1), Duration.ofMillis(20));
        long start = System.nanoTime();
        assertThatThrownBy(() -> orders.executeWithRetry(policy, "DELETE FROM orders"))
                .isInstanceOf(SQLTransientException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).isNotEmpty().hasSize(database.log.size() - 1));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void a_try_after_a_failure_is_made_on_a_connection_that_is_valid() throws SQLException {
        database.failures.add(new SQLException("lost", "08006"));
        database.invalid = 1;
        assertThat(orders.executeWithRetry(IDEMPOTENT, "DELETE FROM orders")).isEqualTo(3);
        assertThat(database.log).hasSize(2);
        assertThat(database.connects).isGreaterThanOrEqualTo(3);
    }

    @Test
    void an_interrupted_pause_ends_with_the_failure_and_stays_interrupted() {
        database.failures.add(new SQLTransientException("busy"));
        RetryPolicy policy = new RetryPolicy(true, Duration.ofDays(1), Duration.ofHours(1), Duration.ofHours(1));
        database.interrupts = true;
        assertThatThrownBy(() -> orders.executeWithRetry(policy, "DELETE FROM orders"))
                .hasMessage("busy");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void a_policy_quotes_what_it_does_not_allow() {
        assertThatThrownBy(() -> IDEMPOTENT.within(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("deadline is PT0S; it must be more than zero");
    }

    /** Logs what is executed, and fails as it was told to. */
    private static final class ScriptedDatabase implements ConnectionSource, ConnectionSource.Database {
        final List<String> log = new ArrayList<>();
        final Deque<SQLException> failures = new ArrayDeque<>();
        volatile boolean autoCommit = true;
        boolean interrupts;
        volatile int invalid;
        volatile int connects;

        @Override
        public boolean accepts(String dsn) {
            return true;
        }

        @Override
        public Database open(ConnectionPoolConfig config) {
            return this;
        }

        @Override
        public synchronized Connection connect() {
            connects = connects + 1;
            return proxy(Connection.class, (self, method, args) -> switch (method.getName()) {
                case "getAutoCommit" -> autoCommit;
                case "isValid" -> isValid();
                case "prepareStatement" -> statement((String) args[0]);
                case "commit" -> {
                    log.add("commit");
                    yield null;
                }
                default -> null;
            });
        }

        private synchronized boolean isValid() {
            if (!log.isEmpty() && invalid > 0) {
                invalid = invalid - 1;
                return false;
            }
            return true;
        }

        private PreparedStatement statement(String sql) {
            List<Object> parameters = new ArrayList<>();
            return proxy(PreparedStatement.class, (self, method, args) -> switch (method.getName()) {
                case "setObject" -> {
                    parameters.add(args[1]);
                    yield null;
                }
                case "execute" -> {
                    run(sql, parameters);
                    yield false;
                }
                case "executeQuery" -> {
                    run(sql, parameters);
                    yield rows();
                }
                case "getLargeUpdateCount" -> 3L;
                default -> null;
            });
        }

        private void run(String sql, List<Object> parameters) throws SQLException {
            log.add(sql + " " + parameters);
            if (interrupts) {
                Thread.currentThread().interrupt();
            }
            SQLException failure = failures.poll();
            if (failure != null) {
                throw failure;
            }
        }

        private static ResultSet rows() {
            int[] row = new int[1];
            return proxy(ResultSet.class, (self, method, args) -> switch (method.getName()) {
                case "next" -> ++row[0] <= 3;
                case "getInt" -> row[0];
                default -> null;
            });
        }

        private static <T> T proxy(Class<T> type, InvocationHandler handler) {
            return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
        }

        @Override
        public void close() {}
    }
}
