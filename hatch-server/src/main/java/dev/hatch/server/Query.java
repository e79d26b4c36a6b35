package dev.hatch.server;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Locale;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightRuntimeException;
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
 * @param prepared the handle of the prepared statement that it came from; null if there is none
 */
record Query(
        SingleStatement statement,
        ByteString transaction,
        List<List<@Nullable Object>> rows,
        @Nullable Schema schema,
        @Nullable ByteString prepared) {
    /** To run it once. */
    static final List<List<@Nullable Object>> NO_PARAMETERS = List.of(List.of());

    Query with(List<List<@Nullable Object>> bound) {
        return new Query(statement, transaction, bound, schema, prepared);
    }

    Query with(@Nullable Schema found) {
        return new Query(statement, transaction, rows, found, prepared);
    }

    Query of(ByteString handle) {
        return new Query(statement, transaction, rows, schema, handle);
    }

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

    /** Whether a result is what the client expects; it is not if a table was altered meanwhile. */
    boolean promised(Schema found) {
        return schema == null || schema.equals(found);
    }

    FlightRuntimeException notAsPromised(Schema found) {
        return CallStatus.UNAVAILABLE
                .withDescription(String.format(
                        Locale.ROOT,
                        "the result's columns have changed since the query was planned: expected %s, found %s;"
                                + " send the query again",
                        schema,
                        found))
                .toRuntimeException();
    }
}
