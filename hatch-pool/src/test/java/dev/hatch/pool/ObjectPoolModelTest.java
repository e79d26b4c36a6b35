package dev.hatch.pool;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Lets Lincheck try the interleavings of what happens on one shelf: claims, both ways back, dropping, forgetting. What is checked is
 * that nobody has what another has, that a second return is told, and that at the end of each run nothing is lost. A fault is
 * planted, and must be found.
 */
@Tag("once")
final class ObjectPoolModelTest {
    /** An object that knows whether somebody has it. */
    private static final class Tile extends Recyclable {
        private final AtomicBoolean taken = new AtomicBoolean();

        void take() {
            if (!taken.compareAndSet(false, true)) {
                throw new IllegalStateException("two have it");
            }
        }

        void leave() {
            if (!taken.compareAndSet(true, false)) {
                throw new IllegalStateException("nobody had it");
            }
        }
    }

    /** Objects with places of their own. */
    public static class Placed {
        private final Shelf<Tile> shelf = new Shelf<>(0, 2);

        public Placed() {
            for (int i = 0; i < 2; i++) {
                Tile tile = new Tile();
                settle(tile);
                require(shelf.putBack(tile, tile.place) != Shelf.Return.TWICE);
            }
        }

        private void settle(Tile tile) {
            int place = shelf.reserve(tile);
            require(place >= 0);
            tile.place = place;
            tile.shelf = shelf;
        }

        @Operation
        public boolean use() {
            Tile tile = shelf.claim();
            if (tile != null) {
                putBack(tile);
            }
            return true;
        }

        private void putBack(Tile tile) {
            tile.take();
            tile.leave();
            require(shelf.putBack(tile, tile.place) != Shelf.Return.TWICE);
        }

        @Operation
        public boolean drop() {
            Tile tile = shelf.take(-1);
            if (tile != null) {
                tile.take();
                require(shelf.putBack(tile, tile.place) == Shelf.Return.TWICE);
                Tile next = new Tile();
                settle(next);
                putBack(next);
            }
            return true;
        }

        @Operation
        public boolean forget() {
            shelf.forget();
            return true;
        }

        @Validate
        public void bothAreThere() {
            require(Integer.bitCount(shelf.idle()) == 2);
            Tile one = shelf.claim();
            Tile two = shelf.claim();
            require(one != null && two != null && one != two);
            require(shelf.claim() == null);
        }
    }

    /** Objects that go to any place. */
    public static class Parked {
        private final Shelf<Tile> shelf = new Shelf<>(0, 2);

        public Parked() {
            require(shelf.park(new Tile()) == Shelf.Return.DONE_FIRST);
            require(shelf.park(new Tile()) == Shelf.Return.DONE);
        }

        @Operation
        public boolean use() {
            park(shelf.claim());
            return true;
        }

        @Operation
        public boolean useBoth() {
            Tile one = shelf.claim();
            Tile two = shelf.claim();
            park(one);
            park(two);
            return true;
        }

        @Operation
        public boolean replace() {
            Tile tile = shelf.take(-1);
            park(tile == null ? null : new Tile());
            return true;
        }

        @Operation
        public boolean forget() {
            shelf.forget();
            return true;
        }

        private void park(@Nullable Tile tile) {
            if (tile != null) {
                tile.take();
                tile.leave();
                require(shelf.park(tile) != Shelf.Return.FULL);
            }
        }

        @Validate
        public void bothAreThere() {
            require(Integer.bitCount(shelf.idle()) == 2);
            Tile one = shelf.claim();
            Tile two = shelf.claim();
            require(one != null && two != null && one != two);
        }
    }

    /** An object that is put back again and again, while its place goes to others. */
    public static class Again {
        final Shelf<Tile> shelf = new Shelf<>(0, 1);
        private final Tile first = new Tile();

        public Again() {
            settle(first);
            require(shelf.putBack(first, first.place) == Shelf.Return.DONE_FIRST);
        }

        private void settle(Tile tile) {
            tile.place = shelf.reserve(tile);
            tile.shelf = shelf;
        }

        @Nullable Tile take() {
            return shelf.take(-1);
        }

        @Operation
        public boolean putAgain() {
            require(shelf.putBack(first, 0) == Shelf.Return.TWICE);
            return true;
        }

        @Operation
        public boolean replace() {
            Tile tile = take();
            if (tile != null) {
                Tile next = new Tile();
                settle(next);
                require(shelf.idle() == 0);
                require(shelf.putBack(next, next.place) == Shelf.Return.DONE_FIRST);
            }
            return true;
        }

        @Operation
        public boolean forget() {
            shelf.forget();
            return true;
        }
    }

    /** A fault: what is dropped says so late. */
    public static class SaidLate extends Again {
        @Override
        @Nullable Tile take() {
            Tile tile = super.take();
            if (tile != null) {
                tile.shelf = shelf;
                tile.shelf = null;
            }
            return tile;
        }
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new AssertionError("the shelf is not as it must be");
        }
    }

    private static ModelCheckingOptions options(int iterations, int invocations) {
        return new ModelCheckingOptions()
                .threads(3)
                .actorsPerThread(2)
                .actorsBefore(0)
                .actorsAfter(0)
                .iterations(iterations)
                .invocationsPerIteration(invocations);
    }

    @Test
    void no_interleaving_of_placed_objects_shares_or_loses_one() {
        options(10, 1_000).check(Placed.class);
    }

    @Test
    void no_interleaving_of_parked_objects_shares_or_loses_one() {
        options(10, 1_000).check(Parked.class);
    }

    @Test
    void a_second_return_is_told_in_every_interleaving() {
        options(10, 1_000).check(Again.class);
    }

    @Test
    void a_planted_fault_is_found() {
        assertThatThrownBy(() -> options(20, 1_000).check(SaidLate.class)).hasMessageContaining("AssertionError");
    }

    @Test
    @Tag("full")
    void a_second_return_is_told_in_every_interleaving_of_a_long_run() {
        options(100, 10_000).check(Again.class);
    }

    @Test
    @Tag("full")
    void no_interleaving_of_placed_objects_shares_or_loses_one_in_a_long_run() {
        options(100, 10_000).check(Placed.class);
    }

    @Test
    @Tag("full")
    void no_interleaving_of_parked_objects_shares_or_loses_one_in_a_long_run() {
        options(100, 10_000).check(Parked.class);
    }
}
