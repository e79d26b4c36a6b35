package dev.hatch.pool.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is restored on a returned connection of a JDBC driver that no source knows. */
@Timeout(60)
class DriverConnectionsTest {
    private final AttributesDriver driver = new AttributesDriver();

    @BeforeEach
    void register() throws SQLException {
        DriverManager.registerDriver(driver);
    }

    @AfterEach
    void deregister() throws SQLException {
        DriverManager.deregisterDriver(driver);
    }

    private static ConnectionPool pool() throws SQLException {
        return ConnectionPool.create(ConnectionPoolConfig.builder()
                .name("test")
                .dsn("jdbc:fake:")
                .maxOpenConnections(1)
                .build());
    }

    @Test
    void all_attributes_that_jdbc_knows_are_as_they_were() throws SQLException {
        try (ConnectionPool pool = pool()) {
            Map<String, Object> before = new HashMap<>(driver.attributes);
            try (Connection lease = pool.getConnection()) {
                lease.setAutoCommit(false);
                lease.setReadOnly(true);
                lease.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                lease.setCatalog("other");
                lease.setSchema("other");
                lease.setHoldability(ResultSet.CLOSE_CURSORS_AT_COMMIT);
                lease.setNetworkTimeout(Runnable::run, 1);
                Properties info = new Properties();
                info.setProperty("ApplicationName", "other");
                lease.setClientInfo(info);
                lease.setTypeMap(Map.of("other", String.class));
                assertThat(driver.attributes.keySet())
                        .allSatisfy(name ->
                                assertThat(driver.attributes.get(name)).as(name).isNotEqualTo(before.get(name)));
            }
            assertThat(driver.attributes).isEqualTo(before);
            pool.getConnection().close();
            assertThat(driver.connects).hasValue(1);
        }
    }

    @Test
    void what_is_put_into_a_map_of_the_driver_s_own_reaches_nobody() throws SQLException {
        driver.attributes.put("TypeMap", new HashMap<>());
        try (ConnectionPool pool = pool()) {
            try (Connection lease = pool.getConnection()) {
                lease.getTypeMap().put("other", String.class);
                lease.getClientInfo().setProperty("ApplicationName", "other");
            }
            try (Connection lease = pool.getConnection()) {
                assertThat(lease.getTypeMap()).isEmpty();
                assertThat(lease.getClientInfo()).isEmpty();
            }
            assertThat(driver.connects).hasValue(1);
        }
    }

    @Test
    void a_transaction_is_rolled_back_before_the_auto_commit_that_would_commit_it() throws SQLException {
        try (ConnectionPool pool = pool()) {
            try (Connection lease = pool.getConnection()) {
                lease.setAutoCommit(false);
                driver.inTransaction = true;
            }
            assertThat(driver.endings).containsExactly("rolled back");
            assertThat(driver.connects).hasValue(1);
        }
    }

    @Test
    void a_transaction_on_a_connection_too_old_to_be_lent_again_is_rolled_back_before_the_close_that_would_commit_it()
            throws SQLException {
        useUntilTooOld(lease -> lease.createStatement().execute("BEGIN"));
        assertThat(driver.endings).containsExactly("rolled back");
    }

    @Test
    void so_is_one_begun_by_a_statement_that_was_prepared_before_auto_commit_was_turned_off() throws SQLException {
        useUntilTooOld(lease -> {
            PreparedStatement statement = lease.prepareStatement("INSERT");
            lease.setAutoCommit(false);
            statement.execute();
        });
        assertThat(driver.endings).containsExactly("rolled back");
    }

    private interface Use {
        void of(Connection lease) throws SQLException;
    }

    /** Uses a lease whose connection is closed when it comes back. */
    private void useUntilTooOld(Use use) throws SQLException {
        try (ConnectionPool pool = ConnectionPool.create(ConnectionPoolConfig.builder()
                .name("test")
                .dsn("jdbc:fake:")
                .maxOpenConnections(2)
                .connMaxLifetime(Duration.ofMillis(1))
                .build())) {
            try (Connection lease = pool.getConnection()) {
                // Between the ends of two others that are as old the housekeeper has looked at this one.
                for (int i = 0; i < 2; i++) {
                    long before = pool.stats().maxLifetimeClosed();
                    pool.getConnection().close();
                    await().until(() -> pool.stats().maxLifetimeClosed() > before);
                }
                use.of(lease);
            }
            await().until(() -> driver.open.get() == 0);
        }
    }

