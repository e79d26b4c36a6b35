package dev.hatch.pool.jdbc;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.util.Set;

/** Which failures of a connection mean that it is lost. */
final class Failures {
    /**
     * PostgreSQL's 57P01 to 57P05: terminated by an administrator, crash, cannot connect now, database dropped, idle session
     * timeout; SQL Server's and Sybase's JZ0C0, JZ0C1: connection closed, I/O error; Db2's 40003: completion unknown.
     * (https://www.postgresql.org/docs/current/errcodes-appendix.html; jConnect's and Db2's manuals)
     */
    private static final Set<String> FATAL =
            Set.of("57P01", "57P02", "57P03", "57P04", "57P05", "JZ0C0", "JZ0C1", "40003");

    private Failures() {}

    /** By class 08 of SQLState, by a state of {@link #FATAL}, or by the kind of exception. */
    static boolean isFatal(SQLException failure) {
        String state = failure.getSQLState();
        return failure instanceof SQLRecoverableException
                || failure instanceof SQLNonTransientConnectionException
                || (state != null && (state.startsWith("08") || FATAL.contains(state)));
    }
}
