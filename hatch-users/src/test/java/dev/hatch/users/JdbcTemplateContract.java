package dev.hatch.users;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hatch.pool.jdbc.ConnectionPool;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** Spring's JdbcTemplate and transactions, on whatever database a pool may be on. */
@Timeout(120)
abstract class JdbcTemplateContract {
    @RegisterExtension
    final TestPool testPool;

    ConnectionPool pool;
    JdbcTemplate jdbc;

    JdbcTemplateContract(TestPool testPool) {
        this.testPool = testPool;
    }

    @BeforeEach
    void createTable() {
        pool = testPool.get();
        jdbc = new JdbcTemplate(pool);
        jdbc.execute("DROP TABLE IF EXISTS account");
        jdbc.execute("CREATE TABLE account(id INTEGER PRIMARY KEY, balance INTEGER NOT NULL)");
    }

    final TransactionTemplate transaction() {
        return new TransactionTemplate(new JdbcTransactionManager(pool));
    }

    final TransactionTemplate transactionOfItsOwn() {
        TransactionTemplate transaction = transaction();
        transaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        return transaction;
    }

    final void insert(int id, int balance) {
        assertThat(jdbc.update("INSERT INTO account VALUES (?, ?)", id, balance))
                .isEqualTo(1);
    }

    final List<Integer> ids() {
        return jdbc.queryForList("SELECT id FROM account ORDER BY id", Integer.class);
    }

    /** Takes every connection of the pool, and gives them back after. */
    final void withEachConnection(ConnectionCallback<?> callback) throws SQLException {
        try (Connection one = pool.getConnection();
                Connection other = pool.getConnection()) {
            for (Connection connection : List.of(one, other)) {
                callback.doInConnection(connection);
            }
        }
    }

    @Test
    void a_transaction_that_ends_well_is_committed() {
        Integer sum = transaction().execute(status -> {
            insert(1, 10);
            insert(2, 20);
            assertThat(pool.stats().inUse()).isEqualTo(1);
            return jdbc.queryForObject("SELECT CAST(sum(balance) AS INTEGER) FROM account", Integer.class);
        });

        assertThat(sum).isEqualTo(30);
        assertThat(ids()).containsExactly(1, 2);
    }

    @Test
    void a_transaction_that_throws_is_rolled_back() {
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> transaction().executeWithoutResult(status -> {
                    insert(1, 10);
                    throw new IllegalStateException("changed my mind");
                }))
                .withMessage("changed my mind");

        assertThat(ids()).isEmpty();
    }

    @Test
    void a_statement_that_fails_is_translated_and_rolls_back_what_was_before_it() {
        assertThatExceptionOfType(DataAccessException.class)
                .isThrownBy(() -> transaction().executeWithoutResult(status -> {
                    insert(1, 10);
                    insert(1, 11);
                }));

        assertThat(ids()).isEmpty();
        insert(1, 12);
        assertThat(ids()).containsExactly(1);
    }

    @Test
    void a_transaction_within_another_runs_on_a_second_connection_and_outlives_its_rollback() {
        transaction().executeWithoutResult(outer -> {
            insert(1, 10);
            transactionOfItsOwn().executeWithoutResult(inner -> {
                assertThat(pool.stats().inUse()).isEqualTo(2);
                assertThat(ids()).isEmpty();
                insert(2, 20);
            });
            assertThat(pool.stats().inUse()).isEqualTo(1);
            assertThat(ids()).contains(1);
            outer.setRollbackOnly();
        });

        assertThat(ids()).containsExactly(2);
    }

    @Test
    void a_transaction_within_two_others_is_told_that_the_pool_of_two_has_no_connection_left() {
        TransactionTemplate third = new TransactionTemplate(new JdbcTransactionManager(new DelegatingDataSource(pool) {
            @Override
            public Connection getConnection() throws SQLException {
                return pool.getConnection(Duration.ZERO);
            }
        }));

        transaction()
                .executeWithoutResult(outer -> transactionOfItsOwn().executeWithoutResult(inner -> {
                    insert(1, 10);
                    assertThatExceptionOfType(CannotCreateTransactionException.class)
                            .isThrownBy(() -> third.executeWithoutResult(status -> insert(2, 20)))
                            .withCauseInstanceOf(SQLTransientConnectionException.class);
                }));

        assertThat(ids()).containsExactly(1);
    }

    @Test
    void what_a_transaction_was_set_to_does_not_reach_the_next_user() throws SQLException {
        TransactionTemplate readOnly = transaction();
        readOnly.setReadOnly(true);
        readOnly.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        readOnly.setTimeout(30);
        int isolation;
        try (Connection connection = pool.getConnection()) {
            isolation = connection.getTransactionIsolation();
        }

        assertThat(readOnly.<List<Integer>>execute(status -> ids())).isEmpty();

        withEachConnection(connection -> {
            assertThat(connection.isReadOnly()).isFalse();
            assertThat(connection.getTransactionIsolation()).isEqualTo(isolation);
            assertThat(connection.getAutoCommit()).isTrue();
            return null;
        });
        insert(1, 10);
        assertThat(ids()).containsExactly(1);
    }

    @Test
    void what_a_callback_left_on_its_connection_does_not_reach_the_next_user() throws SQLException {
        jdbc.execute((ConnectionCallback<Object>) connection -> {
            connection.setAutoCommit(false);
            connection.createStatement().executeUpdate("INSERT INTO account VALUES (1, 10)");
            return null;
        });

        withEachConnection(connection -> {
            assertThat(connection.getAutoCommit()).isTrue();
            return null;
        });
        assertThat(ids()).isEmpty();
    }

    @Test
    void a_batch_updates_each_of_its_rows() {
        List<Object[]> rows = IntStream.range(0, 1_000)
                .mapToObj(id -> new Object[] {id, id * 2})
                .toList();

        int[] counts = jdbc.batchUpdate("INSERT INTO account VALUES (?, ?)", rows);

        assertThat(counts).hasSize(1_000).containsOnly(1);
        assertThat(jdbc.queryForObject("SELECT CAST(sum(balance) AS INTEGER) FROM account", Integer.class))
                .isEqualTo(999_000);
    }

    @Test
    void a_query_maps_rows_to_records() {
        insert(1, 10);
        insert(2, 20);

        assertThat(jdbc.query(
                        "SELECT id, balance FROM account WHERE balance > ? ORDER BY id",
                        (row, number) -> new Account(row.getInt("id"), row.getInt("balance")),
                        5))
                .containsExactly(new Account(1, 10), new Account(2, 20));
        assertThat(jdbc.queryForMap("SELECT id, balance FROM account WHERE id = 2"))
                .containsEntry("id", 2)
                .containsEntry("balance", 20);
    }

    record Account(int id, int balance) {}

    @Test
    void a_stream_holds_its_connection_until_it_is_closed() {
        insert(1, 10);
        insert(2, 20);

        try (Stream<Integer> stream =
                jdbc.queryForStream("SELECT id FROM account ORDER BY id", (row, n) -> row.getInt(1))) {
            assertThat(pool.stats().inUse()).isEqualTo(1);
            assertThat(stream.findFirst()).contains(1);
        }

        assertThat(pool.stats().inUse()).isZero();
    }
}
