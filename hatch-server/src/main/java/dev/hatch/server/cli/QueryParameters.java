package dev.hatch.server.cli;

import dev.hatch.arrow.Appender;
import dev.hatch.arrow.RecordBuilder;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** A statement's parameters from texts, each of the type that the server says the statement takes there. */
final class QueryParameters {
    private QueryParameters() {}

    /**
     * One row of them.
     *
     * @param expected what the server says; without a field where it does not know, or there are none
     * @param texts a null is SQL's NULL
     * @return to be closed by the caller
     * @throws IllegalArgumentException if they are too few or too many, or if one does not fit, with its number
     */
    static VectorSchemaRoot row(Schema expected, List<@Nullable String> texts, BufferAllocator allocator) {
        int count = expected.getFields().size();
        if (count > 0 && count != texts.size()) {
            throw new IllegalArgumentException(
                    "the statement takes " + count + " parameters, -p was given " + texts.size() + " times");
        }
        List<Form> forms = IntStream.range(0, texts.size())
                .mapToObj(i ->
                        count == 0 ? TEXT : form(expected.getFields().get(i).getType()))
                .toList();
        Schema schema = new Schema(IntStream.range(0, texts.size())
                .mapToObj(i -> Field.nullable("$" + (i + 1), forms.get(i).type()))
                .toList());
        try (RecordBuilder builder = RecordBuilder.create(schema, allocator)) {
            for (int i = 0; i < texts.size(); i++) {
                append(builder.column(i), forms.get(i), i + 1, texts.get(i));
            }
            builder.endRow();
            return builder.build();
        }
    }

    private static void append(Appender column, Form form, int number, @Nullable String text) {
        if (text == null) {
            column.appendNull();
            return;
        }
        try {
            form.append().accept(column, text);
        } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
            throw new IllegalArgumentException(
                    "parameter " + number + " is '" + text + "', which is not " + form.words()
                            + "; if another type is meant, cast it in the statement, such as ?::VARCHAR",
                    e);
        }
    }

    /**
     * How a value is written.
     *
     * @param type as what it is sent
     * @param words for an error
     * @param append throws what its parser or the column throws
     */
    private record Form(ArrowType type, String words, BiConsumer<Appender, String> append) {}

    /** Also of what has no form of its own here: the database makes of it what it needs. */
    private static final Form TEXT =
            new Form(ArrowType.Utf8.INSTANCE, "text of Unicode characters", (column, text) -> column.append(text));

    private static Form form(ArrowType type) {
        return switch (type.getTypeID()) {
            case Bool -> new Form(type, "true or false", (column, text) -> column.append(SettingText.yesOrNo(text)));
            case Int -> {
                ArrowType.Int integer = (ArrowType.Int) type;
                String words = "a whole number of " + integer.getBitWidth() + " bits"
                        + (integer.getIsSigned() ? "" : " without a sign");
                yield new Form(type, words, (column, text) -> column.append(new BigInteger(text)));
            }
            case Decimal -> {
                ArrowType.Decimal decimal = (ArrowType.Decimal) type;
                String words =
                        "a number of " + decimal.getPrecision() + " digits, " + decimal.getScale() + " after the point";
                yield new Form(
                        type,
                        words,
                        (column, text) -> column.append(new BigDecimal(text).setScale(decimal.getScale())));
            }
            case FloatingPoint -> {
                boolean isDouble = ((ArrowType.FloatingPoint) type).getPrecision() == FloatingPointPrecision.DOUBLE;
                yield new Form(
                        type,
                        "a number",
                        isDouble
                                ? (column, text) -> column.append(Double.parseDouble(text))
                                : (column, text) -> column.append(Float.parseFloat(text)));
            }
            case Date ->
                new Form(type, "a date such as 2026-11-23", (column, text) -> column.append(LocalDate.parse(text)));
            case Time ->
                new Form(type, "a time such as 13:45:00", (column, text) -> column.append(LocalTime.parse(text)));
            case Timestamp ->
                ((ArrowType.Timestamp) type).getTimezone() == null
                        ? new Form(
                                type,
                                "a timestamp such as 2026-11-23T13:45:00",
                                (column, text) -> column.append(LocalDateTime.parse(text.replace(' ', 'T'))))
                        : new Form(
                                type,
                                "a timestamp such as 2026-11-23T13:45:00+01:00",
                                (column, text) -> column.append(OffsetDateTime.parse(text.replace(' ', 'T'))
                                        .toInstant()));
            default -> TEXT;
        };
    }
}
