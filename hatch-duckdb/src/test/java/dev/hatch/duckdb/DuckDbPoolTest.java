package dev.hatch.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.pool.jdbc.HealthStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DuckDbPoolTest {
    @TempDir
    Path folder;

    private static ConnectionPool pool(String dsn) throws SQLException {
        return ConnectionPool.create(ConnectionPoolConfig.builder()
                .dsn(dsn)
                .maxOpenConnections(3)
                .connectionTimeout(Duration.ofSeconds(10))
                .build());
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static Object value(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            assertThat(result.next()).isTrue();
            return result.getObject(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {":memory:", "jdbc:duckdb:", "jdbc:duckdb::memory:"})
    void memory_is_one_database_for_all_leases_of_a_pool(String dsn) throws SQLException {
        try (ConnectionPool pool = pool(dsn)) {
            try (Connection writer = pool.getConnection()) {
                execute(writer, "CREATE TABLE t AS SELECT 42 AS x");
                try (Connection reader = pool.getConnection()) {
                    assertThat(value(reader, "FROM t")).isEqualTo(42);
                }
            }
            try (Connection later = pool.getConnection()) {
                assertThat(value(later, "FROM t")).isEqualTo(42);
            }
            assertThat(pool.stats().inUse()).isZero();
            assertThat(pool.healthCheck().status()).isEqualTo(HealthStatus.HEALTHY);
        }
    }

    @Test
    void memory_of_another_pool_is_another_database() throws SQLException {
        try (ConnectionPool one = pool(":memory:");
                ConnectionPool two = pool(":memory:");
                Connection writer = one.getConnection();
                Connection reader = two.getConnection()) {
            execute(writer, "CREATE TABLE t(x INTEGER)");
            assertThat(value(reader, "SELECT count(*) FROM duckdb_tables()")).isEqualTo(0L);
        }
    }

    @Test
    void a_file_keeps_its_data_from_one_pool_to_the_next() throws SQLException {
        String file = folder.resolve("data.db").toString();
        try (ConnectionPool pool = pool(file);
                Connection lease = pool.getConnection()) {
            execute(lease, "CREATE TABLE t AS SELECT 7 AS x");
        }
        try (ConnectionPool pool = pool("jdbc:duckdb:" + file);
                Connection lease = pool.getConnection()) {
            assertThat(value(lease, "FROM t")).isEqualTo(7);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            SET VARIABLE mine = 'secret'           | SELECT getvariable('mine') IS NULL
            CREATE TEMP TABLE mine(x INTEGER)      | SELECT count(*) = 0 FROM duckdb_tables() WHERE table_name = 'mine'
            CREATE TEMP MACRO mine() AS 1          | SELECT count(*) = 0 FROM duckdb_functions() WHERE function_name = 'mine'
            SET schema = 'other'                   | SELECT current_schema() = 'main'
            SET SESSION null_order = 'nulls_first' | SELECT current_setting('null_order') = 'NULLS_LAST'
            """)
    void what_a_lease_left_behind_is_gone_with_it(String change, String check) throws SQLException {
        try (ConnectionPool pool = pool(":memory:")) {
            try (Connection lease = pool.getConnection()) {
                execute(lease, "CREATE SCHEMA other");
                execute(lease, change);
            }
            for (int i = 0; i < 3; i++) {
                try (Connection next = pool.getConnection()) {
                    assertThat(value(next, check)).isIn(true, 1);
                    assertThat(next.getAutoCommit()).isTrue();
                }
            }
        }
    }

    @Test
    void results_stream_so_that_the_first_row_of_a_huge_one_is_there_at_once() throws SQLException {
        try (ConnectionPool pool = pool(":memory:");
                Connection lease = pool.getConnection();
                Statement statement = lease.createStatement();
                ResultSet result = statement.executeQuery("SELECT range, repeat('x', 100) FROM range(100000000000)")) {
            for (long row = 0; row < 10_000; row++) {
                assertThat(result.next()).isTrue();
                assertThat(result.getLong(1)).isEqualTo(row);
            }
        }
    }

    @Test
    void a_database_that_cannot_be_opened_is_said_in_duckdb_s_words() throws IOException {
        assertThatThrownBy(() -> pool(folder.resolve("missing/data.db").toString()))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("missing/data.db");
        Path text = Files.writeString(folder.resolve("text.db"), "this is not a database ".repeat(1_000));
        assertThatThrownBy(() -> pool(text.toString()))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("not a valid DuckDB database file");
    }

    @Test
    void the_reason_of_a_streaming_query_that_failed_at_once_can_be_found() throws SQLException {
        try (ConnectionPool pool = pool(":memory:");
                Connection lease = pool.getConnection()) {
            String sql = "SELECT (?)::INTEGER";
            StreamingFailures.Binder binder = statement -> statement.setString(1, "abc");
            SQLException lost = null;
            try (PreparedStatement statement = lease.prepareStatement(sql)) {
                binder.bind(statement);
                statement.execute();
            } catch (SQLException e) {
                lost = e;
            }
            assertThat((Throwable) lost).isNotNull();
            assumeTrue(StreamingFailures.isMessageLost(lost), "this driver does not lose the message");
            assertThat((Throwable) StreamingFailures.reason(lease, sql, binder, Duration.ofSeconds(5), lost))
                    .hasMessageContaining("Conversion Error: Could not convert string 'abc' to INT32");
            assertThat(lease.getAutoCommit()).isTrue();
            assertThat(value(lease, "SELECT 1")).isEqualTo(1);
        }
    }

    @Test
    void a_second_run_that_does_not_fail_or_end_leaves_the_reason_unknown() throws SQLException {
        try (ConnectionPool pool = pool(":memory:");
                Connection lease = pool.getConnection()) {
            assertUnknown(lease, "SELECT 1", Duration.ofSeconds(5));
            String endless = "SELECT sum(a.range) FROM range(10000000) a, range(10000000) b";
            assertUnknown(lease, endless, Duration.ofMillis(1));
            assertThat(lease.getAutoCommit()).isTrue();
            assertThat(value(lease, "SELECT 1")).isEqualTo(1);
        }
    }

    @Test
    void a_query_that_may_change_something_is_not_run_again() throws SQLException {
        try (ConnectionPool pool = pool(":memory:");
                Connection lease = pool.getConnection();
                Statement statement = lease.createStatement()) {
            statement.execute("CREATE SEQUENCE s");
            statement.execute("CREATE TABLE t (x INTEGER)");
            statement.execute("CREATE MACRO next() AS nextval('s')");
            statement.execute("CREATE VIEW v AS SELECT nextval('s') AS x");
            for (String sql : List.of(
                    "SELECT nextval('s')",
                    "/* SELECT */ SELECT next()",
                    "-- all\n(FROM v)",
                    "WITH x AS (SELECT 1) INSERT INTO t FROM x RETURNING x",
                    "INSERT INTO t VALUES (1) RETURNING x",
                    "CREATE TEMPORARY TABLE made AS SELECT 1",
                    "SET threads = 1",
                    "/* /* */ SELECT */ SET VARIABLE x = 1")) {
                assertUnknown(lease, sql, Duration.ofSeconds(5));
            }
            assertThat(value(lease, "SELECT count(*) FROM duckdb_sequences() WHERE last_value IS NOT NULL"))
                    .isEqualTo(0L);
            assertThat(value(lease, "SELECT count(*) FROM t")).isEqualTo(0L);
            assertThat(value(lease, "SELECT count(*) FROM duckdb_tables()")).isEqualTo(1L);
        }
    }

    private static void assertUnknown(Connection lease, String sql, Duration bound) {
        SQLException lost = new SQLException("Invalid Input Error: Invalid result set");
        assertThat((Throwable) StreamingFailures.reason(lease, sql, statement -> {}, bound, lost))
                .as(sql)
                .hasCause(lost)
                .hasMessageStartingWith("Invalid Input Error: Invalid result set (DuckDB's driver did not say why");
    }
}
