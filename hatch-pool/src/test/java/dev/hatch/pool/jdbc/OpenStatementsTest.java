package dev.hatch.pool.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The stack of statements that a lease has open. */
@Timeout(60)
final class OpenStatementsTest {
    private final FakeDatabase database = new FakeDatabase();
    private final ConnectionPool pool;

    OpenStatementsTest() throws SQLException {
        pool = ConnectionPool.create(ConnectionPoolConfig.builder()
                .name("test")
                .dsn("fake")
                .source(database)
                .maxOpenConnections(1)
                .build());
    }

    @AfterEach
    void nothing_is_left_open() {
        pool.close();
        assertThat(database.openStatements).hasValue(0);
    }

    @Test
    void those_closed_in_any_order_are_forgotten_and_the_rest_is_closed_on_return() throws SQLException {
        try (Connection lease = pool.getConnection()) {
            List<Statement> statements = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                statements.add(lease.createStatement());
            }
            SplittableRandom random = new SplittableRandom(7);
            while (statements.size() > 500) {
                statements.remove(random.nextInt(statements.size())).close();
            }
            assertThat(database.openStatements).hasValue(500);
        }
        assertThat(database.openStatements).hasValue(0);
    }

    @Test
    void a_statement_that_stays_open_does_not_keep_those_that_were_closed_after_it() throws SQLException {
        try (PooledConnection lease = (PooledConnection) pool.getConnection()) {
            Statement before = lease.createStatement();
            for (int i = 0; i < 10_000; i++) {
                // Each is closed below the next.
                Statement next = lease.createStatement();
                before.close();
                before = next;
            }
            assertThat(lease.physical().statements()).isLessThan(200);
        }
    }

    @Test
    void a_lease_whose_statements_were_closed_in_the_order_they_were_made_has_nothing_to_reset() throws SQLException {
        try (PooledConnection lease = (PooledConnection) pool.getConnection()) {
            Statement first = lease.createStatement();
            Statement second = lease.createStatement();
            first.close();
            assertThat(lease.physical().isClean()).isFalse();
            second.close();
            assertThat(lease.physical().isClean()).isTrue();
        }
    }

    @Test
    void a_closed_statement_says_that_it_is_closed() throws SQLException {
        try (Connection lease = pool.getConnection()) {
            Statement statement = lease.createStatement();
            statement.close();
            assertThat(statement.isClosed()).isTrue();
            assertThat(statement).hasToString("closed statement");
            assertThatThrownBy(() -> statement.execute("SELECT 1"))
                    .isInstanceOf(SQLNonTransientException.class)
                    .hasMessage("this statement was closed")
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("HY010");
            assertThatThrownBy(statement::getConnection).hasMessage("this statement was closed");
        }
    }

    @Test
    void threads_that_share_a_lease_lose_no_statement() throws Exception {
        for (int round = 0; round < 20; round++) {
            Connection lease = pool.getConnection();
            AtomicBoolean over = new AtomicBoolean();
            List<FutureTask<Void>> users = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                SplittableRandom random = new SplittableRandom(31L * round + i);
                FutureTask<Void> user = new FutureTask<>(() -> {
                    List<Statement> open = new ArrayList<>();
                    while (!over.get()) {
                        if (open.size() < 20 || random.nextBoolean()) {
                            open.add(lease.createStatement());
                        } else {
                            open.remove(random.nextInt(open.size())).close();
                        }
                    }
                    return null;
                });
                users.add(user);
                new Thread(user, "user").start();
            }
            while (database.madeStatements.get() < 20_000L * (round + 1)) {
                Thread.onSpinWait();
            }
            if (round % 2 == 0) {
                lease.close();
                for (FutureTask<Void> user : users) {
                    assertThatThrownBy(user::get).hasRootCauseInstanceOf(SQLException.class);
                }
            } else {
                over.set(true);
                for (FutureTask<Void> user : users) {
                    user.get();
                }
                lease.close();
            }
            assertThat(database.openStatements).hasValue(0);
        }
    }
}
