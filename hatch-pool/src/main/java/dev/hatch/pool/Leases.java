package dev.hatch.pool;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of the leases that are out: since when, who has them, where they were acquired; and what follows from it: lost ones are
 * reclaimed, those that are held too long are told.
 *
 * <p>A lease that is made by a claim at home is not seen here, and costs no look at the clock and no stack trace. Once a second the
 * housekeeper makes all slots nobody's home; the next {@value #NOTED} leases of each are then noted, and it is a home again. So
 * that has a bound. What is out when the housekeeper looks it notes itself: so no long lease is missed.
 *
 * <p>Thread-safe: see the fields of {@link SlotFields} and {@link LeaseNotes} for who writes them. A lost note is a lease that
 * is not told of; whether a lease is open says its word alone.
 */
final class Leases<R> {
    private static final Logger LOG = LoggerFactory.getLogger(ResourcePool.class);

    /** How many leases of a slot are noted in a second. */
    private static final int NOTED = 1_024;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final ResourcePool<R, ?> pool;
    private final ResourcePoolBuilder<R, ?> settings;
    private final Places<R> places;
    private final Supply<R> supply;
    private final ReferenceQueue<Lease<?>> lost = new ReferenceQueue<>();

    Leases(ResourcePool<R, ?> pool, ResourcePoolBuilder<R, ?> settings, Places<R> places, Supply<R> supply) {
        this.pool = pool;
        this.settings = settings;
        this.places = places;
        this.supply = supply;
    }

    // By users

    /** A lease was made, and not at home. */
    void began(Slot<R> slot, long word, Lease<R> lease, long thread, boolean waited) {
        LeaseNotes notes = slot.notes;
        Entry<R> entry = slot.entry(word);
        if (entry != null) {
            // Noted or not: who has it is in the word, so it is not freed as one that was claimed at home.
            entry.attend();
        }
        if (!notes.notesAll && --notes.toNote < 0) {
            slot.home = thread;
            return;
        }
        long now = settings.clock.getAsLong();
        if (notes.tracksNext) {
            notes.tracksNext = settings.tracking == LeaseTracking.ALL;
            notes.watch = new LeaseWatch(lease, lost, slot, word, now);
        }
        LeaseEvent event = new LeaseEvent();
        if (event.isEnabled()) {
            event.begin();
            event.acquiredBy = Thread.currentThread().getName();
            notes.event = event;
        }
        notes.timedNanos = now;
        notes.timedWord = word;
        if (!waited) {
            pool.tell(listener -> listener.acquired(Duration.ZERO));
        }
    }

    /** The lease {@code word} is about to end, of a slot that is attended. Gives what is to be told after; null if there is nothing. */
    @Nullable Runnable ending(Slot<R> slot, long word, Entry<R> entry) {
        entry.unattend();
        LeaseNotes notes = slot.notes;
        LeaseEvent event = null;
        long since;
        if (notes.timedWord == word) {
            since = notes.timedNanos;
            event = notes.event;
            notes.event = null;
        } else if (notes.seenWord == word) {
            since = notes.seenNanos;
        } else {
            return null;
        }
        Duration held = Duration.ofNanos(settings.clock.getAsLong() - since);
        LeaseEvent ended = event;
        if (ended != null) {
            ended.end();
        }
        return () -> {
            if (ended != null && ended.shouldCommit()) {
                ended.pool = settings.name;
                ended.resource = entry.description;
                ended.commit();
            }
            pool.tell(listener -> listener.returned(entry.description, held));
        };
    }

    // By the housekeeper

    /** Once a second. */
    void look(long now) {
        for (Slot<R> slot : places.all()) {
            note(slot);
            look(slot, now);
        }
    }

    /** By the housekeeper, or before the slot is open: its next leases are noted. */
    void note(Slot<R> slot) {
        slot.leaveHome();
        LeaseNotes notes = slot.notes;
        notes.toNote = NOTED;
        notes.notesAll = settings.tracking == LeaseTracking.ALL || new LeaseEvent().isEnabled();
        notes.tracksNext = settings.tracking != LeaseTracking.OFF;
    }

    private void look(Slot<R> slot, long now) {
        long word = slot.word();
        Entry<R> entry = slot.entry(word);
        if (Slot.code(word) != Slot.LEASED || entry == null) {
            return;
        }
        LeaseNotes notes = slot.notes;
        if (notes.seenWord != word) {
            notes.seenNanos = now;
            notes.seenWord = word;
            notes.usedNanos = now;
            notes.toldLong = false;
        }
        entry.attend();
        if (!slot.wasQuiet(word)) {
            notes.usedNanos = now;
        }
        long limit = settings.heldLongNanos;
        if (limit > 0 && now - notes.usedNanos >= limit && !notes.toldLong) {
            notes.toldLong = true;
            supply.work(() -> tellHeldLong(slot, word));
        }
    }

