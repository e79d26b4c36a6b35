/**
 * A pool of JDBC connections. {@link dev.hatch.pool.jdbc.ConnectionPool#create} is the way in;
 * {@link dev.hatch.pool.jdbc.ConnectionSource} is how a kind of database is added.
 */
@NullMarked
package dev.hatch.pool.jdbc;

import org.jspecify.annotations.NullMarked;
