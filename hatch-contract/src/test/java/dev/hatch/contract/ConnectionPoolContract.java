package dev.hatch.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.hatch.pool.jdbc.ConnectionPool;
import dev.hatch.pool.jdbc.ConnectionPoolConfig;
import dev.hatch.pool.jdbc.ConnectionPoolStats;
import dev.hatch.pool.jdbc.HealthStatus;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a {@link ConnectionPool} promises, on whatever database. There is a subclass for each, which says how to reach it and
 * what it cannot do. The pool of a test holds two connections at most, unless the test asks for more.
 */
@Timeout(60)
abstract class ConnectionPoolContract {
    static final Duration LONG = Duration.ofSeconds(30);
    static final Duration SHORT = Duration.ofMillis(50);

    private static final String INSERT = "INSERT INTO t (name) VALUES ('a')";
    private static final String COUNT = "SELECT count(*) FROM t";

    private final ExecutorService threads = Executors.newCachedThreadPool();
    ConnectionPool pool;

    /** What not every database can do. What JDBC lets be set is a {@link Setting}. */
    enum Ability {
        CALL,
        GENERATED_KEYS,
        ARRAYS,
        WARNINGS,
        BATCHED_BEGIN,
        KILL
    }

    private interface Change {
        void make(Connection connection) throws SQLException;
    }

    private interface Read {
        Object from(Connection connection) throws SQLException;
    }

    /** What JDBC lets a user set of a connection, with a value that it does not have before. */
    @SuppressWarnings("ImmutableEnumChecker") // The functions keep nothing.
    enum Setting {
        AUTO_COMMIT(c -> c.setAutoCommit(false), Connection::getAutoCommit),
        READ_ONLY(c -> c.setReadOnly(true), Connection::isReadOnly),
        ISOLATION(
                c -> c.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE),
                Connection::getTransactionIsolation),
        HOLDABILITY(
                c -> c.setHoldability(
                        c.getHoldability() == ResultSet.HOLD_CURSORS_OVER_COMMIT
                                ? ResultSet.CLOSE_CURSORS_AT_COMMIT
                                : ResultSet.HOLD_CURSORS_OVER_COMMIT),
                Connection::getHoldability),
        CATALOG(c -> c.setCatalog("other"), Connection::getCatalog),
        SCHEMA(c -> c.setSchema("other"), Connection::getSchema),
        NETWORK_TIMEOUT(c -> c.setNetworkTimeout(Runnable::run, 60_000), Connection::getNetworkTimeout),
        CLIENT_INFO(c -> c.setClientInfo("ApplicationName", "other"), c -> c.getClientInfo("ApplicationName")),
        TYPE_MAP(c -> c.setTypeMap(Map.of("other", String.class)), Connection::getTypeMap);

        private final Change change;
        private final Read read;

