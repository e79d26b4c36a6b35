package dev.hatch.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.sql.Types;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.jdbc.PgStatement;

/** A server of its own, through the driver that {@link java.sql.DriverManager} finds: no source of Hatch knows it. */
final class PostgresContractTest extends ConnectionPoolContract {
    private static EmbeddedPostgres server;

    @BeforeAll
    static void start() throws IOException {
        server = EmbeddedPostgres.start();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static String url() {
        return server.getJdbcUrl("postgres", "postgres");
    }

    @Override
    ConnectionPoolConfig.Builder config() {
        return ConnectionPoolConfig.builder().dsn(url()).driverProperty("ApplicationName", "contract");
    }

    @Override
    List<String> tables() {
        return List.of(
                "DROP TABLE IF EXISTS t",
                "CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY, name varchar)",
                "CREATE SCHEMA IF NOT EXISTS other");
    }

    @Override
    String failing() {
        return "SELECT 1 / 0";
    }

    @Override
    Class<? extends Connection> driversConnection() {
        return PgConnection.class;
    }

    @Override
    Class<? extends Statement> driversStatement() {
        return PgStatement.class;
    }

    @Override
    Map<Enum<?>, String> lacks() {
        return Map.of(Setting.CATALOG, "PostgreSQL's driver ignores setCatalog: a connection stays in its database");
    }

    @Override
    void kill(Connection lease) throws SQLException {
        int backend = number(lease, "SELECT pg_backend_pid()");
        try (Connection admin = DriverManager.getConnection(url())) {
            execute(admin, "SELECT pg_terminate_backend(" + backend + ")");
        }
        awaitGone(backend);
    }

    private static void awaitGone(int backend) throws SQLException {
        try (Connection admin = DriverManager.getConnection(url())) {
            eventually()
                    .until(() -> number(admin, "SELECT count(*) FROM pg_stat_activity WHERE pid = " + backend) == 0);
        }
    }

    /** Few ways lead to one that the connection keeps: most are the statement's. */
    @Override
    void warn(Connection lease) throws SQLException {
        lease.unwrap(PgConnection.class).addWarning(new SQLWarning("take care"));
    }

    @Override
    void assertNoneIsOpen() throws SQLException {
        try (Connection admin = DriverManager.getConnection(url())) {
            eventually()
                    .until(() -> number(
                                    admin,
                                    "SELECT count(*) FROM pg_stat_activity WHERE application_name IN ('contract', 'other')")
                            == 0);
        }
    }

    /** Its comments nest, and end where a line does by any of its ways. */
    @ParameterizedTest
    @ValueSource(strings = {"/* /* */ */ BEGIN", "-- comment\rBEGIN", "SELECT 1; /* /* */ */ BEGIN"})
    void a_transaction_that_began_behind_a_comment_of_postgresql_does_not_reach_the_next(String begin)
            throws SQLException {
        a_transaction_that_a_text_began_does_not_reach_the_next(begin);
    }

    @Test
    void a_cursor_that_a_function_returns_leads_to_the_lease_and_not_past_it() throws SQLException {
        try (Connection lease = pool.getConnection()) {
            execute(
                    lease,
                    "CREATE OR REPLACE FUNCTION answers() RETURNS refcursor LANGUAGE plpgsql AS"
                            + " 'DECLARE c refcursor; BEGIN OPEN c FOR SELECT 42; RETURN c; END'");
            lease.setAutoCommit(false);
            try (CallableStatement call = lease.prepareCall("{? = call answers()}")) {
                call.registerOutParameter(1, Types.REF_CURSOR);
                call.execute();
                try (ResultSet answers = (ResultSet) call.getObject(1)) {
                    assertThat(answers.next()).isTrue();
                    assertThat(answers.getInt(1)).isEqualTo(42);
                    assertThat(answers.getStatement().getConnection()).isSameAs(lease);
                }
            }
        }
    }

    @Test
    void a_connection_that_the_server_ended_for_its_idle_transaction_is_not_lent_again() throws SQLException {
        try (Connection lease = pool.getConnection()) {
            int backend = number(lease, "SELECT pg_backend_pid()");
            execute(lease, "SET idle_in_transaction_session_timeout = 1");
            lease.setAutoCommit(false);
            execute(lease, "SELECT 1");
            awaitGone(backend);
            assertThatThrownBy(() -> number(lease, "SELECT 1")).isInstanceOf(SQLException.class);
        }
        eventually().until(() -> pool.stats().destroyed() == 1);
        pool.getConnection().close();
        assertThat(pool.stats().created()).isEqualTo(2);
    }
}
