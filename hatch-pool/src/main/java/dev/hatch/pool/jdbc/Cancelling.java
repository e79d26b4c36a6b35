package dev.hatch.pool.jdbc;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Cancels what runs on a connection that came back, until its statements are closed: again and again, since drivers miss a statement that is only just
 * being started.
 */
final class Cancelling {
    private static final Executor AFTER_A_MOMENT = CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS);

    private final PhysicalConnection connection;
    private final OpenStatement top;

    /** Guarded by this, as is each cancel: none is under way when the connection goes on to its next user. */
    private boolean over;

    /** @param top of the stack of statements that are being closed */
    Cancelling(PhysicalConnection connection, OpenStatement top) {
        this.connection = connection;
        this.top = top;
        cancel();
    }

    private synchronized void cancel() {
        if (!over) {
            connection.cancel(top);
            AFTER_A_MOMENT.execute(this::cancel);
        }
    }

    synchronized void end() {
        over = true;
    }
}