    private void tellHeldLong(Slot<R> slot, long word) {
        LeaseInfo lease = info(slot, word);
        if (lease == null) {
            return;
        }
        ThreadInfo thread = thread(slot.holder(word), Integer.MAX_VALUE);
        StackTraceElement[] present = thread == null ? new StackTraceElement[0] : thread.getStackTrace();
        if (slot.word() != word) {
            return;
        }
        LOG.warn(
                "Pool '{}': {} has been out for {} s, and not used for {} s, by thread {}{}{}",
                settings.name,
                lease.resource(),
                lease.held().toSeconds(),
                Duration.ofNanos(settings.heldLongNanos).toSeconds(),
                lease.holder() == null ? "unknown" : "'" + lease.holder() + "'",
                present.length == 0 ? "" : ", which is now" + Stacks.text(present),
                acquiredText(lease));
        pool.tell(listener -> listener.heldLong(lease, List.of(present)));
    }

    private static String acquiredText(LeaseInfo lease) {
        return lease.acquired().isEmpty()
                ? ""
                : "\nIt was acquired" + Stacks.text(lease.acquired().toArray(new StackTraceElement[0]));
    }

    /** By the housekeeper and by callers that find nothing: gives up what was leased and nobody has any more. */
    void reclaim() {
        for (Reference<? extends Lease<?>> found = lost.poll(); found != null; found = lost.poll()) {
            reclaim((LeaseWatch) found);
        }
    }

    /** Nearly all were closed long ago: then the slot's word is another. */
    @SuppressWarnings("unchecked") // Only slots of this pool are watched.
    private void reclaim(LeaseWatch watch) {
        Slot<R> slot = (Slot<R>) watch.slot;
        Entry<R> entry = slot.entry(watch.word);
        if (entry == null) {
            return;
        }
        // Before the slot is held: from then on nothing may fail until it is given up.
        LeaseInfo lease = new LeaseInfo(
                entry.description,
                Duration.ofNanos(settings.clock.getAsLong() - watch.sinceNanos),
                watch.thread,
                List.of(watch.acquired()));
        if (supply.evict(slot, watch.word, entry, DestroyReason.LEAKED)) {
            supply.work(() -> tellLeaked(lease));
        }
    }

    private void tellLeaked(LeaseInfo lease) {
        LeakEvent event = new LeakEvent();
        if (event.shouldCommit()) {
            event.pool = settings.name;
            event.resource = lease.resource();
            event.held = lease.held().toNanos();
            event.acquiredBy = lease.holder();
            event.acquiredAt = Stacks.text(lease.acquired().toArray(new StackTraceElement[0]));
            event.commit();
        }
        LOG.warn(
                "Pool '{}': a lease of {} was never closed, and nobody has it any more; it is given up. Thread '{}' had it for {} s{}",
                settings.name,
                lease.resource(),
                lease.holder(),
                lease.held().toSeconds(),
                acquiredText(lease));
        pool.tell(listener -> listener.leaked(lease));
    }

    // For whoever asks

    /** Those that are out, the longest first. */
    List<LeaseInfo> list() {
        List<LeaseInfo> leases = new ArrayList<>();
        for (Slot<R> slot : places.all()) {
            long word = slot.word();
            LeaseInfo lease = Slot.code(word) == Slot.LEASED ? info(slot, word) : null;
            if (lease != null) {
                leases.add(lease);
            }
        }
        leases.sort(Comparator.comparing(LeaseInfo::held).reversed());
        return leases;
    }

    /** Null if the lease is over. */
    @Nullable LeaseInfo info(Slot<R> slot, long word) {
        LeaseNotes notes = slot.notes;
        LeaseWatch watch = notes.watch;
        boolean tracked = watch != null && watch.word == word;
        long seen = notes.seenWord == word ? notes.seenNanos : settings.clock.getAsLong();
        long since = notes.timedWord == word ? notes.timedNanos : seen;
        long id = slot.holder(word);
        ThreadInfo thread = thread(id, 0);
        String name = thread != null ? thread.getThreadName() : id != Holder.UNKNOWN ? "thread " + id : null;
        Duration held = Duration.ofNanos(Math.max(0, settings.clock.getAsLong() - since));
        Entry<R> entry = slot.entry(word);
        return entry == null
                ? null
                : new LeaseInfo(
                        entry.description,
                        held,
                        name,
                        tracked && watch != null ? List.of(watch.acquired()) : List.of());
    }

    /** Null if there is none, or it is virtual. */
    private static @Nullable ThreadInfo thread(long id, int frames) {
        return id == Holder.UNKNOWN ? null : THREADS.getThreadInfo(id, frames);
    }
}
