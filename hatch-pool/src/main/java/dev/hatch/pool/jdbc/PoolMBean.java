package dev.hatch.pool.jdbc;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pool as JMX sees it. */
final class PoolMBean implements ConnectionPoolMXBean {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionPool.class);

    private final ConnectionPool pool;
    private volatile boolean registered;

    PoolMBean(ConnectionPool pool) {
        this.pool = pool;
    }

    /** A name that is taken is an error: two pools under one name would be one too few to look at. */
    void register() {
        try {
            server().registerMBean(this, objectName(pool.name()));
            registered = true;
        } catch (InstanceAlreadyExistsException e) {
            throw new IllegalArgumentException(
                    "Pool '" + pool.name() + "': JMX has a pool of that name already; give each its own name", e);
        } catch (JMException e) {
            throw new IllegalStateException("Pool '" + pool.name() + "' cannot be registered with JMX", e);
        }
    }

    void unregister() {
        if (!registered) {
            return;
        }
        try {
            server().unregisterMBean(objectName(pool.name()));
        } catch (InstanceNotFoundException e) {
            // Somebody else has taken it out.
        } catch (JMException e) {
            LOG.warn("Pool '{}' could not be taken out of JMX", pool.name(), e);
        }
    }

    private static MBeanServer server() {
        return ManagementFactory.getPlatformMBeanServer();
    }

    static ObjectName objectName(String pool) throws JMException {
        boolean plain = pool.matches("[\\w ./-]+");
        return new ObjectName("dev.hatch:type=ConnectionPool,name=" + (plain ? pool : ObjectName.quote(pool)));
    }

    @Override
    public int getOpenConnections() {
        return pool.stats().openConnections();
    }

    @Override
    public int getInUse() {
        return pool.stats().inUse();
    }

    @Override
    public int getIdle() {
        return pool.stats().idle();
    }

    @Override
    public int getWaiting() {
        return pool.stats().waiting();
    }

    @Override
    public long getWaitCount() {
        return pool.stats().waitCount();
    }

    @Override
    public long getWaitMillis() {
        return pool.stats().waitDuration().toMillis();
    }

    @Override
    public long getTimeouts() {
        return pool.stats().timeouts();
    }

    @Override
    public long getRefusals() {
        return pool.stats().refusals();
    }

    @Override
    public long getDeadlocks() {
        return pool.stats().deadlocks();
    }

    @Override
    public long getCreated() {
        return pool.stats().created();
    }

    @Override
    public long getFailedConnects() {
        return pool.stats().failedConnects();
    }

    @Override
    public Map<String, Long> getClosedBy() {
        Map<String, Long> closed = new TreeMap<>();
        pool.stats().closedBy().forEach((reason, count) -> closed.put(reason.name(), count));
        return closed;
    }

    @Override
    public String getHealth() {
        return pool.stats().healthCheckStatus().name();
    }

    @Override
    public boolean isSuspended() {
        return pool.stats().suspended();
    }

    @Override
    public int getMaxOpenConnections() {
        return pool.stats().maxOpenConnections();
    }

    @Override
    public void setMaxOpenConnections(int maxOpenConnections) {
        pool.resize(maxOpenConnections);
    }

    @Override
    public List<String> getHeldLeases() {
        return pool.leases().stream()
                .map(lease -> lease.resource() + " for " + lease.held().toMillis() + " ms by "
                        + Objects.requireNonNullElse(lease.holder(), "an unknown thread"))
                .toList();
    }

    @Override
    public void suspend() {
        pool.suspend();
    }

    @Override
    public void resume() {
        pool.resume();
    }

    @Override
    public void refresh() {
        pool.refresh();
    }

    @Override
    public List<String> drain(long seconds) {
        return pool.drain(Duration.ofSeconds(seconds));
    }

    @Override
    public String checkHealth() {
        HealthCheck check = pool.healthCheck();
        return check.status() + ": " + check.message();
    }
}