        Setting(Change change, Read read) {
            this.change = change;
            this.read = read;
        }
    }

    /** Settings that lead to the database. */
    abstract ConnectionPoolConfig.Builder config();

    /**
     * Makes an empty table {@code t} with an {@code id} that counts from 1 and a {@code name}, and a schema {@code other}, and
     * a catalog of that name if there are any.
     */
    abstract List<String> tables();

    /** A query that fails, and takes the transaction with it. */
    abstract String failing();

    abstract Class<? extends Connection> driversConnection();

    abstract Class<? extends Statement> driversStatement();

    /** Abilities and settings that the database or its driver does not have, each with the reason. */
    abstract Map<Enum<?>, String> lacks();

    /** Ends the connection on the side of the database. */
    void kill(Connection lease) throws SQLException {
        throw new UnsupportedOperationException();
    }

    /** Has the connection keep a warning. */
    void warn(Connection lease) throws SQLException {
        throw new UnsupportedOperationException();
    }

    /** Fails if the database still has a connection, the pool being closed. */
    void assertNoneIsOpen() throws SQLException {}

    @BeforeEach
    void open() throws SQLException {
        open(config().maxOpenConnections(2));
    }

    /** With one connection, though on a busy machine the first may be so late that the pool opens a second. */
    private void open(ConnectionPoolConfig.Builder config) throws SQLException {
        create(config);
        while (pool.stats().openConnections() > 1) {
            pool.close();
            create(config);
        }
        assertThat(pool.stats().created()).isOne();
    }

    private void create(ConnectionPoolConfig.Builder config) throws SQLException {
        pool = ConnectionPool.create(config.name("contract").build());
        try (Connection lease = pool.getConnection()) {
            for (String sql : tables()) {
                execute(lease, sql);
            }
        }
    }

    private void reopen(ConnectionPoolConfig.Builder config) throws SQLException {
        pool.close();
        open(config);
    }

    @AfterEach
    void nothing_is_out_and_the_counts_balance() throws SQLException {
        threads.shutdownNow();
        eventually().until(() -> pool.stats().inUse() == 0);
        assertBalance(pool.stats());
        pool.close();
        eventually().until(() -> pool.stats().openConnections() == 0);
        assertBalance(pool.stats());
        assertNoneIsOpen();
    }

    /** Looks at once, then often, since most things are so already. */
    static ConditionFactory eventually() {
        return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
    }

    private static void assertBalance(ConnectionPoolStats stats) {
        assertThat(stats.created()).as("%s", stats).isEqualTo(stats.idle() + stats.inUse() + stats.destroyed());
        assertThat(stats.openConnections()).as("%s", stats).isLessThanOrEqualTo(stats.maxOpenConnections());
    }

    private void needs(Ability ability) {
        String reason = lacks().get(ability);
        if (reason != null) {
            abort(reason);
        }
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static int number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            assertThat(result.next()).isTrue();
            return result.getInt(1);
        }
    }

    private int rows() throws SQLException {
        try (Connection lease = pool.getConnection()) {
            return number(lease, COUNT);
        }
    }

    private static AbstractThrowableAssert<?, ?> assertFails(ThrowingCallable use, String sqlState) {
        return assertThatThrownBy(use)
                .isInstanceOfSatisfying(
                        SQLException.class,
                        e -> assertThat(e.getSQLState()).as("%s", e).isEqualTo(sqlState));
    }

    private void assertPoolIsClosed() {
        assertFails(pool::getConnection, "08003").hasMessage("Pool 'contract' is closed");
    }

    private static void assertGivenBack(ThrowingCallable use) {
        assertFails(use, "08003").hasMessageContaining("given back to its pool");
    }

    // Lending

    @Test
    void a_connection_that_comes_back_is_lent_again() throws SQLException {
        String first;
        try (Connection lease = pool.getConnection()) {
            first = lease.toString();
        }
        for (int i = 0; i < 100; i++) {
            try (Connection lease = pool.getConnection()) {
                assertThat(lease).hasToString(first);
            }
        }
        for (int i = 0; i < 100; i++) {
            try (Connection lease = pool.getConnection()) {
                assertThat(number(lease, "SELECT 1")).isOne();
            }
        }
        assertThat(pool.stats().created()).isOne();
        assertThat(pool.stats().idle()).isOne();
    }

    @Test
    void a_caller_who_gets_none_in_time_learns_the_pool_s_counts() throws SQLException {
        try (Connection one = pool.getConnection();
                Connection two = pool.getConnection()) {
            assertThat(one).isNotEqualTo(two);
            assertThatThrownBy(() -> pool.getConnection(SHORT))
                    .isInstanceOfSatisfying(
                            SQLTransientConnectionException.class,
                            e -> assertThat(e.getSQLState()).isEqualTo("08001"))
                    .hasMessageMatching(
                            "Pool 'contract' had no connection within (5\\d|[6-9]\\d|\\d{3,}) ms:"
                                    + " open 2 of 2, in use 2, idle 0, waiting 0\\. Is a connection not closed, or maxOpenConnections too low\\?");
            assertThat(pool.stats().waitCount()).isPositive();
            assertThat(pool.stats().waitDuration()).isGreaterThanOrEqualTo(SHORT);
        }
    }

    @Test
    void whoever_reads_a_row_has_the_lease() throws Exception {
        try (Connection lease = pool.getConnection();
                Statement statement = lease.createStatement();
                ResultSet rows = statement.executeQuery("SELECT 1")) {
            Thread reader = new Thread(
                    () -> {
                        try {
                            rows.next();
                        } catch (SQLException e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    "reader");
            reader.start();
            reader.join();
            assertThat(pool.leases())
                    .singleElement()
                    .satisfies(info -> assertThat(info.holder()).isEqualTo("thread " + reader.getId()));
            assertThat(rows.getInt(1)).isOne();
        }
    }

    @Test
    void a_waiter_gets_what_comes_back() throws Exception {
        Connection one = pool.getConnection();
        try (Connection two = pool.getConnection()) {
            Future<Integer> waiter = threads.submit(() -> {
                try (Connection lease = pool.getConnection(LONG)) {
                    return number(lease, "SELECT 1");
                }
            });
            eventually().until(() -> pool.stats().waiting() == 1);
            one.close();
            assertThat(waiter.get()).isOne();
            assertThat(two.isClosed()).isFalse();
        }
        assertThat(pool.stats().created()).isEqualTo(2);
    }

    @Test
    void one_more_waiter_than_are_allowed_is_refused_at_once() throws Exception {
        reopen(config().maxOpenConnections(1).maxWaiters(1));
        Connection held = pool.getConnection();
        Future<Integer> waiter = threads.submit(() -> {
            try (Connection lease = pool.getConnection(LONG)) {
                return number(lease, "SELECT 1");
            }
        });
        eventually().until(() -> pool.stats().waiting() == 1);
        assertThatThrownBy(() -> pool.getConnection(LONG))
                .isInstanceOfSatisfying(
                        SQLTransientConnectionException.class,
                        e -> assertThat(e.getSQLState()).isEqualTo("08004"))
                .hasMessage("Pool 'contract' refused a caller: 1 are waiting, which is its maxWaiters;"
                        + " open 1 of 1, in use 1, idle 0, waiting 1");
        held.close();
        assertThat(waiter.get()).isOne();
    }

    @Test
    void an_interrupted_waiter_leaves_at_once_and_keeps_its_interrupt() throws Exception {
        try (Connection one = pool.getConnection();
                Connection two = pool.getConnection()) {
            assertThat(one).isNotEqualTo(two);
            AtomicReference<Thread> thread = new AtomicReference<>();
            Future<Boolean> waiter = threads.submit(() -> {
                thread.set(Thread.currentThread());
                assertFails(() -> pool.getConnection(LONG), "HY008")
                        .hasMessage("Pool 'contract': interrupted while waiting for a connection");
                return Thread.interrupted();
            });
            eventually().until(() -> pool.stats().waiting() == 1);
            thread.get().interrupt();
            assertThat(waiter.get()).isTrue();
            assertThat(pool.stats().waiting()).isZero();
        }
    }

    @Test
    void eight_threads_lose_nothing_and_keep_to_the_bound() throws Exception {
        reopen(config().maxOpenConnections(3));
        AtomicInteger out = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        List<Future<?>> users = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            users.add(threads.submit(() -> {
                start.await();
                for (int cycle = 0; cycle < 200; cycle++) {
                    try (Connection lease = pool.getConnection(LONG)) {
                        most.accumulateAndGet(out.incrementAndGet(), Math::max);
                        assertThat(number(lease, "SELECT 1")).isOne();
                        if (cycle % 10 == 0) {
                            execute(lease, INSERT);
                        }
                        out.decrementAndGet();
                    }
                    assertBalance(pool.stats());
                }
                return null;
            }));
        }
        start.countDown();
        for (Future<?> user : users) {
            user.get();
        }
        assertThat(rows()).isEqualTo(8 * 20);
        assertThat(most.get()).isBetween(2, 3);
        assertThat(pool.stats().created()).isLessThanOrEqualTo(3);
    }

    // The end of a lease

    @Test
    void closing_a_lease_twice_gives_it_back_once() throws SQLException {
        Connection first = pool.getConnection();
        first.close();
        try (Connection second = pool.getConnection()) {
            first.close();
            assertThat(second.isClosed()).isFalse();
            assertThat(number(second, "SELECT 1")).isOne();
            assertThat(pool.stats().inUse()).isOne();
        }
    }

    @Test
    void nothing_that_a_lease_gave_out_is_of_use_after_it() throws SQLException {
        Connection lease = pool.getConnection();
        DatabaseMetaData metaData = lease.getMetaData();
        Statement statement = lease.createStatement();
        PreparedStatement prepared = lease.prepareStatement("SELECT 1");
        ResultSet result = prepared.executeQuery();
        lease.close();
        assertThat(lease.isClosed()).isTrue();
        assertThat(lease.isValid(1)).isFalse();
        assertThat(statement.isClosed()).isTrue();
        assertThat(prepared.isClosed()).isTrue();
        assertThat(result.isClosed()).isTrue();
        assertGivenBack(lease::createStatement);
        assertGivenBack(() -> lease.prepareStatement("SELECT 1"));
        assertGivenBack(() -> lease.setAutoCommit(false));
        assertGivenBack(lease::commit);
        assertGivenBack(() -> lease.unwrap(driversConnection()));
        assertGivenBack(() -> statement.execute("SELECT 1"));
        assertGivenBack(statement::getConnection);
        assertGivenBack(prepared::executeQuery);
        assertGivenBack(() -> prepared.setInt(1, 1));
        assertGivenBack(() -> prepared.unwrap(driversStatement()));
        assertGivenBack(result::next);
        assertGivenBack(result::getStatement);
        assertGivenBack(() -> result.getInt(1));
        assertGivenBack(metaData::getConnection);
        assertGivenBack(() -> metaData.getTables(null, null, "t", null));
        statement.close();
        prepared.close();
        result.close();
        assertThat(lease).hasToString("closed lease");
    }

    @Test
    void what_was_left_open_is_closed() throws SQLException {
        List<Statement> raw = new ArrayList<>();
        try (Connection lease = pool.getConnection()) {
            PreparedStatement closed = lease.prepareStatement("SELECT 1");
            Statement plain = lease.createStatement();
            PreparedStatement prepared = lease.prepareStatement("SELECT 1");
            for (Statement statement : List.of(closed, plain, prepared)) {
                raw.add(statement.unwrap(driversStatement()));
            }
            closed.close();
            assertThat(prepared.executeQuery().next()).isTrue();
            assertThat(plain.isClosed()).isFalse();
        }
        for (Statement statement : raw) {
            assertThat(statement.isClosed()).isTrue();
        }
    }

    @Test
    void a_lease_that_is_aborted_is_not_lent_again() throws SQLException {
        Connection lease = pool.getConnection();
        try {
            lease.abort(Runnable::run);
        } catch (SQLException e) {
            // Not every driver can.
        }
        assertThat(lease.isClosed()).isTrue();
        eventually().until(() -> pool.stats().destroyed() == 1);
        assertThat(rows()).isZero();
        assertThat(pool.stats().created()).isEqualTo(2);
    }

    // What is the driver's stays behind the lease

    @Test
    void nothing_but_unwrap_leads_past_the_lease() throws SQLException {
        try (Connection lease = pool.getConnection()) {
            assertThat(lease.unwrap(Connection.class)).isSameAs(lease);
            assertThat(lease.isWrapperFor(Connection.class)).isTrue();
            assertThat(lease.isWrapperFor(Runnable.class)).isFalse();
            assertThat(lease.toString()).startsWith("lease of ");
            assertThat(Set.of(lease)).contains(lease);
            DatabaseMetaData metaData = lease.getMetaData();
            assertThat(metaData.getConnection()).isSameAs(lease);
            try (ResultSet tables = metaData.getTables(null, null, "t", null)) {
                assertThat(tables.getStatement()).isNull();
            }
            try (Statement statement = lease.createStatement();
                    ResultSet result = statement.executeQuery("SELECT 1")) {
                assertThat(statement.getConnection()).isSameAs(lease);
                assertThat(result.getStatement()).isSameAs(statement);
            }
            try (PreparedStatement prepared = lease.prepareStatement("SELECT 1")) {
                assertThat(prepared.getConnection()).isSameAs(lease);
                assertThat(prepared.execute()).isTrue();
                try (ResultSet result = prepared.getResultSet()) {
                    assertThat(result.getStatement().getConnection()).isSameAs(lease);
                }
            }
        }
    }

    @Test
    void what_was_done_to_the_driver_s_own_connection_does_not_reach_the_next() throws SQLException {
        try (Connection lease = pool.getConnection()) {
            assertThat(lease.isWrapperFor(driversConnection())).isTrue();
            Connection raw = lease.unwrap(driversConnection());
            assertThat(raw).isNotSameAs(lease).isNotInstanceOf(lease.getClass());
            raw.setAutoCommit(false);
            execute(raw, INSERT);
            raw.setSchema("other");
        }
        try (Connection next = pool.getConnection()) {
            assertThat(next.getAutoCommit()).isTrue();
            assertThat(next.getSchema()).isNotEqualTo("other");
            assertThat(number(next, COUNT)).isZero();
        }
        assertThat(pool.stats().created()).isOne();
    }

    // What a lease leaves behind

    @Test
    void what_was_not_committed_is_rolled_back() throws SQLException {
        try (Connection lease = pool.getConnection()) {
            lease.setAutoCommit(false);
            execute(lease, INSERT);
            lease.commit();
            execute(lease, INSERT);
            execute(lease, INSERT);
            assertThat(number(lease, COUNT)).isEqualTo(3);
        }
        assertThat(rows()).isOne();
        assertThat(pool.stats().created()).isOne();
    }

    /** Texts that begin a transaction, in ways that one may overlook. */
    static List<String> beginnings() {
        return List.of(
                "BEGIN",
                "  begin transaction",
                "START TRANSACTION",
                "-- what follows counts\nBEGIN",
                "/* so it does */ BEGIN",
                "SELECT 1; BEGIN",
                "SELECT ';--'; BEGIN",
                "SELECT ';/*'; BEGIN");
    }

    @ParameterizedTest
    @MethodSource("beginnings")
    void a_transaction_that_a_text_began_does_not_reach_the_next(String begin) throws SQLException {
        try (Connection lease = pool.getConnection()) {
            execute(lease, begin);
            execute(lease, INSERT);
            assertThat(number(lease, COUNT)).isOne();
        }
        try (Connection next = pool.getConnection()) {
            assertThat(number(next, COUNT)).isZero();
            execute(next, INSERT);
            try (Connection another = pool.getConnection()) {
                assertThat(number(another, COUNT)).as("committed at once").isOne();
            }
        }
        assertThat(pool.stats().created()).isEqualTo(2);
    }

    @Test
    void a_transaction_that_a_batch_began_does_not_reach_the_next() throws SQLException {
        needs(Ability.BATCHED_BEGIN);
        try (Connection lease = pool.getConnection();
                Statement statement = lease.createStatement()) {
            statement.addBatch("BEGIN");
            statement.addBatch(INSERT);
            assertThat(statement.executeBatch()).hasSize(2);
        }
        assertThat(rows()).isZero();
        assertThat(pool.stats().created()).isOne();
    }

    @Test
    void an_aborted_transaction_does_not_reach_the_next() throws SQLException {
        for (String begin : List.of("setAutoCommit(false)", "BEGIN")) {
            try (Connection lease = pool.getConnection()) {
                if (begin.equals("BEGIN")) {
                    execute(lease, begin);
                } else {
                    lease.setAutoCommit(false);
                }
                execute(lease, INSERT);
                assertThatThrownBy(() -> number(lease, failing())).isInstanceOf(SQLException.class);
                assertThatThrownBy(() -> number(lease, "SELECT 1"))
                        .as("the transaction is aborted")
                        .isInstanceOf(SQLException.class);
            }
            try (Connection next = pool.getConnection()) {
                assertThat(next.getAutoCommit()).isTrue();
                assertThat(number(next, COUNT)).as(begin).isZero();
            }
        }
        assertThat(pool.stats().created()).isOne();
    }

    @ParameterizedTest
    @EnumSource
    void what_was_set_is_for_the_next_as_it_was(Setting setting) throws SQLException {
        Object before;
        String lacking = lacks().get(setting);
        try (Connection lease = pool.getConnection()) {
            if (lacking != null) {
                assertThat(canBeChanged(lease, setting)).as(lacking).isFalse();
                abort(lacking);
            }
            before = setting.read.from(lease);
            setting.change.make(lease);
            assertThat(setting.read.from(lease)).isNotEqualTo(before);
            assertThat(number(lease, "SELECT 1")).isOne();
        }
        for (int i = 0; i < 2; i++) {
            try (Connection next = pool.getConnection()) {
                assertThat(setting.read.from(next)).isEqualTo(before);
                assertThat(number(next, "SELECT 1")).isOne();
            }
        }
        assertThat(pool.stats().created()).isOne();
    }

    private static boolean canBeChanged(Connection lease, Setting setting) {
        try {
            Object before = setting.read.from(lease);
            setting.change.make(lease);
            return !Objects.equals(setting.read.from(lease), before);
        } catch (SQLException e) {
            return false;
        }
    }

    @Test
    void all_settings_at_once_within_a_transaction_are_for_the_next_as_they_were() throws SQLException {
        List<Setting> settings = new ArrayList<>();
        List<Object> before = new ArrayList<>();
        try (Connection lease = pool.getConnection()) {
            execute(lease, INSERT);
            for (Setting setting : Setting.values()) {
                if (!lacks().containsKey(setting)) {
                    settings.add(setting);
                    before.add(setting.read.from(lease));
                }
            }
            for (Setting setting : settings) {
                if (setting != Setting.AUTO_COMMIT) {
                    setting.change.make(lease);
                }
            }
            Setting.AUTO_COMMIT.change.make(lease);
            assertThat(number(lease, "SELECT 1")).isOne();
        }
        try (Connection next = pool.getConnection()) {
            for (int i = 0; i < settings.size(); i++) {
                assertThat(settings.get(i).read.from(next))
                        .as("%s", settings.get(i))
                        .isEqualTo(before.get(i));
            }
            execute(next, INSERT);
        }
        assertThat(rows()).isEqualTo(2);
        assertThat(pool.stats().created()).isOne();
    }

    @Test
    void a_warning_does_not_reach_the_next() throws SQLException {
        needs(Ability.WARNINGS);
        try (Connection lease = pool.getConnection()) {
            warn(lease);
            assertThat((Throwable) lease.getWarnings()).isNotNull();
        }
        try (Connection next = pool.getConnection()) {
            assertThat((Throwable) next.getWarnings()).isNull();
        }
        assertThat(pool.stats().created()).isOne();
    }

    // Broken connections

    @Test
    void a_connection_that_the_database_ended_fails_once_and_is_not_lent_again() throws SQLException {
        needs(Ability.KILL);
        try (Connection lease = pool.getConnection()) {
            kill(lease);
            assertThatThrownBy(() -> number(lease, "SELECT 1"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).matches("08...|57P01"));
        }
        eventually().until(() -> pool.stats().destroyed() == 1);
        assertThat(rows()).isZero();
        assertThat(pool.stats().created()).isEqualTo(2);
    }

    @Test
    void a_connection_that_is_found_not_to_be_valid_is_not_lent_again() throws SQLException {
        needs(Ability.KILL);
        try (Connection lease = pool.getConnection()) {
            assertThat(lease.isValid(5)).isTrue();
            kill(lease);
            assertThat(lease.isValid(5)).isFalse();
        }
        eventually().until(() -> pool.stats().destroyed() == 1);
        assertThat(rows()).isZero();
        assertThat(pool.stats().created()).isEqualTo(2);
    }

    @Test
    void a_connection_that_was_ended_within_a_transaction_is_not_lent_again() throws SQLException {
        needs(Ability.KILL);
        try (Connection lease = pool.getConnection()) {
            lease.setAutoCommit(false);
            execute(lease, INSERT);
            kill(lease);
        }
        eventually().until(() -> pool.stats().destroyed() == 1);
        assertThat(rows()).isZero();
        assertThat(pool.stats().created()).isEqualTo(2);
    }

    @Test
    void a_failure_that_is_the_statement_s_leaves_the_connection_in_the_pool() throws SQLException {
        try (Connection lease = pool.getConnection()) {
            assertThatThrownBy(() -> number(lease, failing())).isInstanceOf(SQLException.class);
            assertThat(number(lease, "SELECT 1")).isOne();
        }
        assertThat(rows()).isZero();
        assertThat(pool.stats().created()).isOne();
    }

    // Health and the end

    @Test
    void a_health_check_tells_healthy_from_busy_from_closed() throws SQLException {
        assertThat(pool.stats().healthCheckStatus()).isEqualTo(HealthStatus.HEALTHY);
        assertThat(pool.healthCheck(LONG).status()).isEqualTo(HealthStatus.HEALTHY);
        try (Connection one = pool.getConnection();
                Connection two = pool.getConnection()) {
            assertThat(one).isNotEqualTo(two);
            assertThat(pool.healthCheck(LONG).status()).isEqualTo(HealthStatus.DEGRADED);
        }
        assertThat(pool.healthCheck(LONG).status()).isEqualTo(HealthStatus.HEALTHY);
        pool.close();
        assertThat(pool.healthCheck(LONG)).satisfies(check -> {
            assertThat(check.status()).isEqualTo(HealthStatus.UNHEALTHY);
            assertThat(check.message()).isEqualTo("the pool is closed");
        });
    }

    @Test
    void close_waits_for_a_lease_that_goes_on_working_and_refuses_everybody_else() throws Exception {
        Connection one = pool.getConnection();
        Connection two = pool.getConnection();
        Future<Connection> waiter = threads.submit(() -> pool.getConnection(LONG));
        eventually().until(() -> pool.stats().waiting() == 1);
        Future<?> closing = threads.submit(() -> pool.close(LONG));
        assertThatThrownBy(waiter::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .hasMessage("Pool 'contract' is closed");
        assertPoolIsClosed();
        two.close();
        assertThat(number(one, "SELECT 1")).isOne();
        assertThat(closing).isNotDone();
        one.close();
        closing.get();
        assertThat(pool.stats().openConnections()).isZero();
    }

    @Test
    void a_lease_that_outlasts_the_drain_is_closed_when_it_comes_back() throws SQLException {
        try (Connection lease = pool.getConnection()) {
            pool.close(SHORT);
            assertPoolIsClosed();
            assertThat(lease.isClosed()).isFalse();
            assertThat(pool.stats().inUse()).isOne();
        }
        eventually().until(() -> pool.stats().openConnections() == 0);
    }

    // What a driver can do a lease can

    @Test
    void what_is_bound_to_a_prepared_statement_or_batch_comes_back() throws SQLException {
        try (Connection lease = pool.getConnection()) {
            try (PreparedStatement insert = lease.prepareStatement("INSERT INTO t (name) VALUES (?)")) {
                insert.setString(1, "one");
                assertThat(insert.executeUpdate()).isOne();
                for (String name : List.of("two", "three")) {
                    insert.setString(1, name);
                    insert.addBatch();
                }
                assertThat(insert.executeBatch()).containsExactly(1, 1);
            }
            try (Statement statement = lease.createStatement()) {
                statement.addBatch("INSERT INTO t (name) VALUES ('four')");
                statement.addBatch("INSERT INTO t (name) VALUES ('five')");
                assertThat(statement.executeBatch()).containsExactly(1, 1);
            }
        }
        List<String> names = new ArrayList<>();
        try (Connection lease = pool.getConnection();
                PreparedStatement select = lease.prepareStatement("SELECT name FROM t WHERE id = ?")) {
            for (int id = 1; id <= 5; id++) {
                select.setInt(1, id);
                try (ResultSet result = select.executeQuery()) {
                    assertThat(result.next()).isTrue();
                    names.add(result.getString(1));
                    assertThat(result.next()).isFalse();
                }
            }
        }
        assertThat(names).containsExactly("one", "two", "three", "four", "five");
    }

    @Test
    void a_generated_key_comes_back_and_leads_to_the_lease() throws SQLException {
        needs(Ability.GENERATED_KEYS);
        try (Connection lease = pool.getConnection()) {
            execute(lease, INSERT);
            try (PreparedStatement insert = lease.prepareStatement(INSERT, Statement.RETURN_GENERATED_KEYS)) {
                assertThat(insert.executeUpdate()).isOne();
                try (ResultSet keys = insert.getGeneratedKeys()) {
                    assertThat(keys.next()).isTrue();
                    assertThat(keys.getInt(1)).isEqualTo(2);
                    assertThat(keys.getStatement().getConnection()).isSameAs(lease);
                }
            }
        }
    }

    @Test
    void a_procedure_s_answer_comes_back() throws SQLException {
        needs(Ability.CALL);
        try (Connection lease = pool.getConnection();
                CallableStatement call = lease.prepareCall("{? = call upper(?)}")) {
            call.registerOutParameter(1, Types.VARCHAR);
            call.setString(2, "hatch");
            call.execute();
            assertThat(call.getString(1)).isEqualTo("HATCH");
            assertThat(call.getConnection()).isSameAs(lease);
        }
    }

    @Test
    void an_array_comes_back_and_can_be_bound_again() throws SQLException {
        needs(Ability.ARRAYS);
        Array array;
        try (Connection lease = pool.getConnection()) {
            array = lease.createArrayOf("integer", new Integer[] {1, 2, 3});
            for (int i = 0; i < 2; i++) {
                try (PreparedStatement echo = lease.prepareStatement("SELECT ?::integer[]")) {
                    echo.setArray(1, array);
                    try (ResultSet result = echo.executeQuery()) {
                        assertThat(result.next()).isTrue();
                        array = result.getArray(1);
                        assertThat((Object[]) array.getArray()).containsExactly(1, 2, 3);
                        try (ResultSet elements = array.getResultSet()) {
                            assertThat(elements.next()).isTrue();
                            assertThat(elements.getStatement()).isIn(echo, null);
                        }
                    }
                }
            }
        }
        assertGivenBack(array::getArray);
    }

    // Virtual threads

    /** Parks while it is initialised, which pins the carrier of a virtual thread: to see that a recording sees that. */
    static final class Pinning {
        static {
            LockSupport.parkNanos(1_000_000);
        }

        private Pinning() {}

        /** A class is initialised once: so there is another of the same code each time. */
        static int initialise() throws IOException, IllegalAccessException {
            try (InputStream code = Pinning.class.getResourceAsStream("ConnectionPoolContract$Pinning.class")) {
                return MethodHandles.lookup()
                        .defineHiddenClass(code.readAllBytes(), true)
                        .lookupModes();
            }
        }
    }

    @Test
    @EnabledForJreRange(
            min = JRE.JAVA_25,
            disabledReason = "virtual threads whose monitors do not pin came after JDK 17")
    void five_hundred_virtual_threads_on_ten_connections_pin_no_carrier(@TempDir Path folder) throws Exception {
        reopen(config().maxOpenConnections(10).maxIdleConnections(10));
        // Classes that are initialised on the way would pin.
        assertThat(cycles(50)).isEqualTo(50);
        List<RecordedEvent> pinned = pinned(folder.resolve("pool.jfr"), () -> cycles(500));
        assertThat(pinned).isEmpty();
        assertThat(pool.stats().created()).isLessThanOrEqualTo(10);
        assertThat(rows()).isEqualTo(550);
        assertThat(pinned(folder.resolve("planted.jfr"), () -> virtually(List.of(Pinning::initialise))))
                .as("a carrier that was pinned on purpose")
                .isNotEmpty();
    }

    /** All of them wait before the first gets a connection. */
    private int cycles(int users) throws Exception {
        List<Connection> held = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            held.add(pool.getConnection());
        }
        Callable<Integer> cycle = () -> {
            try (Connection lease = pool.getConnection(LONG)) {
                execute(lease, INSERT);
                return number(lease, "SELECT 1");
            }
        };
        Future<Integer> sum = threads.submit(() -> virtually(Collections.nCopies(users, cycle)));
        eventually().until(() -> pool.stats().waiting() == users);
        for (Connection lease : held) {
            lease.close();
        }
        return sum.get();
    }

    /** Each on a virtual thread; the sum of what they give. */
    private static int virtually(List<Callable<Integer>> tasks) throws Exception {
        ExecutorService virtual = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        int sum = 0;
        try {
            for (Future<Integer> done : virtual.invokeAll(tasks)) {
                sum += done.get();
            }
        } finally {
            virtual.shutdownNow();
        }
        return sum;
    }

    private static List<RecordedEvent> pinned(Path file, Callable<Integer> task) throws Exception {
        String event = "jdk.VirtualThreadPinned";
        try (Recording recording = new Recording()) {
            recording.enable(event).withoutThreshold();
            recording.start();
            task.call();
            recording.stop();
            recording.dump(file);
        }
        // The pool's own events are in every recording that does not say otherwise.
        List<RecordedEvent> events = new ArrayList<>(RecordingFile.readAllEvents(file));
        events.removeIf(recorded -> !recorded.getEventType().getName().equals(event));
        return events;
    }
}
