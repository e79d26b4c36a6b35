package dev.hatch.arrow;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Structs; also the entries of a map, whose keys say how many there are. */
final class StructAppender extends NestedAppender {
    private final List<Appender> children = new ArrayList<>();
    private boolean beginsByItself;

    StructAppender(Batch batch, Field field, FieldVector vector, @Nullable Appender parent, String name) {
        super(batch, field, vector, parent, name, 0);
        List<FieldVector> vectors = vector.getChildrenFromFields();
        for (int i = 0; i < vectors.size(); i++) {
            Field child = field.getChildren().get(i);
            children.add(Appenders.of(batch, child, vectors.get(i), this, nameOfChild(child.getName())));
        }
    }

    @Override
    List<Appender> children() {
        return children;
    }

    /** It is a map's. */
    void beginsByItself() {
        beginsByItself = true;
    }

    void beginAll(int values) {
        while (count < values) {
            if (count >= capacity) {
                makeRoom();
            }
            count++;
        }
    }

    @Override
    public void begin() {
        open();
    }

    @Override
    @Nullable String incomplete() {
        for (Appender child : children) {
            if (child.count > count) {
                return child.count - count + 1 + " values of " + child.field.getName();
            }
            if (child.count < count && !child.takesNull) {
                return "no value of " + child.field.getName();
            }
        }
        for (Appender child : children) {
            if (child.count < count) {
                child.appendNull();
                child.seal();
            }
        }
        return null;
    }

    @Override
    @Nullable String stray() {
        if (!beginsByItself) {
            for (Appender child : children) {
                if (child.count != count) {
                    return "a value of " + child.field.getName() + " before the begin of a struct";
                }
            }
        }
        return null;
    }

    @Override
    void putEmpty() {
        int i = add();
        if (isNullable) {
            markNull(i);
        }
        for (Appender child : children) {
            child.appendEmpty();
        }
    }

    @Override
    void truncate(int values) {
        super.truncate(values);
        for (Appender child : children) {
            child.truncate(count);
        }
    }

    @Override
    void copyValue(FieldVector source, int index) {
        begin();
        copyChildren(source, index);
    }

    void copyChildren(FieldVector source, int index) {
        List<FieldVector> others = source.getChildrenFromFields();
        for (int i = 0; i < children.size(); i++) {
            children.get(i).copy(others.get(i), index);
        }
    }
}
