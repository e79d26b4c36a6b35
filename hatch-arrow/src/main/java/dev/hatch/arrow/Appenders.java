package dev.hatch.arrow;

import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.ExtensionTypeVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.VariableWidthFieldVector;
import org.apache.arrow.vector.complex.DenseUnionVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.complex.UnionVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Knows which appender fills which vector. */
final class Appenders {
    private Appenders() {}

    /** @param field as the schema has it; a vector may say otherwise of its own, of a union's ids or a list's element */
    static Appender of(Batch batch, Field field, FieldVector vector, @Nullable Appender parent, String name) {
        if (vector instanceof BitVector bits) {
            return new BooleanAppender(batch, field, bits, parent, name);
        }
        if (vector instanceof BaseFixedWidthVector fixed) {
            return fixed(batch, field, fixed, parent, name);
        }
        if (vector instanceof BaseVariableWidthVector || vector instanceof BaseLargeVariableWidthVector) {
            return new BytesAppender(batch, field, (VariableWidthFieldVector) vector, parent, name);
        }
        if (vector instanceof ListVector || vector instanceof LargeListVector) {
            return new ListAppender(batch, field, vector, parent, name);
        }
        if (vector instanceof FixedSizeListVector list) {
            return new FixedListAppender(batch, field, list, parent, name);
        }
        if (vector instanceof StructVector) {
            return new StructAppender(batch, field, vector, parent, name);
        }
        if (vector instanceof UnionVector || vector instanceof DenseUnionVector) {
            return new UnionAppender(batch, field, vector, parent, name);
        }
        if (vector instanceof NullVector) {
            return new NullAppender(batch, field, parent, name);
        }
        String what = vector instanceof ExtensionTypeVector ? "extension type " : "type ";
        throw new UnsupportedOperationException(
                name + ": the " + what + field.getType() + " cannot be built; use the type that it is stored as");
    }

    private static Appender fixed(
            Batch batch, Field field, BaseFixedWidthVector vector, @Nullable Appender parent, String name) {
        ArrowType type = field.getType();
        if (type instanceof ArrowType.FloatingPoint) {
            return vector.getTypeWidth() == Double.BYTES
                    ? new DoubleAppender(batch, field, vector, parent, name)
                    : new FloatAppender(batch, field, vector, parent, name);
        }
        boolean isBlock = type instanceof ArrowType.Decimal
                || type instanceof ArrowType.FixedSizeBinary
                || (type instanceof ArrowType.Interval && vector.getTypeWidth() >= Long.BYTES);
        if (isBlock) {
            return new BlockAppender(batch, field, vector, parent, name);
        }
        boolean isRanged =
                type instanceof ArrowType.Time || (type instanceof ArrowType.Int integer && !integer.getIsSigned());
        if (!isRanged && vector.getTypeWidth() == Long.BYTES) {
            return new LongAppender(batch, field, vector, parent, name);
        }
        if (!isRanged && vector.getTypeWidth() == Integer.BYTES) {
            return new IntAppender(batch, field, vector, parent, name);
        }
        return new RangedAppender(batch, field, vector, parent, name);
    }
}
