package dev.hatch.pool.jdbc;

import java.sql.Array;
import org.jspecify.annotations.Nullable;

/** An array, whose result set would know its raw statement. Drivers take their own arrays only: as an argument it is unwrapped. */
final class PooledArray extends ArrayMethods {
    PooledArray(PooledConnection connection, @Nullable PooledStatement statement, Array raw) {
        super(connection, statement, raw);
    }

    static Array unwrapped(Array array) {
        return array instanceof PooledArray pooled ? pooled.raw : array;
    }

    static Object unwrapped(Object value) {
        return value instanceof PooledArray pooled ? pooled.raw : value;
    }
}
