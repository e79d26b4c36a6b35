package dev.hatch.pool;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The slots of a pool. Those that are open may be claimed and filled: as many as the pool's size, and none while it is suspended. All
 * are those and the ones that a smaller size has left out, which are emptied as soon as nobody uses them.
 *
 * <p>Thread-safe: both arrays are replaced under this, and never changed; {@code all} only grows, and a slot keeps its index. Whoever
 * has read an array just before it was replaced may still claim or fill one of its slots.
 */
final class Places<R> {
    private final ResourcePool<R, ?> pool;
    private volatile Slot<R>[] all;
    private volatile Slot<R>[] open;

    /** Written under this. */
    private volatile int size;

    private volatile boolean suspended;

    /** What is done to a slot before it is open. Written under this. */
    private Consumer<Slot<R>> preparation = slot -> {};

    Places(ResourcePool<R, ?> pool, int size) {
        this.pool = pool;
        this.size = size;
        all = more(newArray(0), size);
        open = all;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static <R> Slot<R>[] newArray(int length) {
        return new Slot[length];
    }

    /** Has that done to all slots, now and before others are open. */
    synchronized void prepare(Consumer<Slot<R>> value) {
        preparation = value;
        for (Slot<R> slot : all) {
            value.accept(slot);
        }
    }

    private Slot<R>[] more(Slot<R>[] slots, int length) {
        Slot<R>[] longer = Arrays.copyOf(slots, length);
        for (int i = slots.length; i < length; i++) {
            longer[i] = new Slot<>(pool);
            preparation.accept(longer[i]);
        }
        return longer;
    }

    Slot<R>[] all() {
        return all;
    }

    Slot<R>[] open() {
        return open;
    }

    int size() {
        return size;
    }

    boolean isSuspended() {
        return suspended;
    }

    synchronized void resize(int newSize) {
        if (newSize > all.length) {
            all = more(all, newSize);
        }
        size = newSize;
        reopen();
    }

    synchronized void suspend(boolean value) {
        suspended = value;
        reopen();
    }

    private void reopen() {
        open = Arrays.copyOf(all, suspended ? 0 : size);
    }

    int countAll(int code) {
        return count(all, code);
    }

    /** Whether any is in one of the states: a slot that goes from one of them to another is seen in one of them. */
    boolean isAny(int... codes) {
        for (Slot<R> slot : all) {
            int now = Slot.code(slot.word());
            for (int code : codes) {
                if (code == now) {
                    return true;
                }
            }
        }
        return false;
    }

    int countOpen(int code) {
        return count(open, code);
    }

    /** How many could be lent at once, or after their validation. */
    int idle() {
        return countOpen(Slot.IDLE) + countOpen(Slot.STALE);
    }

    private static int count(Slot<?>[] slots, int code) {
        int count = 0;
        for (Slot<?> slot : slots) {
            if (Slot.code(slot.word()) == code) {
                count++;
            }
        }
        return count;
    }
}
