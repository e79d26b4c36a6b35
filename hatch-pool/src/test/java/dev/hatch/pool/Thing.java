package dev.hatch.pool;

import java.util.concurrent.atomic.AtomicInteger;

/** A resource that notices when two hold it, and when it is used after its end. */
final class Thing {
    final int number;
    final AtomicInteger holders = new AtomicInteger();
    volatile boolean dirty;
    volatile boolean valid = true;
    volatile boolean destroyed;

    Thing(int number) {
        this.number = number;
    }

    @Override
    public String toString() {
        return "thing " + number;
    }
}
