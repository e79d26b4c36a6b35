package dev.hatch.conformance;

import java.lang.reflect.InvocationTargetException;
import java.sql.Connection;
import java.sql.SQLException;

/** What can be left on a driver's own connection; by reflection, so that nobody needs a driver of another database. */
final class DriverTraces {
    private DriverTraces() {}

    /** A statement that the pool does not see. */
    static Trace set(String type, String sql, String query) {
        return new Trace(
                "unwrap: SET", c -> Trace.execute((Connection) unwrap(c, type), sql), c -> Trace.value(c, query));
    }

    /** A property of the driver's own. */
    static Trace property(String type, String name, int value) {
        return new Trace(
                "unwrap: set" + name,
                c -> {
                    Object own = unwrap(c, type);
                    call(() -> own.getClass().getMethod("set" + name, int.class).invoke(own, value));
                },
                c -> {
                    Object own = unwrap(c, type);
                    return ""
                            + call(() -> own.getClass().getMethod("get" + name).invoke(own));
                });
    }

    private static Object unwrap(Connection connection, String type) throws SQLException {
        return connection.unwrap((Class<?>) call(() -> Class.forName(type)));
    }

    private interface Reflective {
        Object get() throws ReflectiveOperationException;
    }

    private static Object call(Reflective reflective) throws SQLException {
        try {
            return reflective.get();
        } catch (InvocationTargetException e) {
            throw new SQLException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new SQLException(e);
        }
    }
}
