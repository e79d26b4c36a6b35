package dev.hatch.duckdb;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import org.duckdb.DuckDBConnection;

/**
 * Interrupts what a connection runs. {@code Statement.cancel} of the driver (2.0.0.1) does so only while that statement is
 * within {@code execute}, so that it does not reach a streaming result whose next batch is long in coming. What it would
 * call is not public; it is called here by reflection, under the lock that it wants.
 */
public final class Interruption {
    private static final Method INTERRUPT;
    private static final Field LOCK;

    static {
        try {
            INTERRUPT = DuckDBConnection.class.getDeclaredMethod("interrupt");
            INTERRUPT.setAccessible(true);
            LOCK = DuckDBConnection.class.getDeclaredField("connRefLock");
            LOCK.setAccessible(true);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Interruption() {}

    /**
     * Makes the statement that runs on the connection fail soon, and does nothing if there is none, or if the driver is
     * just preparing or closing something. One that is only just being started may miss it. From any thread; never
     * blocks.
     */
    public static void interrupt(Connection connection) throws SQLException {
        DuckDBConnection duckDb = connection.unwrap(DuckDBConnection.class);
        try {
            ReentrantLock lock = (ReentrantLock) LOCK.get(duckDb);
            if (lock.tryLock()) {
                try {
                    INTERRUPT.invoke(duckDb);
                } finally {
                    lock.unlock();
                }
            }
        } catch (InvocationTargetException e) {
            throw new SQLException("the connection cannot be interrupted", e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
