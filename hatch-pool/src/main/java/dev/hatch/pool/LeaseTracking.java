package dev.hatch.pool;

/** Which leases a pool watches, so that one that becomes unreachable without having been closed is reclaimed and told. */
public enum LeaseTracking {
    /** None. */
    OFF,

    /**
     * Of each resource the first lease in each second, so that the cost has a bound: all in a pool that is seldom used, few in
     * a busy one.
     */
    SAMPLED,

    /** All. Costs a stack trace for each lease. */
    ALL
}
