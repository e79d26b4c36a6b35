package dev.hatch.contract;

import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
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
}
