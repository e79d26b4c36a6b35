package dev.hatch.pool.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;

/**
 * Opens one kind of database for a {@link ConnectionPool}. Found by {@link java.util.ServiceLoader}, so an
 * implementation has a public constructor without parameters; it keeps no state of its own. A JDBC URL that no source
 * accepts is opened through {@link java.sql.DriverManager}'s drivers.
 */
public interface ConnectionSource {

    /** Whether this source opens what {@code dsn} names. Looks at the text only. */
    boolean accepts(String dsn);

    /** Opens the database for one pool, which closes it. */
    Database open(ConnectionPoolConfig config) throws SQLException;

    /** An open database. Its methods are called from many threads at once. */
    interface Database extends AutoCloseable {

        /** A new connection with no state of anybody's. */
        Connection connect() throws SQLException;

        /** How a returned connection is made into one for the next user. Default: {@link ResetPolicy#ATTRIBUTES}. */
        default ResetPolicy resetPolicy() {
            return ResetPolicy.ATTRIBUTES;
        }

        /**
         * Returns normally if the connection answers. Default: asks {@link Connection#isValid}. The pool stops waiting after
         * {@code timeout} whether or not this has returned.
         */
        default void probe(Connection connection, Duration timeout) throws SQLException {
            int seconds = (int) Math.max(1, Math.min(Integer.MAX_VALUE, timeout.toSeconds()));
            if (!connection.isValid(seconds)) {
                throw new SQLNonTransientConnectionException("the connection is not valid any more", "08006");
            }
        }

        /**
         * Whether a failure means that its connection is lost, for what a vendor says in its own way. Those of SQLState class
         * 08 and their like are known without.
         */
        default boolean isFatal(SQLException failure) {
            return false;
        }

        /** Called once, when the pool closes; leases may still be out. */
        @Override
        void close() throws SQLException;
    }
}
