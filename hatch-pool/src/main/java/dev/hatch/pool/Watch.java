package dev.hatch.pool;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/** What a pool remembers of a {@link Recyclable} that it made, whether it comes back or not. One for each object. */
final class Watch extends WeakReference<Object> {
    private final @Nullable Runnable whenLost;
    private @Nullable Shelf<?> shelf;
    private int place;
    private boolean ended;

    Watch(Recyclable object, ReferenceQueue<Object> lost) {
        super(object.watched(), lost);
        whenLost = object.whenLost();
    }

    /** Gives the object a place; it keeps it until {@link #end}. False if it has one, or has been dropped. */
    synchronized boolean settle(Recyclable object, Shelf<?> on, int at) {
        if (ended || shelf != null) {
            return false;
        }
        shelf = on;
        place = at;
        object.place = at;
        object.shelf = on;
        return true;
    }

    /** The object is dropped, or lost if it is null: its place is free. False if that was so already. */
    synchronized boolean end(@Nullable Recyclable object) {
        if (ended) {
            return false;
        }
        ended = true;
        clear();
        // What was taken from its place to be dropped has none any more.
        Shelf<?> its = object == null ? shelf : object.shelf;
        if (its != null) {
            if (object != null) {
                object.shelf = null;
            }
            its.vacate(place);
        }
        return true;
    }

    void runWhenLost() {
        if (whenLost != null) {
            whenLost.run();
        }
    }
}
