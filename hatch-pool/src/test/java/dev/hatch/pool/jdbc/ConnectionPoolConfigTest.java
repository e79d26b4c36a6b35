package dev.hatch.pool.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConnectionPoolConfigTest {

    @Test
    void the_defaults_are_those_of_the_description() {
        ConnectionPoolConfig config =
                ConnectionPoolConfig.builder().dsn(":memory:").build();
        assertThat(config.dsn()).isEqualTo(":memory:");
        assertThat(config.name()).startsWith("hatch-");
        assertThat(config.maxOpenConnections()).isEqualTo(25);
        assertThat(config.maxIdleConnections()).isEqualTo(5);
        assertThat(config.maxIdleSurplusTime()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.connMaxLifetime()).isEqualTo(Duration.ofMinutes(30));
        assertThat(config.connMaxIdleTime()).isEqualTo(Duration.ofMinutes(10));
        assertThat(config.healthCheckPeriod()).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.connectionTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.source()).isNull();
    }

    @Test
    void a_bad_value_is_quoted_with_what_is_allowed() {
        ConnectionPoolConfig.Builder builder = ConnectionPoolConfig.builder();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.maxOpenConnections(0))
                .withMessage("maxOpenConnections is 0; it must be 1 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.maxIdleConnections(-1))
                .withMessage("maxIdleConnections is -1; it must be 0 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.connectionTimeout(Duration.ZERO))
                .withMessageStartingWith("connectionTimeout is PT0S; it must be more than zero");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.connMaxLifetime(Duration.ofDays(100_000)))
                .withMessageStartingWith("connMaxLifetime is PT2400000H; it must be more than zero and at most");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.name(" ")).withMessage("name is blank");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.dsn("")).withMessage("dsn is blank");
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("dsn");
    }

    @Test
    void without_hatch_duckdb_a_duckdb_dsn_says_what_to_add() {
        for (String dsn : new String[] {":memory:", "data.db", "jdbc:duckdb:data.db"}) {
            assertThatThrownBy(() -> ConnectionPool.create(
                            ConnectionPoolConfig.builder().dsn(dsn).build()))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("add dev.hatch:hatch-duckdb");
        }
    }

    @Test
    void an_url_without_a_driver_is_named_by_its_kind_only() {
        ConnectionPoolConfig config = ConnectionPoolConfig.builder()
                .dsn("jdbc:nosuch://user:secret@host/db")
                .build();
        assertThatThrownBy(() -> ConnectionPool.create(config))
                .isInstanceOf(SQLException.class)
                .hasMessage("no JDBC driver on the class path accepts this jdbc:nosuch: URL: add the driver's jar")
                .hasStackTraceContaining("jdbc:nosuch")
                .satisfies(e -> assertThat(stackTrace(e)).doesNotContain("secret"));
    }

    private static String stackTrace(Throwable e) {
        java.io.StringWriter text = new java.io.StringWriter();
        e.printStackTrace(new java.io.PrintWriter(text));
        return text.toString();
    }
}
