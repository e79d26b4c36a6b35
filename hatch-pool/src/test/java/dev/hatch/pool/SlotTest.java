package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of steps in docs/design.md, "States of a slot". */
final class SlotTest {
    private static final List<Integer> STATES =
            List.of(Slot.IDLE, Slot.LEASED, Slot.STALE, Slot.FILLING, Slot.HELD, Slot.EMPTY);

    private final Slot<String> slot = new Slot<>(null);

    record Step(String name, BiPredicate<Slot<String>, Long> step, int to, int generations, List<Integer> from) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final Step CLAIM =
            new Step("claim", (slot, word) -> slot.claim(7), Slot.LEASED, 0, List.of(Slot.IDLE));
    private static final Step FREE = new Step("free", Slot::free, Slot.IDLE, 1, List.of(Slot.LEASED));
    private static final Step HAND_OVER = new Step("handOver", Slot::handOver, Slot.LEASED, 1, List.of(Slot.LEASED));
    private static final Step SUSPECT =
            new Step("suspect", (slot, word) -> slot.suspect(), Slot.STALE, 1, List.of(Slot.IDLE));
    private static final Step HOLD =
            new Step("hold", Slot::hold, Slot.HELD, 1, List.of(Slot.IDLE, Slot.STALE, Slot.LEASED));
    private static final Step UNHOLD = new Step("unhold", Slot::unhold, Slot.LEASED, 1, List.of(Slot.HELD));
    private static final Step VACATE =
            new Step("vacate", Slot::vacate, Slot.EMPTY, 1, List.of(Slot.HELD, Slot.FILLING));
    private static final Step FILL = new Step("fill", Slot::fill, Slot.FILLING, 1, List.of(Slot.EMPTY));
    private static final Step FILLED = new Step("filled", Slot::filled, Slot.LEASED, 1, List.of(Slot.FILLING));

    static List<Step> steps() {
        return List.of(CLAIM, FREE, HAND_OVER, SUSPECT, HOLD, UNHOLD, VACATE, FILL, FILLED);
    }

    static List<Step> stepsFromAWord() {
        return List.of(FREE, HAND_OVER, HOLD, UNHOLD, VACATE, FILL, FILLED);
    }

    static List<Step> stepsOfAnybody() {
        return List.of(CLAIM, SUSPECT, FILL);
    }

    private static final long GENERATION = 1L << 27;

    private void bring(int state) {
        slot.state = 1_000 * GENERATION + state;
    }

    @ParameterizedTest
    @MethodSource("steps")
    void a_step_leads_where_the_table_says(Step step) {
        for (int from : step.from) {
            bring(from);
            long before = slot.word();
            assertThat(step.step.test(slot, before)).isTrue();
            assertThat(Slot.code(slot.word())).isEqualTo(step.to);
            assertThat(Slot.generation(slot.word())).isEqualTo(Slot.generation(before) + step.generations);
        }
    }

    @ParameterizedTest
    @MethodSource("stepsFromAWord")
    void a_step_from_a_word_of_long_ago_fails_and_changes_nothing(Step step) {
        for (int from : step.from) {
            bring(from);
            long before = slot.word();
            assertThat(step.step.test(slot, before - GENERATION)).isFalse();
            assertThat(slot.word()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @MethodSource("stepsOfAnybody")
    void a_step_that_anybody_may_take_fails_from_any_other_state(Step step) {
        for (int state : STATES) {
            if (!step.from.contains(state)) {
                bring(state);
                long before = slot.word();
                assertThat(step.step.test(slot, before)).isFalse();
                assertThat(slot.word()).isEqualTo(before);
            }
        }
    }

    @Test
    void a_slot_begins_empty() {
        assertThat(Slot.code(slot.word())).isEqualTo(Slot.EMPTY);
        assertThat(slot.claim(7)).isFalse();
    }

    @Test
    void a_word_leads_to_the_word_that_the_step_leaves() {
        long word = slot.word();
        slot.fill(word);
        assertThat(slot.word()).isEqualTo(Slot.next(word, Slot.FILLING));
    }

    @Test
    void a_resource_is_read_under_the_word_of_its_lease_only() {
        bring(Slot.LEASED);
        slot.entry = new Entry<>("resource", "a resource", 0, null);
        long lease = slot.word();
        assertThat(slot.resource(lease)).isEqualTo("resource");
        slot.handOver(lease);
        assertThat(slot.resource(lease)).isNull();
        assertThat(slot.resource(slot.word())).isEqualTo("resource");
    }

    @ParameterizedTest
    @ValueSource(ints = {Slot.FILLING, Slot.EMPTY})
    void a_slot_without_a_resource_gives_none(int state) {
        bring(state);
        assertThat(slot.resource(slot.word())).isNull();
    }

    @Test
    void a_claim_at_home_is_for_whose_home_it_is() {
        bring(Slot.IDLE);
        assertThat(slot.claimAtHome(7)).isFalse();
        slot.home = 7;
        assertThat(slot.claimAtHome(8)).isFalse();
        assertThat(slot.claimAtHome(7)).isTrue();
        assertThat(slot.holder(slot.word())).isEqualTo(7);
        slot.leaveHome();
        assertThat(slot.holder(slot.word())).isEqualTo(7);
        assertThat(slot.freeAtHome(slot.word())).isTrue();
        assertThat(slot.claimAtHome(7)).isFalse();
    }

    @Test
    void a_word_says_who_claimed_it_and_forgets_it_with_the_lease() {
        bring(Slot.IDLE);
        slot.home = 3;
        assertThat(slot.claim(8)).isTrue();
        assertThat(slot.holder(slot.word())).isEqualTo(8);
        assertThat(slot.handOver(slot.word())).isTrue();
        assertThat(slot.holder(slot.word())).isEqualTo(Holder.UNKNOWN);
        slot.usedBy(slot.word(), 9);
        assertThat(slot.holder(slot.word())).isEqualTo(9);
        assertThat(slot.free(slot.word())).isTrue();
        assertThat(slot.claimAtHome(3)).isTrue();
        assertThat(slot.holder(slot.word())).isEqualTo(3);
    }

    @Test
    void a_thread_whose_id_is_too_long_for_the_word_is_not_known_by_it() {
        bring(Slot.IDLE);
        assertThat(slot.claim(1L << 24)).isTrue();
        assertThat(slot.holder(slot.word())).isEqualTo(Holder.UNKNOWN);
    }
}
