package dev.hatch.arrow;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.DenseUnionVector;
import org.apache.arrow.vector.complex.UnionVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Sparse unions, whose members are all as long, and dense ones. They have no nulls of their own: a member's value is null. */
final class UnionAppender extends NestedAppender {
    private final boolean isDense;
    private final List<Appender> members = new ArrayList<>();
    private final byte[] ids;

    /** Of the last value: its member, and how many values that has to have. */
    private int member;

    private int wanted;

    UnionAppender(Batch batch, Field field, FieldVector vector, @Nullable Appender parent, String name) {
        super(batch, field, vector, parent, name, widths(vector));
        isDense = vector instanceof DenseUnionVector;
        List<FieldVector> vectors = vector.getChildrenFromFields();
        int[] given = ((ArrowType.Union) field.getType()).getTypeIds();
        ids = new byte[vectors.size()];
        for (int i = 0; i < ids.length; i++) {
            Field child = field.getChildren().get(i);
            members.add(Appenders.of(batch, child, vectors.get(i), this, nameOfChild(child.getName())));
            ids[i] = (byte) (given == null ? i : given[i]);
        }
        takesNull = isNullable && members.stream().anyMatch(one -> one.isNullable);
    }

    private static int[] widths(FieldVector vector) {
        return vector instanceof UnionVector ? new int[] {Byte.BYTES} : new int[] {Byte.BYTES, Integer.BYTES};
    }

    @Override
    List<Appender> children() {
        return members;
    }

    @Override
    public Appender begin(int index) {
        if (index < 0 || index >= ids.length) {
            throw refused("the begin of a value of member " + index);
        }
        int i = open();
        MemoryUtil.putByte(address(0) + i, ids[index]);
        member = index;
        wanted = members.get(index).count + 1;
        if (isDense) {
            MemoryUtil.putInt(address(1) + ((long) i << 2), wanted - 1);
        } else {
            for (int k = 0; k < ids.length; k++) {
                if (k != index) {
                    members.get(k).appendEmpty();
                }
            }
        }
        return members.get(index);
    }

    @Override
    @Nullable String incomplete() {
        int had = members.get(member).count - wanted + 1;
        return had == 1 ? stray() : had + " values of a union's member";
    }

    @Override
    @Nullable String stray() {
        int sum = 0;
        for (Appender one : members) {
            if (!isDense && one.count != count) {
                return "a value of " + one.field.getName() + ", which is not the begun one";
            }
            sum += one.count;
        }
        return isDense && sum != count ? "a value of a member that was not begun" : null;
    }

    @Override
    public void appendNull() {
        requireNullable();
        for (int i = 0; i < ids.length; i++) {
            if (members.get(i).isNullable) {
                begin(i).appendNull();
                return;
            }
        }
        throw refused("null");
    }

    @Override
    void putEmpty() {
        begin(0).appendEmpty();
    }

    @Override
    void truncate(int values) {
        int before = count;
        super.truncate(values);
        for (int k = 0; k < ids.length; k++) {
            Appender one = members.get(k);
            int own = count;
            if (isDense) {
                own = 0;
                for (int i = 0; i < Math.min(before, values); i++) {
                    own += MemoryUtil.getByte(address(0) + i) == ids[k] ? 1 : 0;
                }
            }
            one.truncate(own);
        }
    }

    @Override
    void copyValue(FieldVector source, int index) {
        byte id = isDense
                ? ((DenseUnionVector) source).getTypeId(index)
                : (byte) ((UnionVector) source).getTypeValue(index);
        for (int k = 0; k < ids.length; k++) {
            if (ids[k] == id) {
                int at = isDense ? ((DenseUnionVector) source).getOffset(index) : index;
                begin(k);
                members.get(k).copy(source.getChildrenFromFields().get(k), at);
                return;
            }
        }
        throw refused("a union's value of type id " + id);
    }
}
