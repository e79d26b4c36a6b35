package dev.hatch.server;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Locale;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A statement that is to be run, and what its client was told of the result.
 *
 * @param statement the statement
 * @param transaction the id of the transaction that it belongs to; empty if there is none
 * @param rows what is bound to its parameters: it is run once for each
 * @param schema the promised schema; null where DuckDB knows the types only once it runs
 */
record Query(
        SingleStatement statement,
        ByteString transaction,
        List<List<@Nullable Object>> rows,
        @Nullable Schema schema) {
    /** To run it once. */
    static final List<List<@Nullable Object>> NO_PARAMETERS = List.of(List.of());

    String sql() {
        return statement.text();
    }

    private static final int FIELD_WEIGHT = 200;

    /** About how many bytes of heap it takes. */
    int weight() {
        long weight = 2L * sql().length() + transaction.size();
        for (List<@Nullable Object> row : rows) {
            weight += Parameters.weight(row);
        }
        if (schema != null) {
            weight += weight(schema.getFields());
        }
        return (int) Math.min(weight, Integer.MAX_VALUE / 2);
    }

    private static long weight(List<Field> fields) {
        long weight = 0;
        for (Field field : fields) {
            weight += FIELD_WEIGHT + 2L * field.getName().length() + weight(field.getChildren());
        }
        return weight;
    }

    /** Refuses a result that is not what the client expects, because a table was altered meanwhile. */
    void requireSchema(Schema found) {
        if (schema != null && !schema.equals(found)) {
            throw CallStatus.UNAVAILABLE
                    .withDescription(String.format(
                            Locale.ROOT,
                            "the result's columns have changed since the query was planned: expected %s, found %s;"
                                    + " send the query again",
                            schema,
                            found))
                    .toRuntimeException();
        }
    }
}
