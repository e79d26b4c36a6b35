package dev.hatch.arrow;

import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Integers that every long is one of. They have a class of their own, as has an int, since most columns are such. */
final class LongAppender extends IntegerAppender {
    LongAppender(Batch batch, Field field, BaseFixedWidthVector vector, @Nullable Appender parent, String name) {
        super(batch, field, vector, parent, name);
    }

    @Override
    public void append(long value) {
        int i = slot();
        MemoryUtil.putLong(values + ((long) i << 3), value);
        count = i + 1;
    }
}
