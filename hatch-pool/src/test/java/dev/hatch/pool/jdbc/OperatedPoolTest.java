package dev.hatch.pool.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hatch.pool.AcquireDeadlockException;
import dev.hatch.pool.DestroyReason;
import dev.hatch.pool.LeaseInfo;
import dev.hatch.pool.LeaseTracking;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.Test;

/** What an operator sees of a pool of connections, and does to it. */
final class OperatedPoolTest extends FakeDatabaseFixture {
    private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();

    private static Object attribute(String pool, String name) throws Exception {
        return SERVER.getAttribute(PoolMBean.objectName(pool), name);
    }

    @Test
    void jmx_shows_the_counts_and_changes_the_pool() throws Exception {
        try (ConnectionPool pool =
                        ConnectionPool.create(config().name("orders").jmx(true).build());
                Connection lease = pool.getConnection()) {
            assertThat(lease.isClosed()).isFalse();
            assertThat(attribute("orders", "InUse")).isEqualTo(1);
            assertThat(attribute("orders", "Health")).isEqualTo("HEALTHY");
            assertThat((String[]) attribute("orders", "HeldLeases")).hasSize(1);
            TabularData closedBy = (TabularData) attribute("orders", "ClosedBy");
            assertThat(closedBy.size()).isEqualTo(DestroyReason.values().length);
            assertThat(closedBy.get(new Object[] {"LIFETIME"}).get("value")).isEqualTo(0L);
            ConnectionPoolMXBean bean =
                    JMX.newMXBeanProxy(SERVER, PoolMBean.objectName("orders"), ConnectionPoolMXBean.class);
            bean.setMaxOpenConnections(9);
            assertThat(pool.stats().maxOpenConnections()).isEqualTo(9);
            bean.suspend();
            assertThat(bean.isSuspended()).isTrue();
            assertThat(bean.checkHealth()).isEqualTo("DEGRADED: the pool is suspended");
            bean.resume();
            assertThat(pool.stats().suspended()).isFalse();
            bean.refresh();
            assertThat(bean.drain(0)).hasSize(1);
            bean.resume();
        }
        assertThat(SERVER.isRegistered(PoolMBean.objectName("orders"))).isFalse();
    }

    @Test
    void two_pools_of_one_name_in_jmx_are_an_error_and_the_first_stays() throws Exception {
        try (ConnectionPool pool =
                ConnectionPool.create(config().name("a=b,c").jmx(true).build())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ConnectionPool.create(
                            config().name("a=b,c").jmx(true).build()))
                    .withMessageContaining("give each its own name");
            assertThat(attribute("a=b,c", "MaxOpenConnections"))
                    .isEqualTo(pool.stats().maxOpenConnections());
        }
    }

    @Test
    void a_nested_deadlock_is_an_exception_that_can_be_tried_again() throws Exception {
        try (ConnectionPool pool =
                        ConnectionPool.create(config().maxOpenConnections(1).build());
                Connection outer = pool.getConnection()) {
            assertThat(outer.isClosed()).isFalse();
            assertThatThrownBy(pool::getConnection)
                    .isInstanceOf(SQLTransientConnectionException.class)
                    .hasCauseInstanceOf(AcquireDeadlockException.class)
                    .hasMessageContaining(OperatedPoolTest.class.getName())
                    .extracting(failure -> ((SQLException) failure).getSQLState())
                    .isEqualTo("40001");
            assertThat(pool.stats().deadlocks()).isEqualTo(1);
        }
    }

    @Test
    void a_lost_connection_is_closed_with_what_it_left_open_and_told_to_every_listener() throws Exception {
        Queue<LeaseInfo> leaks = new ConcurrentLinkedQueue<>();
        ConnectionPoolListener listener = new ConnectionPoolListener() {
            @Override
            public void leaked(LeaseInfo lease) {
                leaks.add(lease);
            }
        };
        ConnectionPoolListener failing = new ConnectionPoolListener() {
            @Override
            public void leaked(LeaseInfo lease) {
                throw new IllegalStateException("planted");
            }
        };
        try (ConnectionPool pool = ConnectionPool.create(config().maxOpenConnections(1)
                .leaseTracking(LeaseTracking.ALL)
                .listener(failing)
                .build())) {
            pool.addListener(listener);
            loseOne(pool);
            FutureTask<Connection> waiting = new FutureTask<>(() -> pool.getConnection());
            new Thread(waiting).start();
            await().until(() -> {
                System.gc();
                return waiting.isDone();
            });
            waiting.get().close();
            await().until(() -> leaks.size() == 1);
            assertThat(leaks.element().acquired().get(0).getMethodName()).isEqualTo("loseOne");
            assertThat(pool.stats().closedBy()).containsAllEntriesOf(Map.of(DestroyReason.LEAKED, 1L));
            pool.removeListener(listener);
        }
    }

    private static void loseOne(ConnectionPool pool) throws SQLException {
        Connection lost = pool.getConnection();
        PreparedStatement statement = lost.prepareStatement("SELECT 1");
        assertThat(statement.isClosed()).isFalse();
    }

    @Test
    void a_statement_keeps_its_connection() throws Exception {
        try (ConnectionPool pool =
                ConnectionPool.create(config().leaseTracking(LeaseTracking.ALL).build())) {
            try (Statement statement = pool.getConnection().createStatement()) {
                System.gc();
                System.gc();
                assertThat(pool.stats().inUse()).isEqualTo(1);
                assertThat(statement.isClosed()).isFalse();
                statement.getConnection().close();
            }
            assertThat(pool.stats().closedBy()).containsEntry(DestroyReason.LEAKED, 0L);
        }
    }

    @Test
    void whoever_calls_it_or_its_statement_has_the_lease() throws Exception {
        try (ConnectionPool pool = ConnectionPool.create(config().build());
                Connection lease = pool.getConnection();
                Statement statement = lease.createStatement()) {
            for (Callable<?> use : List.<Callable<?>>of(lease::getAutoCommit, () -> statement.execute("SELECT 1"))) {
                FutureTask<Object> other = new FutureTask<>(() -> {
                    use.call();
                    return pool.leases().get(0).holder();
                });
                new Thread(other, "user").start();
                assertThat(other.get()).isEqualTo("user");
                assertThat(lease.getAutoCommit()).isTrue();
                assertThat(pool.leases().get(0).holder())
                        .isEqualTo(Thread.currentThread().getName());
            }
        }
    }

    @Test
    void a_pool_that_was_resized_says_so_in_its_errors() throws Exception {
        try (ConnectionPool pool = ConnectionPool.create(
                        config().maxOpenConnections(3).detectDeadlocks(false).build());
                Connection lease = pool.getConnection()) {
            pool.resize(1);
            assertThat(lease.isClosed()).isFalse();
            assertThatThrownBy(() -> pool.getConnection(Duration.ofMillis(20))).hasMessageContaining("of 1, in use 1");
            pool.suspend();
            assertThatThrownBy(() -> pool.getConnection(Duration.ofMillis(20))).hasMessageContaining("It is suspended");
            pool.resume();
        }
    }

    @Test
    void a_refresh_connects_anew() throws Exception {
        try (ConnectionPool pool = ConnectionPool.create(config().build())) {
            pool.getConnection().close();
            long before = pool.stats().created();
            pool.refresh();
            pool.getConnection().close();
            assertThat(pool.stats().created()).isGreaterThan(before);
            assertThat(pool.stats().closedBy().get(DestroyReason.REFRESHED)).isPositive();
            assertThat(List.copyOf(pool.leases())).isEmpty();
        }
    }
}
