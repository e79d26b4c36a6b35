package dev.hatch.pool.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hatch.pool.LeaseTracking;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
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
        assertThat(config.leaseTracking()).isEqualTo(LeaseTracking.SAMPLED);
        assertThat(config.heldLongAfter()).isEqualTo(Duration.ofMinutes(5));
        assertThat(config.detectDeadlocks()).isTrue();
        assertThat(config.jmx()).isFalse();
        assertThat(config.source()).isNull();
    }

    @Test
    void a_builder_of_finished_settings_has_every_one_of_them() throws Exception {
        ConnectionPoolConfig config = ConnectionPoolConfig.builder()
                .name("copied")
                .dsn("jdbc:some:database")
                .maxOpenConnections(7)
                .maxIdleConnections(6)
                .minIdleConnections(2)
                .maxWaiters(3)
                .startWhileDown(true)
                .credentials(() -> new Credentials("user", "password"))
                .driverProperty("ssl", "on")
                .initialSql("initial")
                .validationQuery("validation")
                .listener(new ConnectionPoolListener() {})
                .maxIdleSurplusTime(Duration.ofSeconds(1))
                .connMaxLifetime(Duration.ofSeconds(2))
                .connMaxIdleTime(Duration.ofSeconds(3))
                .healthCheckPeriod(Duration.ofSeconds(4))
                .connectionTimeout(Duration.ofSeconds(5))
                .source(new FakeDatabase())
                .resetPolicy(ResetPolicy.ATTRIBUTES)
                .statementTimeout(Duration.ofSeconds(6))
                .leaseTracking(LeaseTracking.ALL)
                .heldLongAfter(Duration.ofSeconds(7))
                .detectDeadlocks(false)
                .jmx(true)
                .build();
        ConnectionPoolConfig copy = config.toBuilder().build();
        ConnectionPoolConfig defaults =
                ConnectionPoolConfig.builder().dsn("other").build();
        for (Field setting : ConnectionPoolConfig.class.getDeclaredFields()) {
            if (!Modifier.isStatic(setting.getModifiers())) {
                setting.setAccessible(true);
                assertThat(setting.get(copy)).as(setting.getName()).isEqualTo(setting.get(config));
                assertThat(setting.get(copy))
                        .as("so that one that is forgotten is seen: " + setting.getName())
                        .isNotEqualTo(setting.get(defaults));
            }
        }
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
                .satisfies(e -> assertThat(LogLines.stackTrace(e)).doesNotContain("secret"));
    }

    private static Properties properties(String... pairs) {
        Properties properties = new Properties();
        for (int i = 0; i < pairs.length; i += 2) {
            properties.setProperty(pairs[i], pairs[i + 1]);
        }
        return properties;
    }

    @Test
    void every_setting_that_has_a_text_can_come_from_properties() {
        ConnectionPoolConfig config = ConnectionPoolConfig.builder(properties(
                        "name", "orders",
                        "dsn", "jdbc:x:",
                        "user", "ada",
                        "password", "s3cret",
                        "maxOpenConnections", "10",
                        "maxIdleConnections", "9",
                        "minIdleConnections", " 8 ",
                        "maxWaiters", "7",
                        "maxIdleSurplusTime", "500ms",
                        "connMaxLifetime", "6h",
                        "connMaxIdleTime", "5 m",
                        "healthCheckPeriod", "PT4S",
                        "connectionTimeout", "3s",
                        "startWhileDown", "true",
                        "resetPolicy", "replace",
                        "statementTimeout", "9s",
                        "leaseTracking", "all",
                        "heldLongAfter", "8s",
                        "detectDeadlocks", "false",
                        "jmx", "true",
                        "initialSql", "SET x = 1",
                        "validationQuery", "SELECT 1",
                        "driverProperties.sslmode", "require"))
                .build();
        assertThat(config.name()).isEqualTo("orders");
        assertThat(config.credentials().get()).isEqualTo(new Credentials("ada", "s3cret"));
        assertThat(config.maxOpenConnections()).isEqualTo(10);
        assertThat(config.maxIdleConnections()).isEqualTo(9);
        assertThat(config.minIdleConnections()).isEqualTo(8);
        assertThat(config.maxWaiters()).isEqualTo(7);
        assertThat(config.maxIdleSurplusTime()).isEqualTo(Duration.ofMillis(500));
        assertThat(config.connMaxLifetime()).isEqualTo(Duration.ofHours(6));
        assertThat(config.connMaxIdleTime()).isEqualTo(Duration.ofMinutes(5));
        assertThat(config.healthCheckPeriod()).isEqualTo(Duration.ofSeconds(4));
        assertThat(config.connectionTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(config.startWhileDown()).isTrue();
        assertThat(config.resetPolicy()).isEqualTo(ResetPolicy.REPLACE);
        assertThat(config.statementTimeout()).isEqualTo(Duration.ofSeconds(9));
        assertThat(config.leaseTracking()).isEqualTo(LeaseTracking.ALL);
        assertThat(config.heldLongAfter()).isEqualTo(Duration.ofSeconds(8));
        assertThat(config.detectDeadlocks()).isFalse();
        assertThat(config.jmx()).isTrue();
        assertThat(config.initialSql()).isEqualTo("SET x = 1");
        assertThat(config.validationQuery()).isEqualTo("SELECT 1");
        assertThat(config.driverProperties()).containsExactly(Map.entry("sslmode", "require"));
        // One that is added later is to be added here.
        assertThat(ConfigKey.names()).hasSize(22);
    }

    @Test
    void settings_can_come_from_the_environment() {
        ConnectionPoolConfig config = ConnectionPoolConfig.builder(
                        "HATCH_",
                        Map.of(
                                "HATCH_DSN", "jdbc:x:",
                                "HATCH_MAX_OPEN_CONNECTIONS", "10",
                                "HATCH_DRIVER_PROPERTIES_sslMode", "require",
                                "PATH", "/bin"))
                .build();
        assertThat(config.dsn()).isEqualTo("jdbc:x:");
        assertThat(config.maxOpenConnections()).isEqualTo(10);
        assertThat(config.driverProperties()).containsExactly(Map.entry("sslMode", "require"));
    }

    @Test
    void an_unknown_setting_suggests_the_nearest() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConnectionPoolConfig.builder(properties("maxOpenConnection", "10")))
                .withMessageStartingWith(
                        "there is no setting 'maxOpenConnection'; did you mean maxOpenConnections? All are [");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConnectionPoolConfig.builder("HATCH_", Map.of("HATCH_CONECTION_TIMEOUT", "3s")))
                .withMessageStartingWith(
                        "there is no setting 'HATCH_CONECTION_TIMEOUT'; did you mean connectionTimeout? All are [");
    }

    @Test
    void a_text_that_is_no_value_is_quoted_with_what_is_allowed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConnectionPoolConfig.builder(properties("maxOpenConnections", "many")))
                .withMessage("maxOpenConnections is 'many'; it must be a whole number up to 2147483647");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConnectionPoolConfig.builder(properties("connectionTimeout", "30")))
                .withMessage("connectionTimeout is '30'; it must be a number with ms, s, m, h or d, such as 30s, or ISO"
                        + " 8601, such as PT30S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConnectionPoolConfig.builder(properties("startWhileDown", "yes")))
                .withMessage("startWhileDown is 'yes'; it must be true or false");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConnectionPoolConfig.builder(properties("resetPolicy", "wash")))
                .withMessage("resetPolicy is 'wash'; it must be one of [REPLACE, STATEMENT, ATTRIBUTES]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConnectionPoolConfig.builder(properties("maxOpenConnections", "0")))
                .withMessage("maxOpenConnections is 0; it must be 1 or more");
    }

    @Test
    void settings_that_contradict_each_other_are_told_apart() {
        assertThatThrownBy(() -> ConnectionPoolConfig.builder()
                        .dsn("x")
                        .minIdleConnections(6)
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "minIdleConnections is 6; it must be at most maxIdleConnections 5 and maxOpenConnections 25");
        assertThatThrownBy(() -> ConnectionPoolConfig.builder()
                        .dsn("x")
                        .password("s3cret")
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("there is a password and no user: give both, or credentials");
        assertThatThrownBy(() -> ConnectionPoolConfig.builder()
                        .dsn("x")
                        .user("ada")
                        .credentials(() -> new Credentials("eve", ""))
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("there are credentials and a user or password: give one of both");
    }

    @Test
    void credentials_do_not_show_their_password() {
        assertThat(new Credentials("ada", "s3cret")).hasToString("Credentials[user=ada]");
    }
}
