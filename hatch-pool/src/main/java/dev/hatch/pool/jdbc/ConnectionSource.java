package dev.hatch.pool.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
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

    /** An open database. The pool calls {@code connect}, {@code reset} and {@code probe} from many threads at once. */
    interface Database extends AutoCloseable {

        /** A new connection with no state of anybody's. */
        Connection connect() throws SQLException;

        /**
         * Makes what the last user left into a connection for the next one: the same connection cleaned, or another in
         * its place, in which case the pool closes {@code used}. If this throws, {@code used} is closed and its place
         * is filled anew.
         */
        Connection reset(Connection used) throws SQLException;

        /**
         * Returns normally if the connection answers. The pool stops waiting after {@code timeout} whether or not this
         * has returned.
         */
        void probe(Connection connection, Duration timeout) throws SQLException;

        /** Called once, when the pool closes; leases may still be out. */
        @Override
        void close() throws SQLException;
    }
}
