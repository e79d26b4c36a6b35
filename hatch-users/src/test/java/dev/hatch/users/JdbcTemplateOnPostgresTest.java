package dev.hatch.users;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.simple.SimpleJdbcCall;
import org.springframework.jdbc.core.simple.SimpleJdbcInsert;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

final class JdbcTemplateOnPostgresTest extends JdbcTemplateContract {
    JdbcTemplateOnPostgresTest() {
        super(TestPool.onPostgres());
    }

    private String setting(String name) {
        return jdbc.queryForObject("SELECT current_setting(?)", String.class, name);
    }

    @Test
    void one_connection_serves_all_that_run_one_after_the_other() {
        for (int id = 0; id < 50; id++) {
            int added = id;
            transaction().executeWithoutResult(status -> insert(added, 1));
        }

        assertThat(ids()).hasSize(50);
        assertThat(pool.stats().created()).isEqualTo(1);
    }

    @Test
    void a_read_only_serializable_transaction_is_that_and_the_next_user_has_neither() throws SQLException {
        TransactionTemplate strict = transaction();
        strict.setReadOnly(true);
        strict.setIsolationLevel(TransactionDefinition.ISOLATION_SERIALIZABLE);

        strict.executeWithoutResult(status -> {
            assertThat(setting("transaction_read_only")).isEqualTo("on");
            assertThat(setting("transaction_isolation")).isEqualTo("serializable");
        });
        assertThatExceptionOfType(DataAccessException.class)
                .isThrownBy(() -> strict.executeWithoutResult(status -> insert(1, 10)))
                .withMessageContaining("read-only transaction");

        assertThat(setting("transaction_read_only")).isEqualTo("off");
        assertThat(setting("transaction_isolation")).isEqualTo("read committed");
        assertThat(pool.stats().created()).isEqualTo(1);
    }

    /** Spring restores what its transactions set, not what a callback does; that is left to the pool. */
    @Test
    void what_a_callback_set_is_set_back_by_the_pool() {
        jdbc.execute((ConnectionCallback<Object>) connection -> {
            connection.setReadOnly(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            connection.setSchema("pg_catalog");
            connection.setNetworkTimeout(Runnable::run, 10_000);
            connection.setClientInfo("ApplicationName", "somebody");
            return null;
        });

        assertThat(setting("transaction_read_only")).isEqualTo("off");
        assertThat(setting("transaction_isolation")).isEqualTo("read committed");
        assertThat(setting("application_name")).isNotEqualTo("somebody");
        assertThat(jdbc.queryForObject("SELECT current_schema()", String.class)).isEqualTo("public");
        assertThat(jdbc.<Integer>execute((ConnectionCallback<Integer>) Connection::getNetworkTimeout))
                .isZero();
        assertThat(pool.stats().created()).isEqualTo(1);
    }

    @Test
    void a_nested_transaction_goes_back_to_its_savepoint() {
        TransactionTemplate nested = transaction();
        nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);

        transaction().executeWithoutResult(outer -> {
            insert(1, 10);
            assertThatExceptionOfType(DuplicateKeyException.class)
                    .isThrownBy(() -> nested.executeWithoutResult(inner -> {
                        insert(2, 20);
                        insert(1, 11);
                    }));
            nested.executeWithoutResult(inner -> insert(3, 30));
            assertThat(pool.stats().inUse()).isEqualTo(1);
        });

        assertThat(ids()).containsExactly(1, 3);
    }

    @Test
    void a_statement_that_outlasts_its_transaction_is_cancelled_and_the_connection_stays_good() {
        TransactionTemplate hasty = transaction();
        hasty.setTimeout(1);

        assertThatExceptionOfType(QueryTimeoutException.class)
                .isThrownBy(() -> hasty.executeWithoutResult(status -> {
                    insert(1, 10);
                    jdbc.execute("SELECT pg_sleep(60)");
                }));

        assertThat(ids()).isEmpty();
        assertThat(pool.stats().created()).isEqualTo(1);
    }

