package dev.hatch.server;

import java.util.List;
import java.util.Locale;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A statement that is to be run once, and what its client was told of the result.
 *
 * @param sql a single statement
 * @param parameters a value for each of its parameters
 * @param schema the promised schema; null where DuckDB knows the types only once it runs
 */
record Query(
        String sql,
        List<@Nullable Object> parameters,
        @Nullable Schema schema) {
    static final List<@Nullable Object> NO_PARAMETERS = List.of();

    private static final int FIELD_WEIGHT = 200;

    /** About how many bytes of heap it takes. */
    int weight() {
        long weight = 2L * sql.length() + Parameters.weight(parameters);
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