    @Test
    void a_transaction_that_was_begun_by_a_statement_is_rolled_back() throws SQLException {
        try (ConnectionPool pool = pool()) {
            try (Connection lease = pool.getConnection()) {
                assertThat(lease.getAutoCommit()).isTrue();
                lease.createStatement().execute("BEGIN");
                assertThat(driver.inTransaction).isTrue();
            }
            assertThat(driver.endings).containsExactly("rolled back");
            assertThat(driver.connects).hasValue(1);
        }
    }

    @Test
    void a_driver_may_refuse_to_roll_back_while_it_commits_by_itself() throws SQLException {
        driver.failures.put("rollback", new SQLException("cannot roll back in auto-commit mode", "25000"));
        try (ConnectionPool pool = pool()) {
            pool.getConnection().close();
            pool.getConnection().close();
            assertThat(driver.connects).hasValue(1);

            try (Connection lease = pool.getConnection()) {
                lease.setAutoCommit(false);
            }
            pool.getConnection().close();
            assertThat(driver.connects).as("not so after setAutoCommit(false)").hasValue(2);
        }
    }

    @Test
    void a_connection_that_is_lost_when_it_is_rolled_back_is_replaced() throws SQLException {
        try (ConnectionPool pool = pool()) {
            driver.failures.put("rollback", new SQLException("gone", "08006"));
            try (Connection lease = pool.getConnection()) {
                lease.createStatement().execute("BEGIN");
            }
            driver.failures.clear();
            pool.getConnection().close();
            assertThat(driver.connects).hasValue(2);
        }
    }

    @Test
    void what_the_driver_does_not_know_is_left_out() throws SQLException {
        driver.failures.put("getNetworkTimeout", new SQLFeatureNotSupportedException("no timeouts"));
        driver.failures.put("getTypeMap", new SQLFeatureNotSupportedException("no types"));
        driver.failures.put("getSchema", new AbstractMethodError("a driver older than getSchema"));
        try (ConnectionPool pool = pool()) {
            try (Connection lease = pool.getConnection()) {
                lease.setCatalog("other");
            }
            try (Connection lease = pool.getConnection()) {
                assertThat(lease.getCatalog()).isNull();
            }
            assertThat(driver.connects).hasValue(1);
        }
    }

    @Test
    void a_connection_that_keeps_what_it_was_to_forget_is_replaced() throws SQLException {
        try (ConnectionPool pool = pool()) {
            try (Connection lease = pool.getConnection()) {
                lease.setSchema("other");
                driver.ignored = "setSchema";
            }
            await().until(() -> driver.open.get() == 0);
            pool.getConnection().close();
            assertThat(driver.connects).hasValue(2);
        }
    }

    @Test
    void a_connection_whose_attribute_was_set_that_cannot_be_read_is_replaced() throws SQLException {
        driver.failures.put("getCatalog", new SQLFeatureNotSupportedException("no catalogs"));
        try (ConnectionPool pool = pool()) {
            try (Connection lease = pool.getConnection()) {
                lease.setCatalog("other");
                lease.createStatement().execute("BEGIN");
            }
            pool.getConnection().close();
            assertThat(driver.connects).hasValue(2);
            assertThat(driver.endings).containsExactly("rolled back");
        }
    }

    @Test
    void only_what_was_changed_is_read_and_restored() throws SQLException {
        try (ConnectionPool pool = pool()) {
            driver.calls.clear();
            pool.getConnection().close();
            assertThat(driver.calls).containsExactly("clearWarnings");
            driver.calls.clear();
            try (Connection lease = pool.getConnection()) {
                lease.setSchema("other");
            }
            assertThat(driver.calls)
                    .contains("setSchema", "clearWarnings")
                    .doesNotContain("rollback", "getTransactionIsolation", "getCatalog", "setAutoCommit");
        }
    }

