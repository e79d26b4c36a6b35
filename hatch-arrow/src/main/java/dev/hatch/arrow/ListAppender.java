package dev.hatch.arrow;

import java.util.List;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Lists and large lists, and maps, which are lists of entries. */
final class ListAppender extends NestedAppender {
    private final boolean isLarge;
    private final boolean isMap;
    private final Appender element;
    private final List<Appender> children;

    /** How many elements belong to values that are sealed. */
    private int sealed;

    ListAppender(Batch batch, Field field, FieldVector vector, @Nullable Appender parent, String name) {
        super(batch, field, vector, parent, name, 0, vector instanceof LargeListVector ? Long.BYTES : Integer.BYTES);
        isLarge = vector instanceof LargeListVector;
        isMap = vector instanceof MapVector;
        element = Appenders.of(
                batch,
                field.getChildren().get(0),
                vector.getChildrenFromFields().get(0),
                this,
                nameOfChild("element"));
        children = isMap ? element.children() : List.of(element);
        if (isMap) {
            ((StructAppender) element).beginsByItself();
        }
    }

    @Override
    List<Appender> children() {
        return children;
    }

    @Override
    List<Appender> vectorChildren() {
        return List.of(element);
    }

    private int elements() {
        return isMap ? children.get(0).count : element.count;
    }

    @Override
    void begun() {
        putOffset(0, 0);
    }

    private void putOffset(int index, int offset) {
        if (isLarge) {
            MemoryUtil.putLong(address(1) + ((long) index << 3), offset);
        } else {
            MemoryUtil.putInt(address(1) + ((long) index << 2), offset);
        }
    }

    private int offset(int index) {
        return isLarge
                ? (int) MemoryUtil.getLong(address(1) + ((long) index << 3))
                : MemoryUtil.getInt(address(1) + ((long) index << 2));
    }

    @Override
    public void begin() {
        putOffset(open() + 1, elements());
    }

    @Override
    @Nullable String incomplete() {
        return isMap && children.get(1).count != elements()
                ? elements() - sealed + " keys and " + (children.get(1).count - sealed) + " values"
                : null;
    }

    @Override
    @Nullable String stray() {
        boolean is = elements() != sealed || (isMap && children.get(1).count != sealed);
        return is ? "elements before the begin of a value" : null;
    }

    @Override
    void sealed() {
        if (isMap) {
            ((StructAppender) element).beginAll(elements());
        }
        sealed = elements();
        if (count > 0) {
            putOffset(count, sealed);
        }
    }

    @Override
    void putEmpty() {
        int i = add();
        if (isNullable) {
            markNull(i);
        }
        putOffset(i + 1, elements());
    }

    @Override
    void truncate(int values) {
        super.truncate(values);
        int rest = count == 0 ? 0 : offset(count);
        sealed = Math.min(sealed, rest);
        for (Appender child : children) {
            child.truncate(sealed);
        }
        element.truncate(sealed);
    }

    @Override
    void clear() {
        sealed = 0;
        super.clear();
    }

    @Override
    void copyValue(FieldVector source, int index) {
        long start = isLarge
                ? source.getOffsetBuffer().getLong((long) index << 3)
                : source.getOffsetBuffer().getInt((long) index << 2);
        long end = isLarge
                ? source.getOffsetBuffer().getLong((index + 1L) << 3)
                : source.getOffsetBuffer().getInt((index + 1L) << 2);
        FieldVector elements = source.getChildrenFromFields().get(0);
        if (start < 0 || end < start || end > elements.getValueCount()) {
            throw refused("a vector whose value " + index + " is at " + start + " to " + end + " of "
                    + elements.getValueCount() + " elements");
        }
        begin();
        for (long i = start; i < end; i++) {
            if (isMap) {
                ((StructAppender) element).copyChildren(elements, (int) i);
            } else {
                element.copy(elements, (int) i);
            }
        }
    }
}
