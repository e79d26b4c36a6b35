package dev.hatch.server;

import java.sql.SQLException;

/** Where a statement runs: on any connection of the pool, or on the one that a transaction or a session holds. */
interface Lender {
    /**
     * A connection for one call, which closes what it gets.
     *
     * @throws SQLException if there is none in time
     * @throws org.apache.arrow.flight.FlightRuntimeException if there is none to be had any more, or the call was stopped
     */
    Lent lend(RunningCalls.Call call) throws SQLException;
}