    @Test
    void a_connection_that_was_unwrapped_has_all_its_attributes_restored() throws SQLException {
        try (ConnectionPool pool = pool()) {
            Map<String, Object> before = new HashMap<>(driver.attributes);
            try (Connection lease = pool.getConnection()) {
                Connection raw = lease.unwrap(FakeConnection.class);
                raw.setAutoCommit(false);
                raw.setSchema("other");
                raw.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            }
            assertThat(driver.attributes).isEqualTo(before);
            assertThat(driver.connects).hasValue(1);
        }
    }

    @Test
    void a_connection_whose_first_question_fails_is_closed() {
        driver.failures.put("getAutoCommit", new SQLException("gone"));
        assertThatThrownBy(DriverConnectionsTest::pool)
                .isInstanceOf(SQLException.class)
                .hasMessage("Pool 'test': the database cannot be reached: gone");
        assertThat(driver.connects).hasPositiveValue();
        await().until(() -> driver.open.get() == 0);
    }

    /** The driver's own class, as far as a user may know it. */
    private interface FakeConnection extends Connection {}

    /** A driver whose connections have their attributes in common, which serves where there is one connection. */
    private static final class AttributesDriver extends FakeDriver {
        final Map<String, Object> attributes = new HashMap<>();
        final Map<String, Throwable> failures = new HashMap<>();
        final List<String> endings = new ArrayList<>();
        final List<String> calls = new CopyOnWriteArrayList<>();
        String ignored = "";
        boolean inTransaction;
        final AtomicInteger connects = new AtomicInteger();
        final AtomicInteger open = new AtomicInteger();

        AttributesDriver() {
            super("jdbc:fake:");
            attributes.put("AutoCommit", true);
            attributes.put("ReadOnly", false);
            attributes.put("TransactionIsolation", Connection.TRANSACTION_READ_COMMITTED);
            attributes.put("Catalog", null);
            attributes.put("Schema", "main");
            attributes.put("Holdability", ResultSet.HOLD_CURSORS_OVER_COMMIT);
            attributes.put("NetworkTimeout", 0);
            attributes.put("ClientInfo", new Properties());
            attributes.put("TypeMap", Map.of());
        }

        @Override
        public Connection connect(String url, Properties info) {
            if (!acceptsURL(url)) {
                return null;
            }
            connects.incrementAndGet();
            open.incrementAndGet();
            return (Connection) Proxy.newProxyInstance(
                    FakeConnection.class.getClassLoader(),
                    new Class<?>[] {FakeConnection.class},
                    (proxy, method, args) -> call(method, args));
        }

        private Object call(Method method, Object[] args) throws Throwable {
            String name = method.getName();
            calls.add(name);
            Throwable failure = failures.get(name);
            if (failure != null) {
                throw failure;
            }
            switch (name) {
                case "close" -> {
                    end("committed");
                    open.decrementAndGet();
                }
                case "rollback" -> end("rolled back");
                case "createStatement", "prepareStatement" -> {
                    return statement();
                }
                case "clearWarnings" -> {}
                case "isValid" -> {
                    return true;
                }
                default -> {
                    if (name.startsWith("set") && !name.equals(ignored)) {
                        if (name.equals("setAutoCommit")) {
                            end("committed");
                        }
                        attributes.put(name.substring(3), args[args.length - 1]);
                    }
                    return name.startsWith("set") ? null : attributes.get(name.replaceFirst("^(get|is)", ""));
                }
            }
            return null;
        }

        private Statement statement() {
            return (Statement) Proxy.newProxyInstance(
                    Statement.class.getClassLoader(),
                    new Class<?>[] {PreparedStatement.class},
                    (proxy, method, args) -> {
                        if (method.getName().equals("execute")) {
                            inTransaction |= attributes.get("AutoCommit").equals(false) || args[0].equals("BEGIN");
                            return false;
                        }
                        return null;
                    });
        }

        private void end(String how) {
            if (inTransaction) {
                inTransaction = false;
                endings.add(how);
            }
        }
    }
}
