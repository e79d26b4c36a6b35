package dev.hatch.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** The word of a shelf: who owns an object, and what its owner sees. The invariants are those of docs/design.md, "Objects". */
public final class ShelfStress {
    private ShelfStress() {}

    /** An object with something that its owners write without a lock. */
    static final class Tile extends Recyclable {
        int written;
    }

    static Tile settle(Shelf<Tile> shelf) {
        Tile tile = new Tile();
        tile.place = shelf.reserve(tile);
        tile.shelf = shelf;
        return tile;
    }

    static Shelf<Tile> shelfWithOne() {
        Shelf<Tile> shelf = new Shelf<>(0, 1);
        Tile tile = settle(shelf);
        shelf.putBack(tile, tile.place);
        return shelf;
    }

    /** Invariant 1: of two who claim one object one gets it. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true"},
            expect = ACCEPTABLE,
            desc = "one gets it")
    @Outcome(expect = FORBIDDEN, desc = "both, or none")
    @State
    public static class TwoClaims {
        private final Shelf<Tile> shelf = shelfWithOne();

        @Actor
        public void one(ZZ_Result r) {
            r.r1 = shelf.claim() != null;
        }

        @Actor
        public void other(ZZ_Result r) {
            r.r2 = shelf.claim() != null;
        }
    }

    /** Invariant 1: an object is claimed or taken to be dropped, not both. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true"},
            expect = ACCEPTABLE,
            desc = "one gets it")
    @Outcome(expect = FORBIDDEN, desc = "both, or none")
    @State
    public static class TakeAgainstClaim {
        private final Shelf<Tile> shelf = shelfWithOne();

        @Actor
        public void upkeep(ZZ_Result r) {
            r.r1 = shelf.take(-1) != null;
        }

        @Actor
        public void user(ZZ_Result r) {
            r.r2 = shelf.claim() != null;
        }
    }

    /** Invariant 3: of two that put back one object one is told. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true"},
            expect = ACCEPTABLE,
            desc = "one is told")
    @Outcome(expect = FORBIDDEN, desc = "both, or none")
    @State
    public static class TwoReturns {
        private final Shelf<Tile> shelf = new Shelf<>(0, 1);
        private final Tile tile = settle(shelf);

        @Actor
        public void one(ZZ_Result r) {
            r.r1 = shelf.putBack(tile, tile.place) == Shelf.Return.TWICE;
        }

        @Actor
        public void other(ZZ_Result r) {
            r.r2 = shelf.putBack(tile, tile.place) == Shelf.Return.TWICE;
        }
    }

    /** Invariant 3: a second return is told while the object is taken and its place goes to another, which stays where it was put. */
    @JCStressTest
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "told, and the other is there")
    @Outcome(expect = FORBIDDEN, desc = "not told, or the other is lost or lent")
    @State
    public static class ReturnAgainstReplacement {
        private final Shelf<Tile> shelf = new Shelf<>(0, 1);
        private final Tile first = settle(shelf);

        public ReturnAgainstReplacement() {
            shelf.putBack(first, 0);
        }

        @Actor
        public void user(III_Result r) {
            r.r1 = shelf.putBack(first, 0) == Shelf.Return.TWICE ? 1 : 0;
        }

        @Actor
        public void upkeep(III_Result r) {
            shelf.take(-1);
            Tile next = settle(shelf);
            r.r2 = shelf.idle() == 0 ? 1 : 0;
            shelf.putBack(next, next.place);
        }

        @Arbiter
        public void after(III_Result r) {
            Tile left = shelf.claim();
            r.r3 = left != null && left != first ? 1 : 0;
        }
    }

    /** Invariant 1: who claims an object sees what its last owner wrote. */
    @JCStressTest
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "not back yet")
    @Outcome(id = "42", expect = ACCEPTABLE, desc = "what the last owner wrote")
    @Outcome(expect = FORBIDDEN, desc = "older")
    @State
    public static class ReturnAgainstClaim {
        private final Shelf<Tile> shelf = new Shelf<>(0, 1);
        private final Tile tile = settle(shelf);

        @Actor
        public void owner() {
            tile.written = 42;
            shelf.putBack(tile, tile.place);
        }

        @Actor
        public void next(I_Result r) {
            Tile got = shelf.claim();
            r.r1 = got == null ? -1 : got.written;
        }
    }

    /** Invariant 2: what is put back while the places of all that are out are emptied is there, and is itself. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "it is there")
    @Outcome(expect = FORBIDDEN, desc = "it is lost")
    @State
    public static class ReturnAgainstForget {
        private final Shelf<Tile> shelf = new Shelf<>(0, 2);
        private final Tile tile = settle(shelf);
        private final Tile parked = new Tile();

        public ReturnAgainstForget() {
            shelf.park(parked);
            shelf.claim();
        }

        @Actor
        public void owner() {
            shelf.putBack(tile, tile.place);
            shelf.park(parked);
        }

        @Actor
        public void upkeep() {
            shelf.forget();
        }

        @Arbiter
        public void after(II_Result r) {
            r.r1 = shelf.claim() == tile ? 1 : 0;
            r.r2 = shelf.claim() == parked ? 1 : 0;
        }
    }
}
