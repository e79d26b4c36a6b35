package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LedgerTest {
    private final Ledger ledger = new Ledger();
    private final Places<String> places = new Places<>(null, 1);
    private final Slot<String> slot = places.all()[0];

    private PoolStats stats() {
        return ledger.stats(places, 3);
    }

    private long fill() {
        slot.fill(slot.word());
        return slot.word();
    }

    private long hold() {
        assertThat(ledger.filled(slot, fill())).isTrue();
        slot.entry = new Entry<>("resource", "a resource", 0, null);
        slot.hold(slot.word());
        return slot.word();
    }

    @AfterEach
    void the_counts_balance() {
        PoolStats stats = stats();
        assertThat(stats.created()).isEqualTo(stats.idle() + stats.leased() + stats.destroyed() + stats.setAside());
    }

    @Test
    void a_resource_counts_as_what_its_slot_is() {
        long filling = fill();
        assertThat(stats().creating()).isEqualTo(1);
        assertThat(stats().open()).isZero();
        ledger.filled(slot, filling);
        assertThat(stats().leased()).isEqualTo(1);
        assertThat(stats().creating()).isZero();
        slot.free(slot.word());
        assertThat(stats().idle()).isEqualTo(1);
        slot.suspect();
        assertThat(stats().idle()).isEqualTo(1);
        slot.hold(slot.word());
        assertThat(stats().idle()).isEqualTo(1);
        assertThat(stats().waiting()).isEqualTo(3);
    }

    @Test
    void a_given_up_resource_is_destroyed_for_its_reason_and_forgotten() {
        assertThat(ledger.vacate(slot, hold(), DestroyReason.SURPLUS)).isTrue();
        assertThat(stats().destroyedBy()).containsEntry(DestroyReason.SURPLUS, 1L);
        assertThat(stats().open()).isZero();
        assertThat(slot.entry).isNull();
    }

    @Test
    void a_creation_that_comes_after_its_place_was_given_up_is_counted_and_destroyed() {
        long filling = fill();
        assertThat(ledger.setAside(slot, filling)).isTrue();
        assertThat(ledger.failedCreations.sum()).isEqualTo(1);
        assertThat(ledger.setAside()).isZero();
        assertThat(ledger.filled(slot, filling)).isFalse();
        assertThat(stats().created()).isEqualTo(1);
        assertThat(stats().destroyedBy()).containsEntry(DestroyReason.LATE, 1L);
    }

    @Test
    void what_is_set_aside_is_neither_open_nor_destroyed_until_its_call_returns() {
        long held = hold();
        assertThat(ledger.setAside(slot, held)).isTrue();
        assertThat(ledger.setAside()).isEqualTo(1);
        assertThat(stats().open()).isZero();
        assertThat(stats().destroyed()).isZero();
        the_counts_balance();
        assertThat(ledger.vacate(slot, held, DestroyReason.INVALID)).isFalse();
        assertThat(ledger.setAside()).isZero();
        assertThat(stats().destroyedBy())
                .containsEntry(DestroyReason.LATE, 1L)
                .containsEntry(DestroyReason.INVALID, 0L);
        assertThat(ledger.failedCreations.sum()).isZero();
    }

    @Test
    void nothing_is_set_aside_whose_owner_was_quicker() {
        long held = hold();
        slot.unhold(held);
        assertThat(ledger.setAside(slot, held)).isFalse();
        assertThat(ledger.setAside()).isZero();
        assertThat(stats().leased()).isEqualTo(1);
    }
}
