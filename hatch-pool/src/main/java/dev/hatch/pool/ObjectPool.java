package dev.hatch.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.ReferenceQueue;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recycles what is cheap but not free. It never waits: where nothing is idle the factory makes an object, and what is too
 * much is dropped. A hit allocates nothing.
 *
 * <pre>{@code
 * ObjectPool<StringBuilder> builders = ObjectPool.builder(StringBuilder::new)
 *         .reset(builder -> builder.setLength(0))
 *         .build();
 * StringBuilder builder = builders.get();
 * try {
 *     // use it
 * } finally {
 *     builders.put(builder);
 * }
 * }</pre>
 *
 * <p>Whoever puts an object must not use it after. That it is put once only the user knows, unless it is a {@link Recyclable}.
 *
 * <p>Thread-safe, without thread-locals: a hit is one compare-and-set on the {@link Shelf} that the thread's id leads to, and so is the way
 * back. What changes the places themselves, such as a new object or a tick of the clock, locks one shelf for an instant. A thread
 * whose shelf has nothing looks at the others' before it makes something.
 *
 * @param <T> the objects
 */
public final class ObjectPool<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ObjectPool.class);
    private static final VarHandle SHELF = MethodHandles.arrayElementVarHandle(Shelf[].class);

    /** Threads that share a shelf disturb each other: for each processor there are as many as this, to make that rare. */
    private static final int HOMES_PER_PROCESSOR = 8;

    /** A power of two, at least 2; the same for all pools, so that the JIT knows it. */
    private static final int HOMES =
            Integer.highestOneBit(2 * Runtime.getRuntime().availableProcessors() * HOMES_PER_PROCESSOR - 1);

    /** How many references fill a cache line: of 64 bytes, with 4 for each. */
    private static final int LINE = 16;

    private static final int HOME_SHIFT = Long.SIZE - Integer.numberOfTrailingZeros(HOMES);

    /** A shelf counts hits up to a bound; see there. */
    private static final long LONGEST_TICK_NANOS = TimeUnit.SECONDS.toNanos(4);

    private final ObjectPoolBuilder<T> settings;
    private final @Nullable Consumer<? super T> reset;

    /** Null where there is none yet. Through SHELF. */
    private final @Nullable Shelf<T>[] shelves;

    /**
     * Where threads begin to look: {@link #HOMES} of the shelves, some of them again and again if there are fewer. As they are: a
     * stale null costs a second look.
     */
    private final @Nullable Shelf<T>[] homes;

    /**
     * Where the threads of each home look first: there, or where one of them found something last. As they are, too. A home has a
     * cache line of these to itself, as others write theirs.
     */
    private final @Nullable Shelf<T>[] current;

    /**
     * The list of the shelves where something is idle: a bit for each. Who makes the first object of a shelf idle lists it,
     * unless it is {@code listed}; who finds nothing there strikes it off.
     */
    private final AtomicLongArray occupied;

    /** Where a place was found last. A hint: written without a lock. */
    private int roomHint;

    /** How many Recyclables have a place. */
    private final AtomicInteger settled = new AtomicInteger();

    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private final ReferenceQueue<Object> unreachable = new ReferenceQueue<>();

    private final LongAdder misses = new LongAdder();
    private final LongAdder created = new LongAdder();
    private final LongAdder surplus = new LongAdder();
    private final LongAdder faded = new LongAdder();
    private final LongAdder trimmed = new LongAdder();
    private final LongAdder failedResets = new LongAdder();
    private final LongAdder lost = new LongAdder();

    /** Ticks from one look at what is not used to the next; 0: there is none. */
    private final int ticksToFade;

    private final long tickNanos;
    private final AtomicLong hitsSeen = new AtomicLong();
    private volatile long usedNanos = System.nanoTime();
    private int ticks;

    /** Guarded by this; null before anything was put here. */
    private @Nullable Upkeep upkeep;

    private volatile boolean closed;

    @SuppressWarnings({"unchecked", "rawtypes"})
    ObjectPool(ObjectPoolBuilder<T> settings) {
        this.settings = settings;
        reset = settings.reset;
        int least = (settings.maxIdle + Shelf.PLACES - 1) / Shelf.PLACES;
        int count = Math.max(1, Math.max(least, Math.min(HOMES, settings.maxIdle)));
        shelves = new Shelf[count];
        homes = new Shelf[HOMES];
        current = new Shelf[HOMES * LINE];
        occupied = new AtomicLongArray((count + Long.SIZE - 1) / Long.SIZE);
        long halfNanos = settings.fadeNanos / 2;
        ticksToFade = settings.fadeNanos == 0 ? 0 : (int) ((halfNanos + LONGEST_TICK_NANOS - 1) / LONGEST_TICK_NANOS);
        tickNanos = ticksToFade == 0 ? LONGEST_TICK_NANOS : halfNanos / ticksToFade;
    }

    /**
     * Begins the settings of a pool.
     *
     * @param factory makes an object where none is idle, in the thread that wants one; what it throws goes to the caller
     */
    public static <T> ObjectPoolBuilder<T> builder(Supplier<? extends T> factory) {
        return new ObjectPoolBuilder<>(factory);
    }

    /**
     * An object that nobody else has: an idle one, or else a new one.
     *
     * @throws PoolClosedException if the pool is closed
     */
    public T get() {
        T object = poll();
        return object != null ? object : create();
    }

    /**
     * An idle object, or null if there is none: for whoever makes new ones himself, by other means than a factory has. Also null, once
     * in a while, if another thread disturbs this one at what is idle.
     *
     * @throws PoolClosedException if the pool is closed
     */
    public @Nullable T poll() {
        int home = home();
        Shelf<T> shelf = current[home * LINE];
        T object = shelf == null ? null : shelf.tryClaim();
        return object != null ? object : pollElsewhere(home, shelf);
    }

    /** Where the thread begins. Fibonacci hashing spreads consecutive ids evenly over its top bits (Knuth, TAOCP vol. 3, 6.4). */
    private static int home() {
        return (int) ((Thread.currentThread().getId() * 0x9E3779B97F4A7C15L) >>> HOME_SHIFT);
    }

    /** With {@code shelf}, where the thread has looked: it is empty, or others were quicker. */
    private @Nullable T pollElsewhere(int home, @Nullable Shelf<T> shelf) {
        if (closed) {
            throw new PoolClosedException(settings.name);
        }
        Shelf<T> own = homeShelf(home);
        if (shelf != null && shelf != own && shelf.idle() != 0 && own.hasPlace() && hasPlaces()) {
            // Two want the same line, and one of them is not at home: it had better have one more object there. But not
            // more than
            // fit there: they would be so many that none is still in a cache when it is used again.
            current[home * LINE] = own;
            misses.increment();
            return null;
        }
        T object = shelf == null ? null : shelf.claim();
        if (object != null) {
            return object;
        }
        object = own.claim();
        if (object != null) {
            current[home * LINE] = own;
            return object;
        }
        int first = shelf == null ? own.index : shelf.index;
        int words = occupied.length();
        for (int i = 0; i <= words; i++) {
            int word = (first / Long.SIZE + i) % words;
            // From where the last one was on: what comes back is put behind, and rather not touched by two at a time.
            long from = -1L << first;
            long bits = occupied.get(word) & (i == 0 ? from : i == words ? ~from : -1L);
            for (; bits != 0; bits &= bits - 1) {
                object = claim(word * Long.SIZE + Long.numberOfTrailingZeros(bits), home);
                if (object != null) {
                    return object;
                }
            }
        }
        misses.increment();
        return null;
    }

    private @Nullable T claim(int index, int home) {
        Shelf<T> shelf = shelf(index);
        T object = shelf.claim();
        if (object == null) {
            strike(shelf);
        } else if (object instanceof Recyclable) {
            // It will come back there, and there may be more.
            current[home * LINE] = shelf;
        }
        return object;
    }

    /** For more {@link Recyclable}s; false if there is none. */
    private boolean hasPlaces() {
        int count = settled.get();
        return count > 0 && count < settings.maxIdle;
    }

    private T create() {
        recoverLost();
        T object = Objects.requireNonNull(settings.factory.get(), "the factory made null");
        adopt(object);
        return object;
    }

    /**
     * Makes an object the pool's, as if the factory had made it now: it is out, and to be {@link #put} once it is not used any
     * more. One that is not {@link Recyclable} may be put without this, and is not counted as created then.
     *
     * @throws IllegalStateException if it is a {@link Recyclable} that a pool has already
     */
    public void adopt(T object) {
        if (object instanceof Recyclable recyclable) {
            watch(recyclable);
        }
        created.increment();
        usedNanos = System.nanoTime();
    }

    private void watch(Recyclable object) {
        if (object.pool != null) {
            throw new IllegalStateException("Pool '" + settings.name + "' cannot adopt what a pool has already, "
                    + object.getClass().getName());
        }
        Watch watch = new Watch(object, unreachable);
        object.pool = this;
        object.watch = watch;
        watches.add(watch);
        settle(object, watch);
    }

    private static Watch watchOf(Recyclable object) {
        return Objects.requireNonNull(object.watch, "only what was adopted has this pool");
    }

    /** Gives an object that is out a place, if there is one. */
    private void settle(Recyclable object, Watch watch) {
        int count = shelves.length;
        int home = home() % count;
        int hint = roomHint;
        for (int i = -1; i < count; i++) {
            int index = i < 0 ? home : (hint + i) % count;
            Shelf<T> shelf = shelf(index);
            int place = shelf.reserve(object);
            if (place >= 0) {
                roomHint = i < 0 ? hint : index;
                if (watch.settle(object, shelf, place)) {
                    settled.incrementAndGet();
                } else {
                    shelf.vacate(place);
                }
                return;
            }
        }
    }

    private Shelf<T> homeShelf(int home) {
        Shelf<T> shelf = homes[home];
        return shelf != null ? shelf : shelf(home % shelves.length);
    }

    private Shelf<T> shelf(int index) {
        Shelf<T> shelf = existing(index);
        if (shelf != null) {
            return shelf;
        }
        int count = shelves.length;
        int size = settings.maxIdle / count + (index < settings.maxIdle % count ? 1 : 0);
        Shelf<T> fresh = new Shelf<>(index, size);
        if (!SHELF.compareAndSet(shelves, index, null, fresh)) {
            return shelf(index);
        }
        for (int home = index; home < HOMES; home += count) {
            homes[home] = fresh;
            current[home * LINE] = fresh;
        }
        beginUpkeep();
        return fresh;
    }

    @SuppressWarnings("unchecked")
    private @Nullable Shelf<T> existing(int index) {
        return (Shelf<T>) SHELF.getVolatile(shelves, index);
    }

    private synchronized void beginUpkeep() {
        if (settings.upkeep && upkeep == null && !closed) {
            upkeep = Upkeep.every(tickNanos, this);
        }
    }

    /**
     * Takes an object back. It is reset, then idle; or dropped, if there is no room for it or its reset throws.
     *
     * @throws IllegalStateException if it is a {@link Recyclable} that is idle already, or was dropped
     * @throws IllegalArgumentException if it is a {@link Recyclable} that this pool did not make or {@link #adopt}
     */
    public void put(T object) {
        if (object instanceof Recyclable recyclable) {
            if (recyclable.pool != this) {
                throw new IllegalArgumentException("Pool '" + settings.name + "' got what it did not lend: "
                        + recyclable.getClass().getName());
            }
            putBack(recyclable);
            return;
        }
        Objects.requireNonNull(object, "object");
        if (reset != null && !reset(object)) {
            return;
        }
        Shelf<T> home = homeShelf(home());
        Shelf.Return end = home.park(object);
        if (end == Shelf.Return.FULL) {
            parkElsewhere(object);
        } else {
            returned(home, end);
        }
    }

    private void parkElsewhere(T object) {
        int count = shelves.length;
        int hint = roomHint;
        for (int i = 0; i < count; i++) {
            int index = (hint + i) % count;
            Shelf<T> shelf = shelf(index);
            Shelf.Return end = shelf.park(object);
            if (end != Shelf.Return.FULL) {
                roomHint = index;
                returned(shelf, end);
                return;
            }
        }
        drop(object, surplus);
    }

    /** For one whose pool this is. */
    void putBack(Recyclable object) {
        Shelf<?> shelf = object.shelf;
        if (shelf == null) {
            putBackUnsettled(object);
            return;
        }
        if (reset != null) {
            if ((shelf.idle() & 1 << object.place) != 0) {
                throw twice(object);
            }
            if (!reset(own(object))) {
                return;
            }
        }
        Shelf.Return end = shelf.putBack(object, object.place);
        if (end == Shelf.Return.TWICE) {
            throw twice(object);
        }
        returned(shelf, end);
    }

    @SuppressWarnings("unchecked") // Its pool is this, so it is a T.
    private T own(Recyclable object) {
        return (T) object;
    }

    private void returned(Shelf<?> shelf, Shelf.Return end) {
        if (end == Shelf.Return.DONE_FIRST && !shelf.listed) {
            list(shelf);
        }
        if (closed) {
            trim();
        }
    }

    private void putBackUnsettled(Recyclable object) {
        if (!closed) {
            settle(object, watchOf(object));
        }
        if (object.shelf != null) {
            putBack(object);
        } else if (watchOf(object).endUnsettled()) {
            drop(own(object), surplus);
        } else {
            throw twice(object);
        }
    }

    private IllegalStateException twice(Recyclable object) {
        return new IllegalStateException("Pool '" + settings.name + "': an object was put back twice, "
                + object.getClass().getName()
                + ". The second time it was idle or dropped; whoever put it must not use it any more");
    }

    private boolean reset(T object) {
        try {
            Objects.requireNonNull(reset).accept(object);
            return true;
        } catch (Throwable e) {
            LOG.warn("Pool '{}': a reset failed, and its object is dropped", settings.name, e);
            if (object instanceof Recyclable recyclable && !watchOf(recyclable).endOut(recyclable)) {
                throw twice(recyclable);
            }
            drop(object, failedResets);
            if (e instanceof Error error) {
                throw error;
            }
            return false;
        }
    }

    /** An object that nobody can have any more. What its destroyer throws must not keep the next from being dropped. */
    private void drop(T object, LongAdder reason) {
        if (object instanceof Recyclable recyclable) {
            forget(watchOf(recyclable));
        }
        reason.increment();
        try {
            settings.destroy.accept(object);
        } catch (Throwable e) {
            LOG.warn("Pool '{}': dropping an object failed", settings.name, e);
        }
    }

    /** Drops all that is idle. */
    public void trim() {
        trim(Integer.MAX_VALUE);
    }

    /**
     * Drops idle objects, those first that have not been used for longest, as far as is known.
     *
     * @param most how many at most
     * @return how many it dropped
     */
    public int trim(int most) {
        int dropped = 0;
        for (int i = shelves.length - 1; i >= 0 && dropped < most; i--) {
            Shelf<T> shelf = existing(i);
            if (shelf != null) {
                dropped += drop(shelf, -1, most - dropped, trimmed);
            }
        }
        return dropped;
    }

    private int drop(Shelf<T> shelf, int places, int most, LongAdder reason) {
        for (int dropped = 0; dropped < most; dropped++) {
            T object = shelf.take(places);
            if (object == null) {
                return dropped;
            }
            if (object instanceof Recyclable recyclable) {
                watchOf(recyclable).endTaken();
            }
            drop(object, reason);
        }
        return most;
    }

    /** What is done by the clock; never by two threads at a time. */
    void tick() {
        recoverLost();
        lastUseNanos();
        boolean fade = ticksToFade != 0 && ++ticks % ticksToFade == 0;
        int[] untouched = new int[shelves.length];
        for (int i = 0; i < shelves.length; i++) {
            Shelf<T> shelf = existing(i);
            if (shelf != null) {
                untouched[i] = fade ? shelf.untouched() : 0;
                shelf.forget();
            }
        }
        // Last, since a destroyer takes the time that it takes.
        for (int i = 0; i < shelves.length; i++) {
            Shelf<T> shelf = existing(i);
            if (shelf != null) {
                drop(shelf, untouched[i], Shelf.PLACES, faded);
            }
        }
        endUpkeep();
    }

    private void forget(Watch ended) {
        watches.remove(ended);
        if (ended.wasSettled()) {
            settled.decrementAndGet();
        }
    }

    /** Sees to the objects that have become unreachable. A miss does this, {@link #stats} does, and the pool by itself every 4 s at least. */
    public void recoverLost() {
        for (Object found = unreachable.poll(); found != null; found = unreachable.poll()) {
            Watch watch = (Watch) found;
            if (watch.endLost()) {
                forget(watch);
                lost.increment();
                try {
                    watch.runWhenLost();
                } catch (Throwable e) {
                    LOG.warn("Pool '{}': what was to run for a lost object failed", settings.name, e);
                }
            }
        }
    }

    /**
     * When an object was last lent, as {@link System#nanoTime}: exactly if it was made for that, else when this was next called, which
     * the pool does every 4 s at least.
     */
    public long lastUseNanos() {
        long hits = hits();
        if (hitsSeen.getAndSet(hits) != hits) {
            usedNanos = System.nanoTime();
        }
        return usedNanos;
    }

    private long hits() {
        long hits = 0;
        for (int i = 0; i < shelves.length; i++) {
            Shelf<T> shelf = existing(i);
            hits += shelf == null ? 0 : shelf.hits();
        }
        return hits;
    }

    /** How many objects are idle now. */
    public int idle() {
        int idle = 0;
        for (int i = 0; i < shelves.length; i++) {
            Shelf<T> shelf = existing(i);
            idle += shelf == null ? 0 : Integer.bitCount(shelf.idle());
        }
        return idle;
    }

    /** What the pool holds and has done. Read one after another while others go on. */
    public ObjectPoolStats stats() {
        recoverLost();
        int idle = 0;
        long idleBytes = 0;
        for (int i = 0; i < shelves.length; i++) {
            Shelf<T> shelf = existing(i);
            if (shelf == null) {
                continue;
            }
            int places = shelf.idle();
            idle += Integer.bitCount(places);
            if (settings.weigher != null) {
                for (int rest = places; rest != 0; rest &= rest - 1) {
                    T object = shelf.peek(Integer.numberOfTrailingZeros(rest));
                    idleBytes += object == null ? 0 : settings.weigher.applyAsLong(object);
                }
            }
        }
        long dropped = surplus.sum() + faded.sum() + trimmed.sum() + failedResets.sum();
        return new ObjectPoolStats(
                hits(),
                misses.sum(),
                created.sum(),
                dropped,
                surplus.sum(),
                faded.sum(),
                trimmed.sum(),
                failedResets.sum(),
                lost.sum(),
                idle,
                idleBytes);
    }

    /**
     * Drops all that is idle, and from now on what comes back. Nothing is lent any more, but to who asks in the very instant in which
     * something comes back. Closing again does nothing.
     */
    @Override
    public void close() {
        closed = true;
        synchronized (this) {
            if (upkeep != null) {
                upkeep.keep(this);
            }
        }
        endUpkeep();
        trim();
    }

    /** Once the pool is closed and nothing is out that it watches. */
    private synchronized void endUpkeep() {
        if (closed && upkeep != null && watches.isEmpty()) {
            upkeep.end();
        }
    }

    private void list(Shelf<?> shelf) {
        int word = shelf.index / Long.SIZE;
        long bit = 1L << shelf.index;
        do {
            setBits(word, bit, bit);
            shelf.listed = true;
            // Somebody may have struck it off in between.
        } while ((occupied.get(word) & bit) == 0);
    }

    private void strike(Shelf<?> shelf) {
        setBits(shelf.index / Long.SIZE, 1L << shelf.index, 0);
        shelf.listed = false;
        // Whoever made something idle meanwhile may have found it listed still.
        if (shelf.idle() != 0) {
            list(shelf);
        }
    }

    private void setBits(int word, long bits, long to) {
        for (long now = occupied.get(word); (now & bits) != to; now = occupied.get(word)) {
            if (occupied.compareAndSet(word, now, (now & ~bits) | to)) {
                return;
            }
        }
    }
}
