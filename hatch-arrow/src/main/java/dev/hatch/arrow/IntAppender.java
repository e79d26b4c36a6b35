package dev.hatch.arrow;

import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Integers that every int is one of. */
final class IntAppender extends IntegerAppender {
    IntAppender(Batch batch, Field field, BaseFixedWidthVector vector, @Nullable Appender parent, String name) {
        super(batch, field, vector, parent, name);
    }

    @Override
    public void append(long value) {
        if (value != (int) value) {
            throw refused("the integer " + value);
        }
        int i = slot();
        MemoryUtil.putInt(values + ((long) i << 2), (int) value);
        count = i + 1;
    }
}
