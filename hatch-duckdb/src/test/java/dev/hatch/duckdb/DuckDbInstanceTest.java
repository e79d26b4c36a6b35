package dev.hatch.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The root, and what holds for the whole instance. */
@Timeout(60)
final class DuckDbInstanceTest {
    @TempDir
    Path folder;

    private static ConnectionPoolConfig.Builder config(Object dsn) {
        return ConnectionPoolConfig.builder()
                .name("test")
                .dsn(dsn.toString())
                .maxOpenConnections(3)
                .connectionTimeout(Duration.ofSeconds(10));
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getInt(1);
        }
    }

    /** Has DuckDB fail in the middle of a checkpoint, after which it refuses everything. */
    private static void breakInstance(Connection connection) throws SQLException {
        execute(connection, "INSERT INTO t VALUES (43)");
        execute(connection, "SET GLOBAL debug_checkpoint_abort = 'before_header'");
        assertThatThrownBy(() -> execute(connection, "CHECKPOINT")).isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> number(connection, "SELECT 1")).hasMessageContaining("FATAL Error:");
    }

    @Test
    void after_a_fatal_error_the_database_is_opened_again_when_the_last_connection_is_back() throws SQLException {
        try (ConnectionPool pool =
                ConnectionPool.create(config(folder.resolve("a.db")).build())) {
            List<Connection> leases = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                leases.add(pool.getConnection());
            }
            execute(leases.get(0), "CREATE TABLE t AS SELECT 42 AS x");
            execute(leases.get(1), "SELECT 1");
            breakInstance(leases.get(0));
            leases.get(0).close();
            leases.get(1).close();
            assertThatThrownBy(() -> pool.getConnection(Duration.ofMillis(200)))
                    .hasMessageContaining("it can be opened again when the last connection to it is closed");
            leases.get(2).close();
            await().ignoreExceptionsInstanceOf(SQLException.class).until(() -> {
                try (Connection lease = pool.getConnection()) {
                    return number(lease, "SELECT sum(x)::INTEGER FROM t") == 85;
                }
            });
        }
    }

    @Test
    void a_database_in_memory_is_not_silently_replaced_by_an_empty_one() throws SQLException {
        try (ConnectionPool pool = ConnectionPool.create(config(":memory:").build())) {
            try (Connection lease = pool.getConnection()) {
                execute(lease, "CREATE TABLE t AS SELECT 42 AS x");
                assertThatThrownBy(() -> number(lease, "SELECT error('an error of no consequence')"))
                        .isInstanceOf(SQLException.class);
            }
            try (Connection lease = pool.getConnection()) {
                assertThat(number(lease, "FROM t")).isEqualTo(42);
            }
        }
        DuckDbInstance instance =
                (DuckDbInstance) new DuckDbSource().open(config(":memory:").build());
        instance.closeRoot();
        assertThatThrownBy(instance::connect).hasMessageContaining("in memory is lost");
        instance.close();
    }

    @Test
    void a_root_that_was_closed_is_opened_again() throws SQLException {
        DuckDbInstance instance = (DuckDbInstance)
                new DuckDbSource().open(config(folder.resolve("b.db")).build());
        try (Connection first = instance.connect()) {
            execute(first, "CREATE TABLE t AS SELECT 42 AS x");
            instance.closeRoot();
            try (Connection second = instance.connect()) {
                assertThat(number(second, "FROM t")).isEqualTo(42);
            }
        }
        instance.close();
        assertThatThrownBy(instance::connect).hasMessageContaining("was closed");
    }

    @Test
    void a_file_that_is_open_elsewhere_in_the_jvm_can_be_opened() throws SQLException {
        String url = "jdbc:duckdb:" + folder.resolve("c.db");
        try (Connection elsewhere = DriverManager.getConnection(url);
                ConnectionPool pool = ConnectionPool.create(config(url).build());
                Connection lease = pool.getConnection()) {
            execute(elsewhere, "CREATE TABLE t AS SELECT 42 AS x");
            assertThat(number(lease, "FROM t")).isEqualTo(42);
        }
    }

    @Test
    void nothing_is_left_open_by_a_pool_that_is_closed() throws SQLException {
        String url = "jdbc:duckdb:" + folder.resolve("d.db");
        try (ConnectionPool pool = ConnectionPool.create(config(url).build())) {
            for (int i = 0; i < 100; i++) {
                try (Connection lease = pool.getConnection()) {
                    execute(lease, "SELECT 1");
                }
            }
        }
        // Refused while the instance is open as it was.
        await().ignoreExceptionsInstanceOf(SQLException.class).until(() -> {
            DriverManager.getConnection(url + ";threads=1").close();
            return true;
        });
    }

    @Test
    void a_failure_that_only_looks_fatal_does_not_cost_the_root() throws SQLException {
        DuckDbInstance instance =
                (DuckDbInstance) new DuckDbSource().open(config(":memory:").build());
        try (Connection before = instance.connect()) {
            execute(before, "CREATE TABLE t AS SELECT 42 AS x");
        }
        assertThat(instance.isFatal(new SQLException("INTERNAL Error: planted")))
                .isTrue();
        try (Connection after = instance.connect()) {
            assertThat(number(after, "FROM t")).isEqualTo(42);
        }
        instance.close();
    }

    @Test
    void a_locked_configuration_takes_settings_from_sessions_and_leaves_them_the_rest() throws SQLException {
        ConnectionPoolConfig locked = config(":memory:")
                .driverProperty("lock_configuration", "true")
                .driverProperty("threads", "1")
                .build();
        try (ConnectionPool pool = ConnectionPool.create(locked);
                Connection lease = pool.getConnection()) {
            for (String sql : List.of("SET threads = 2", "SET TimeZone = 'UTC'", "RESET threads")) {
                assertThatThrownBy(() -> execute(lease, sql)).as(sql).hasMessageContaining("locked");
            }
            execute(lease, "SET VARIABLE v = 1");
            execute(lease, "USE main");
            execute(lease, "CREATE TEMPORARY TABLE t (x INTEGER)");
            execute(lease, "ATTACH ':memory:' AS other");
            assertThat(number(lease, "SELECT current_setting('threads')")).isOne();
        }
    }

    @Test
    void a_statement_has_a_time_limit() throws SQLException {
        try (ConnectionPool pool = ConnectionPool.create(config(":memory:")
                        .statementTimeout(Duration.ofSeconds(1))
                        .build());
                Connection lease = pool.getConnection();
                Statement statement = lease.createStatement()) {
            assertThatThrownBy(() -> {
                        try (ResultSet rows = statement.executeQuery(
                                "SELECT a.range FROM range(1000000) a, range(1000000) b WHERE a.range * b.range = -1")) {
                            rows.next();
                        }
                    })
                    // The driver has lost DuckDB's message.
                    .isInstanceOf(SQLException.class);
            execute(lease, "SELECT 1");
        }
    }
}
