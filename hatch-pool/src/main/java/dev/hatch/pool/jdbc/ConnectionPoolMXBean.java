package dev.hatch.pool.jdbc;

import java.util.List;
import java.util.Map;

/** What JMX shows of a {@link ConnectionPool} and lets an operator do with it. */
public interface ConnectionPoolMXBean {
    /** Connections that exist or are being opened. */
    int getOpenConnections();

    /** Leased connections. */
    int getInUse();

    /** Connections that are not leased, those included that are being validated or reset. */
    int getIdle();

    /** Callers that wait now. */
    int getWaiting();

    /** Callers that have had to wait, ever. */
    long getWaitCount();

    /** How long all of them waited together, in ms. */
    long getWaitMillis();

    /** Callers that got nothing in time. */
    long getTimeouts();

    /** Callers that were refused because too many were waiting. */
    long getRefusals();

    /** Callers that were told that all connections are held by threads that wait for another. */
    long getDeadlocks();

    /** Connections opened, ever. */
    long getCreated();

    /** Attempts to connect that failed. */
    long getFailedConnects();

    /** Connections closed, by reason. */
    Map<String, Long> getClosedBy();

    /** The last health check's {@link HealthStatus}. */
    String getHealth();

    /** Whether the pool lends nothing until it is resumed. */
    boolean isSuspended();

    /** The bound on connections. */
    int getMaxOpenConnections();

    /** As {@link ConnectionPool#resize}. */
    void setMaxOpenConnections(int maxOpenConnections);

    /** The leases that are out, the longest first: the connection, for how long, who has it. */
    List<String> getHeldLeases();

    /** As {@link ConnectionPool#suspend}. */
    void suspend();

    /** As {@link ConnectionPool#resume}. */
    void resume();

    /** As {@link ConnectionPool#refresh}. */
    void refresh();

    /**
     * As {@link ConnectionPool#drain}.
     *
     * @param seconds the deadline
     */
    List<String> drain(long seconds);

    /** Runs a health check now and gives what it found. */
    String checkHealth();
}
