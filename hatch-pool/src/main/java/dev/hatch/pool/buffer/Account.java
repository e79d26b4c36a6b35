package dev.hatch.pool.buffer;

import org.jspecify.annotations.Nullable;

/** What a pool knows of one buffer's memory even when nobody has the buffer any more. It is run when the buffer is lost. */
final class Account implements Runnable {
    final SizeClass home;
    final long capacity;

    /** What its user asked for, in bytes; while it is idle, its last user. Written by whoever has it. */
    int asked;

    /** Where its user took it, if that is known. Written by whoever takes it. */
    @Nullable Throwable taken;

    Account(SizeClass home, long capacity) {
        this.home = home;
        this.capacity = capacity;
    }

    @Override
    public void run() {
        home.lost(this);
    }
}
