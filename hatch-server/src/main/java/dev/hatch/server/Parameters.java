package dev.hatch.server;

import dev.hatch.arrow.JavaValues;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/** Rows of parameter values: read from a client's Arrow batches, bound to a JDBC statement. */
final class Parameters {
    /** What the parameters of one call may weigh: they are all in memory before the statement runs. */
    static final long MAX_WEIGHT = 32L << 20;

    private static final int VALUE_WEIGHT = 32;

    private Parameters() {}

    /**
     * All rows of the stream, each with a value per parameter.
     *
     * @throws org.apache.arrow.flight.FlightRuntimeException RESOURCE_EXHAUSTED above {@link #MAX_WEIGHT},
     *     INVALID_ARGUMENT if a batch is not what it says it is
     */
    static List<List<@Nullable Object>> read(RunningCalls.Call call, FlightStream stream, Duration stallTimeout) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        long weight = 0;
        while (Ingest.next(call, stream, stallTimeout)) {
            VectorSchemaRoot root = stream.getRoot();
            for (int row = 0; row < root.getRowCount(); row++) {
                List<@Nullable Object> values = new ArrayList<>();
                for (FieldVector vector : root.getFieldVectors()) {
                    values.add(value(vector, row));
                }
                weight += weight(values);
                if (weight > MAX_WEIGHT) {
                    throw tooMuch(rows.size() + 1);
                }
                rows.add(values);
            }
        }
        return rows;
    }

    private static FlightRuntimeException tooMuch(int rows) {
        return CallStatus.RESOURCE_EXHAUSTED
                .withDescription("the parameters of one call may take " + (MAX_WEIGHT >> 20) + " MiB, which row " + rows
                        + " exceeds; send them in several calls")
                .toRuntimeException();
    }

    /** About how many bytes of heap a row takes. */
    static long weight(List<@Nullable Object> values) {
        long weight = VALUE_WEIGHT;
        for (Object value : values) {
            weight += VALUE_WEIGHT;
            if (value instanceof String text) {
                weight += 2L * text.length();
            } else if (value instanceof byte[] bytes) {
                weight += bytes.length;
            }
        }
        return weight;
    }

    /** All parameters or none: the driver takes one that is not set for NULL. */
    static void bind(PreparedStatement statement, List<@Nullable Object> values) throws SQLException {
        int expected = statement.getParameterMetaData().getParameterCount();
        if (values.size() != expected) {
            throw CallStatus.INVALID_ARGUMENT
                    .withDescription("the statement takes " + expected + " parameters, found " + values.size())
                    .toRuntimeException();
        }
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i) instanceof byte[] bytes) {
                statement.setBytes(i + 1, bytes);
            } else {
                statement.setObject(i + 1, values.get(i));
            }
        }
    }

    private static @Nullable Object value(FieldVector vector, int row) {
        if (vector.getField().getDictionary() != null) {
            throw CallStatus.UNIMPLEMENTED
                    .withDescription("parameter " + vector.getName() + " is dictionary-encoded; send plain values")
                    .toRuntimeException();
        }
        Object value = JavaValues.get(vector, row);
        if (value == null || isBindable(value)) {
            return value;
        }
        throw CallStatus.UNIMPLEMENTED
                .withDescription("parameter " + vector.getName() + " is of the Arrow type "
                        + vector.getField().getType()
                        + ", which cannot be bound; send it as text and cast it in the statement")
                .toRuntimeException();
    }

    private static boolean isBindable(Object value) {
        return value instanceof String
                || value instanceof Number
                || value instanceof Boolean
                || value instanceof byte[]
                || value instanceof LocalDate
                || value instanceof LocalTime
                || value instanceof LocalDateTime
                || value instanceof OffsetDateTime;
    }
}
