package dev.hatch.arrow;

import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Lists that all have as many elements. */
final class FixedListAppender extends NestedAppender {
    private final int size;
    private final Appender element;

    FixedListAppender(Batch batch, Field field, FixedSizeListVector vector, @Nullable Appender parent, String name) {
        super(batch, field, vector, parent, name, 0);
        size = vector.getListSize();
        element = Appenders.of(batch, field.getChildren().get(0), vector.getDataVector(), this, nameOfChild("element"));
    }

    @Override
    List<Appender> children() {
        return List.of(element);
    }

    @Override
    public void begin() {
        open();
    }

    @Override
    @Nullable String incomplete() {
        int before = (count - 1) * size;
        return element.count - before == size ? null : "a list of " + (element.count - before);
    }

    @Override
    @Nullable String stray() {
        return element.count == count * size ? null : "elements before the begin of a value";
    }

    @Override
    void putEmpty() {
        int i = add();
        if (isNullable) {
            markNull(i);
        }
        for (int k = 0; k < size; k++) {
            element.appendEmpty();
        }
    }

    @Override
    void truncate(int values) {
        super.truncate(values);
        element.truncate(count * size);
    }

    @Override
    void copyValue(FieldVector source, int index) {
        begin();
        FieldVector elements = source.getChildrenFromFields().get(0);
        for (int k = 0; k < size; k++) {
            element.copy(elements, index * size + k);
        }
    }
}
