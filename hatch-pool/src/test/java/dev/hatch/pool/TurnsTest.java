package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TurnsTest {
    /** Of a slot that was last handed over long ago. */
    private static final long NOW = 1_000_000_000;

    private long now = NOW;
    private int looks;
    private final Turns turns = new Turns(() -> {
        looks++;
        return now;
    });
    private final SlotFields<String> slot = new SlotFields<>();

    private static Waiter headSince(long nanos) {
        return new Waiter(nanos, Long.MAX_VALUE);
    }

    private boolean isHeads(long waitedNanos) {
        return turns.isHeads(slot, headSince(now - waitedNanos));
    }

    @Test
    void running_threads_may_barge_past_a_head_that_has_just_come() {
        assertThat(isHeads(Turns.SLICE_NANOS - 1)).isFalse();
    }

    @Test
    void a_head_that_has_waited_a_slice_gets_the_slot() {
        assertThat(isHeads(Turns.SLICE_NANOS)).isTrue();
    }

    @Test
    void a_slot_is_handed_over_once_in_a_slice() {
        assertThat(isHeads(Turns.SLICE_NANOS)).isTrue();
        turns.handedOver(slot);
        now += Turns.SLICE_NANOS - 1;
        assertThat(isHeads(Turns.SLICE_NANOS)).isFalse();
        slot.credit = 0;
        now++;
        assertThat(isHeads(Turns.SLICE_NANOS)).isTrue();
    }

    @Test
    void a_head_that_has_waited_long_gets_any_slot() {
        slot.handedOverNanos = now;
        assertThat(isHeads(Turns.LONG_NANOS - 1)).isFalse();
        slot.credit = 0;
        assertThat(isHeads(Turns.LONG_NANOS)).isTrue();
    }

    @Test
    void a_slot_that_was_freed_often_enough_is_the_heads_without_a_look_at_the_clock() {
        slot.barged = Turns.BARGES - 2;
        slot.credit = 2;
        assertThat(isHeads(0)).isFalse();
        assertThat(isHeads(0)).isTrue();
        assertThat(looks).isZero();
    }

    @Test
    void looks_that_come_too_early_get_rarer() {
        List<Integer> lookedAt = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            int before = looks;
            assertThat(isHeads(0)).isFalse();
            if (looks > before) {
                lookedAt.add(i);
            }
        }
        assertThat(lookedAt).containsExactly(0, 2, 6, 14, 30, 46);
    }

    @Test
    void a_slot_that_is_handed_over_starts_anew() {
        for (int i = 0; i < 10; i++) {
            isHeads(0);
        }
        turns.handedOver(slot);
        assertThat(slot.barged).isZero();
        assertThat(slot.credit).isZero();
        assertThat(slot.skipped).isZero();
        now += Turns.SLICE_NANOS;
        assertThat(isHeads(Turns.SLICE_NANOS)).isTrue();
    }
}
