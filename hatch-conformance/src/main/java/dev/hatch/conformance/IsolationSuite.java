package dev.hatch.conformance;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.hatch.conformance.Finding.Outcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * A pool passes if the next user of its one connection sees of no {@link Trace} more than the first did. Extend it for a pool
 * and a kind of database.
 */
public abstract class IsolationSuite {
    private static final int MOST_AT_ONCE = 6;

    /** What users may leave: {@link PostgresTraces#all()} and its like. */
    protected abstract List<Trace> traces();

    /** What they may leave, each by itself: {@link PostgresTraces#alone()} and its like. It has no part in the sequences. */
    protected abstract List<Trace> alone();

    /** Opens a pool of one connection to a database that is set up for the traces. */
    protected abstract DataSource open() throws Exception;

    /** Closes what {@link #open} gave. */
    protected abstract void close(DataSource pool) throws Exception;

    /** How many random sequences of traces are left and looked for. */
    protected int sequences() {
        return 1_000;
    }

    /** Where their randomness begins. */
    protected long seed() {
        return 42;
    }

    @TestFactory
    Stream<DynamicTest> the_next_user_does_not_see_of_the_last() {
        return Stream.concat(traces().stream(), alone().stream())
                .map(trace -> dynamicTest(trace.kind(), () -> check(trace)));
    }

    private void check(Trace trace) throws Exception {
        DataSource pool = open();
        try {
            Finding finding = Finding.of(pool, trace);
            assumeTrue(finding.outcome() != Outcome.NOT_POSSIBLE, finding.detail());
            assertEquals(Outcome.FORGOTTEN, finding.outcome(), finding.detail());
        } finally {
            close(pool);
        }
    }

    @Test
    void the_next_user_sees_nothing_of_any_sequence_of_them() throws Exception {
        Random random = new Random(seed());
        List<Trace> traces = traces();
        DataSource pool = open();
        try {
            Map<Trace, String> pristine = new LinkedHashMap<>();
            for (Trace trace : traces) {
                pristine.put(trace, Finding.look(pool, trace));
            }
            for (int i = 0; i < sequences(); i++) {
                List<Trace> left = new ArrayList<>();
                try (Connection connection = pool.getConnection()) {
                    for (int n = 1 + random.nextInt(MOST_AT_ONCE); n > 0; n--) {
                        Trace trace = traces.get(random.nextInt(traces.size()));
                        left.add(trace);
                        try {
                            trace.leave().on(connection);
                        } catch (SQLException e) {
                            // Not after what was left before it.
                        }
                    }
                }
                try (Connection connection = pool.getConnection()) {
                    assertAll(
                            "sequence " + i + " of seed " + seed() + ": " + left,
                            traces.stream()
                                    .map(trace -> () ->
                                            assertEquals(pristine.get(trace), trace.seen(connection), trace.kind())));
                }
            }
        } finally {
            close(pool);
        }
    }
}
