package dev.hatch.pool.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
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
         * Makes the database forget all that was done in the session of {@code connection}, which has nothing open, is in
         * auto-commit mode and has its attributes back. Called if the policy is {@link ResetPolicy#STATEMENT}, which a
         * database can only have whose {@link #resetPolicy} that is. If it throws, the connection is replaced.
         */
        default void resetSession(Connection connection) throws SQLException {
            throw new SQLFeatureNotSupportedException("this source knows no way to reset a session");
        }

        /**
         * Makes what runs on the connection fail soon, for what {@link java.sql.Statement#cancel} does not reach, which the
         * pool calls on each open statement. Does nothing if nothing runs. Called when the lease is closed, or its pool, by
         * another thread than the one that may be running something; must not wait for that one, and may be called on a
         * connection that is closed, or again after a moment. Default: nothing.
         */
        default void cancel(Connection connection) throws SQLException {}

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
