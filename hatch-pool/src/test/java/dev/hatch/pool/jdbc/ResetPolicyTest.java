package dev.hatch.pool.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** By whatever way a connection is made clean; hatch-conformance shows on real databases how clean that is. */
final class ResetPolicyTest extends FakeDatabaseFixture {
    private static void use(ConnectionPool pool) throws SQLException {
        try (Connection lease = pool.getConnection()) {
            lease.createStatement().execute("SET x = 1");
        }
    }

    private static void unwrap(ConnectionPool pool) throws SQLException {
        try (Connection lease = pool.getConnection()) {
            assertThatThrownBy(() -> lease.unwrap(Integer.class)).isInstanceOf(SQLException.class);
        }
    }

    private ConnectionPool pool(ResetPolicy policy) throws SQLException {
        ConnectionPool pool = ConnectionPool.create(
                config().resetPolicy(policy).maxOpenConnections(1).build());
        assertThat(database.connects).hasValue(1);
        return pool;
    }

    @Test
    void a_session_is_reset_once_something_ran() throws SQLException {
        database.resetPolicy.set(ResetPolicy.STATEMENT);
        try (ConnectionPool pool = pool()) {
            pool.getConnection().close();
            assertThat(database.sessionResets).hasValue(0);
            use(pool);
            assertThat(database.sessionResets).hasValue(1);
            pool.getConnection().close();
            assertThat(database.sessionResets).hasValue(1);
        }
    }

    @Test
    void a_connection_whose_session_cannot_be_reset_is_not_lent_again() throws SQLException {
        database.resetPolicy.set(ResetPolicy.STATEMENT);
        try (ConnectionPool pool = pool(ResetPolicy.STATEMENT)) {
            database.failSessionReset.set(new SQLException("planted"));
            use(pool);
            await().until(() -> pool.stats().destroyed() == 1);
            pool.getConnection().close();
            assertThat(database.connects).hasValue(2);
            assertConserved(pool.stats());
        }
    }

    @Test
    void where_a_session_is_reset_a_connection_that_was_unwrapped_is_replaced() throws SQLException {
        database.resetPolicy.set(ResetPolicy.STATEMENT);
        try (ConnectionPool pool = pool(ResetPolicy.STATEMENT)) {
            unwrap(pool);
            assertThat(database.connects).hasValue(2);
            assertThat(database.closes).hasValue(1);
            assertThat(pool.stats().created()).isOne();
        }
    }

    @Test
    void a_used_connection_can_be_replaced_on_any_database() throws SQLException {
        try (ConnectionPool pool = pool(ResetPolicy.REPLACE)) {
            pool.getConnection().close();
            assertThat(database.connects).hasValue(1);
            use(pool);
            assertThat(database.connects).hasValue(2);
            assertThat(database.closes).hasValue(1);
        }
    }

    @Test
    void attributes_can_be_enough_on_any_database() throws SQLException {
        database.resetPolicy.set(ResetPolicy.STATEMENT);
        try (ConnectionPool pool = pool(ResetPolicy.ATTRIBUTES)) {
            use(pool);
            assertThat(database.sessionResets).hasValue(0);
            assertThat(database.connects).hasValue(1);
        }
    }

    @Test
    void a_statement_that_the_database_does_not_have_is_refused() {
        assertThatThrownBy(() -> pool(ResetPolicy.STATEMENT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Pool 'test': resetPolicy is STATEMENT; this database has no statement that resets a session:"
                                + " it must be REPLACE or ATTRIBUTES");
        assertThat(database.databaseCloses).hasValue(1);
    }
}
