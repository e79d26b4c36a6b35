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

    /** Gives the object a place; it keeps it until the end. False if it has one, or has been dropped. */
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

    /** The object was taken from its place to be dropped. False if it was dropped before. */
    synchronized boolean endTaken() {
        return endOnce();
    }

    /** The object is out and to be dropped. False if it is not, since somebody has put it back or dropped it. */
    synchronized boolean endOut(Recyclable object) {
        return !ended && shelf != null && shelf.vacate(object, place) && endOnce();
    }

    /** The object is out and to be dropped, for it never had a place. False if it has one by now, or was dropped. */
    synchronized boolean endUnsettled() {
        return shelf == null && endOnce();
    }

    /** The object is unreachable. False if it was dropped before. */
    synchronized boolean endLost() {
        if (!endOnce()) {
            return false;
        }
        if (shelf != null) {
            shelf.vacate(place);
        }
        return true;
    }

    private boolean endOnce() {
        boolean isFirst = !ended;
        ended = true;
        clear();
        return isFirst;
    }

    /** Whether it had a place, once it has none any more. */
    synchronized boolean wasSettled() {
        return shelf != null;
    }

    void runWhenLost() {
        if (whenLost != null) {
            whenLost.run();
        }
    }
}
