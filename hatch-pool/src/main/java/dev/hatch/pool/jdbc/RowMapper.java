package dev.hatch.pool.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Makes a value of one row.
 *
 * @param <T> the value
 */
@FunctionalInterface
public interface RowMapper<T extends @Nullable Object> {
    /**
     * Makes the value.
     *
     * @param row stands at the row; must not be moved
     */
    T map(ResultSet row) throws SQLException;
}
