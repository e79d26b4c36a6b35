package dev.hatch.pool;

/** Slots in the states that the cases begin with. They belong to no pool. */
final class Slots {
    static final String FIRST = "first";
    static final String SECOND = "second";

    private Slots() {}

    /** With the resource {@link #FIRST}, leased under the slot's word. */
    static Slot<String> leased() {
        Slot<String> slot = new Slot<>(null);
        refill(slot, FIRST);
        return slot;
    }

    /** With the resource {@link #FIRST}. */
    static Slot<String> idle() {
        Slot<String> slot = leased();
        slot.free(slot.word());
        return slot;
    }

    /** EMPTY → FILLING → LEASED, in the order of {@link Supply}. */
    static void refill(Slot<String> slot, String resource) {
        long empty = slot.word();
        slot.fill(empty);
        slot.filled(Slot.next(empty, Slot.FILLING));
        slot.entry = new Entry<>(resource, "first", 0, null);
    }
}