    @Test
    void a_generated_key_comes_back() {
        jdbc.execute("DROP TABLE IF EXISTS event");
        jdbc.execute("CREATE TABLE event(id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what TEXT)");
        SimpleJdbcInsert insert =
                new SimpleJdbcInsert(pool).withTableName("event").usingGeneratedKeyColumns("id");

        assertThat(insert.executeAndReturnKey(Map.of("what", "born"))).isEqualTo(1L);
        assertThat(insert.executeAndReturnKey(Map.of("what", "met"))).isEqualTo(2L);
    }

    @Test
    void a_function_is_called_by_what_the_meta_data_say_of_it() {
        jdbc.execute("CREATE OR REPLACE FUNCTION twice(IN x INTEGER, OUT y INTEGER) AS 'SELECT x * 2' LANGUAGE sql");

        assertThat(new SimpleJdbcCall(pool).withProcedureName("twice").execute(Map.of("x", 21)))
                .containsEntry("y", 42);
    }

    @Test
    void rows_are_fetched_a_few_at_a_time() {
        jdbc.setFetchSize(10);

        long sum = transaction().execute(status -> {
            List<Long> numbers = new ArrayList<>();
            jdbc.query("SELECT generate_series(1, 1000)", row -> {
                numbers.add(row.getLong(1));
            });
            return numbers.stream().mapToLong(Long::longValue).sum();
        });

        assertThat(sum).isEqualTo(500_500);
    }

    @Test
    void the_drivers_own_copy_is_reached_through_unwrap() {
        Long copied = jdbc.execute((ConnectionCallback<Long>) connection -> {
            try {
                return connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn("COPY account FROM STDIN WITH (FORMAT csv)", new StringReader("1,10\n2,20\n"));
            } catch (IOException e) {
                throw new SQLException(e);
            }
        });

        assertThat(copied).isEqualTo(2);
        assertThat(ids()).containsExactly(1, 2);
        assertThat(pool.stats().created()).isEqualTo(1);
    }

    @Test
    void a_connection_that_the_server_ended_is_not_lent_again() {
        assertThatExceptionOfType(DataAccessException.class)
                .isThrownBy(() -> transaction().executeWithoutResult(status -> {
                    insert(1, 10);
                    jdbc.execute("SELECT pg_terminate_backend(pg_backend_pid())");
                }));

        assertThat(ids()).isEmpty();
        assertThat(pool.stats().created()).isEqualTo(2);
        assertThat(pool.stats().destroyed()).isEqualTo(1);
    }

    @Test
    void money_that_many_threads_move_and_often_take_back_is_neither_lost_nor_made() throws Exception {
        int accounts = 10;
        for (int id = 0; id < accounts; id++) {
            insert(id, 100);
        }
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> transfers = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                transfers.add(threads.submit(() -> transfer(accounts)));
            }
            for (Future<?> transfer : transfers) {
                transfer.get();
            }
        } finally {
            threads.shutdown();
        }

        assertThat(jdbc.queryForObject("SELECT sum(balance) FROM account", Long.class))
                .isEqualTo(1_000);
        assertThat(pool.stats().created()).isEqualTo(TestPool.SIZE);
    }

    /** The lower account first, so that two transfers do not wait for each other. */
    private void transfer(int accounts) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int low = random.nextInt(accounts - 1);
        int high = random.nextInt(low + 1, accounts);
        int amount = random.nextInt(-50, 50);
        transaction().executeWithoutResult(status -> {
            jdbc.update("UPDATE account SET balance = balance - ? WHERE id = ?", amount, low);
            if (amount % 3 == 0) {
                status.setRollbackOnly();
            } else {
                jdbc.update("UPDATE account SET balance = balance + ? WHERE id = ?", amount, high);
            }
        });
    }
}
