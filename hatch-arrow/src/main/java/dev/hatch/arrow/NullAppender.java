package dev.hatch.arrow;

import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Nothing but nulls, which have no memory. */
final class NullAppender extends LeafAppender {
    NullAppender(Batch batch, Field field, @Nullable Appender parent, String name) {
        super(batch, field, parent, name);
    }

    @Override
    Appender self() {
        return this;
    }

    @Override
    int slotBehindOrAhead() {
        return arrive();
    }

    @Override
    void enlarge(int least) {
        batch.requireOpen();
        if (count == Integer.MAX_VALUE) {
            throw refused("one more than " + count + " values");
        }
        capacity = Integer.MAX_VALUE;
    }

    @Override
    void putEmpty(int from, int to) {}

    @Override
    void copyValue(FieldVector source, int index) {
        appendEmpty();
    }

    @Override
    void bind(FieldVector vector) {}

    @Override
    long bytes() {
        return 0;
    }

    @Override
    void finish() {}

    @Override
    void truncate(int values) {
        count = Math.min(count, values);
    }
}
