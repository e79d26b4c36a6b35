package dev.hatch.pool.jdbc;

import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * A driver's statement, as its connection remembers it until it is closed. What the user has knows this, and not the other way: a
 * lease that nobody has any more is unreachable although it left statements open.
 */
final class OpenStatement {
    /** Null once it is closed. Plain: a thread that sees that late closes it again, which does nothing. */
    private @Nullable Statement raw;

    /** Of the {@link PhysicalConnection}'s stack. */
    @Nullable OpenStatement below;

    OpenStatement(Statement raw) {
        this.raw = raw;
    }

    /** Null once it is closed. */
    @Nullable Statement raw() {
        return raw;
    }

    /** One that cannot be closed stays open, and its connection is not kept. */
    void close() throws SQLException {
        Statement open = raw;
        if (open != null) {
            open.close();
            raw = null;
        }
    }

    /** By any thread, while another may be running it. */
    void cancel() {
        Statement open = raw;
        if (open != null) {
            try {
                open.cancel();
            } catch (SQLException | RuntimeException | AbstractMethodError e) {
                // Closed meanwhile, or the driver cannot.
            }
        }
    }

    /** Whether it was closed here. */
    boolean isDone() {
        return raw == null;
    }
}
